/**
 * A reader of envelopes written from docs/formats/envelope.md alone, with other libraries than the product's:
 * WebCrypto for HKDF, HMAC and AES-256-GCM, libsodium for ChaCha20-Poly1305. Shares no code with `src/`.
 */
import { webcrypto } from 'node:crypto';
import sodium from 'libsodium-wrappers';

export type Derived = {
  objectKey: Buffer;
  commitment: Buffer;
  segmentKey(segment: number, salt: Uint8Array): Promise<Buffer>;
};

const u32 = (value: number) => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value);

async function hkdf(hash: string, key: Uint8Array, salt: Uint8Array, info: Uint8Array, size: number) {
  const base = await webcrypto.subtle.importKey('raw', Buffer.from(key), 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash, salt: Buffer.from(salt), info: Buffer.from(info) };
  return Buffer.from(await webcrypto.subtle.deriveBits(params, base, size * 8));
}

export async function deriveByDoc(dek: Uint8Array, header: Buffer): Promise<Derived> {
  const rest = Buffer.concat([header.subarray(0, 64), header.subarray(96, 128)]);
  const info = Buffer.concat([Buffer.from('custos/1/object'), rest]);
  const both = await hkdf('SHA-512', dek, header.subarray(32, 64), info, 64);
  const objectKey = both.subarray(0, 32);
  return {
    objectKey,
    commitment: both.subarray(32),
    segmentKey: (segment, salt) =>
      hkdf('SHA-256', objectKey, salt, Buffer.concat([Buffer.from('custos/1/segment'), u32(segment)]), 32),
  };
}

export function nonceByDoc(chunk: number, final: boolean): Buffer {
  return Buffer.concat([Buffer.alloc(7), u32(chunk), Buffer.of(final ? 1 : 0)]);
}

/** Reads a whole stored object; throws when anything is wrong. */
export async function readByDoc(
  dek: Uint8Array,
  stored: Buffer,
  size: number,
  salts: readonly Uint8Array[],
): Promise<Buffer> {
  await sodium.ready;
  const header = stored.subarray(0, 128);
  const { commitment, segmentKey } = await deriveByDoc(dek, header);
  if (!commitment.equals(header.subarray(64, 96))) throw new Error('commitment');
  const count = Math.max(1, Math.ceil(size / 262_144));
  const out: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    const [segment, chunk] = [Math.floor(i / 64), i % 64];
    const at = 128 + segment * 16_778_272 + 32 + chunk * 262_160;
    const length = Math.min(262_144, size - i * 262_144) + 16;
    const key = await segmentKey(segment, salts[segment]!);
    const nonce = nonceByDoc(chunk, i === count - 1);
    const sealed = Buffer.from(stored.subarray(at, at + length));
    if (header[5] === 1) {
      const aes = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
      out.push(Buffer.from(await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, aes, sealed)));
    } else {
      const opened = sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, null, nonce, key);
      out.push(Buffer.from(opened));
    }
  }
  return Buffer.concat(out);
}
