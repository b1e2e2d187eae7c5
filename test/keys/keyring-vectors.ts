/**
 * The published vectors of docs/formats/keyring.md, computed from the page's own words with Node's HMAC and
 * libsodium, and with fixed values wherever the product draws random ones. Shares no code with `src/`.
 */
import { createHash, createHmac } from 'node:crypto';
import sodium from 'libsodium-wrappers';

const run = (start: number, size: number) =>
  Buffer.from(Array.from({ length: size }, (_, i) => (start + i) & 255));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const hmac = (key: Uint8Array, message: Uint8Array) => createHmac('sha256', key).update(message).digest();
const u32 = (value: number) => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value);
const u64 = (value: number) => Buffer.concat([u32(0), u32(value)]);

/** The node at `depth` whose path from the root is the first `depth` bits of `bits`. */
function node(root: Buffer, bits: string): Buffer {
  return [...bits].reduce((key, bit) => hmac(key, Buffer.of(Number(bit))), root);
}
const bitsOf = (index: number) => index.toString(2).padStart(32, '0');

/** The state after one puncture: every sibling on the way down, from left to right. */
function punctured(root: Buffer, index: number): Buffer {
  const bits = bitsOf(index);
  const siblings = Array.from(
    { length: 32 },
    (_, i) => bits.slice(0, i) + (bits[i] === '0' ? '1' : '0'),
  ).sort((a, b) => (a.padEnd(32, '0') < b.padEnd(32, '0') ? -1 : 1));
  const records = siblings.map((path) =>
    Buffer.concat([Buffer.of(path.length), u32(Number.parseInt(path, 2)), node(root, path)]),
  );
  return Buffer.concat([u32(records.length), ...records]);
}

/** HKDF-SHA-256 without salt, one block. */
function rootKey(rk: Buffer, purpose: string): Buffer {
  const prk = hmac(Buffer.alloc(32), rk);
  return hmac(prk, Buffer.concat([Buffer.from(`custos/1/root/${purpose}`), Buffer.of(1)]));
}

function file(key: Buffer, nonce: Buffer, body: Buffer): Buffer {
  const plain = Buffer.concat([body, createHash('sha256').update(body).digest()]);
  const bound = '{"collection":"people","format":"custos-keyring/1"}';
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound, null, nonce, key);
  return Buffer.concat([Buffer.from('CUKR'), Buffer.of(1, 0, 0, 0), nonce, sealed]);
}

/** All vectors of the page. */
export async function keyringVectors() {
  await sodium.ready;
  const rk = run(0x20, 32);
  const root = run(0x60, 32);
  const key = rootKey(rk, 'keyring:people');
  const state = punctured(root, 5);
  const body = Buffer.concat([run(0x01, 16), u64(9), u64(1024), state]);
  return {
    rootKeys: {
      rk: hex(rk),
      'log-signing': hex(rootKey(rk, 'log-signing')),
      'keyring:people': hex(key),
      fingerprint: hex(rootKey(rk, 'fingerprint')),
    },
    leaves: {
      root: hex(root),
      ...Object.fromEntries([0, 1, 5, 4_294_967_295].map((index) => [index, hex(node(root, bitsOf(index)))])),
    },
    file: {
      key: hex(key),
      nonce: hex(run(0x10, 24)),
      id: hex(run(0x01, 16)),
      sequence: 9,
      next: 1024,
      punctured: [5],
      stateSha256: hex(createHash('sha256').update(state).digest()),
      firstRecord: hex(state.subarray(4, 41)),
      size: file(key, run(0x10, 24), body).length,
      sha256: hex(
        createHash('sha256')
          .update(file(key, run(0x10, 24), body))
          .digest(),
      ),
      bytes: file(key, run(0x10, 24), body).toString('base64'),
    },
  };
}
