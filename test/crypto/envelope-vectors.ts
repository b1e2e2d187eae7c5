/**
 * The published vectors of docs/formats/envelope.md, computed from the page's own words with WebCrypto, Node's
 * ciphers and libsodium, and with fixed values wherever the product draws random ones. Shares no code with `src/`.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import sodium from 'libsodium-wrappers';
import { deriveByDoc, nonceByDoc } from './envelope-reader.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
/** 0, 1, 2 … from a start, so that every input can be written in a line. */
export const run = (start: number, size: number) =>
  Buffer.from(Array.from({ length: size }, (_, i) => (start + i) & 255));
/** The content of a vector: byte i is i mod 251. */
export const content = (size: number) =>
  Buffer.alloc(size, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
const u32 = (value: number) => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value);

type Case = { name: string; suite: 1 | 2; size: number; keyIndex: number; keyVersion: number };

const cases: Case[] = [
  { name: 'five bytes, suite 1', suite: 1, size: 5, keyIndex: 7, keyVersion: 1 },
  { name: 'empty, suite 2', suite: 2, size: 0, keyIndex: 0, keyVersion: 1 },
  { name: 'two chunks, suite 2', suite: 2, size: 262_145, keyIndex: 4_294_967_295, keyVersion: 2 },
  { name: 'two segments, suite 1', suite: 1, size: 16_777_217, keyIndex: 1, keyVersion: 1 },
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

async function objectVector({ name, suite, size, keyIndex, keyVersion }: Case) {
  const dek = run(0x00, 32);
  const objectId = run(0xa0, 16);
  const headerSalt = run(0x40, 32);
  const start = Buffer.concat([
    Buffer.from('CUST'),
    Buffer.of(1, suite, 18, 6),
    objectId,
    u32(keyIndex),
    u32(keyVersion),
    headerSalt,
  ]);
  const bare = Buffer.concat([start, Buffer.alloc(64)]);
  const { objectKey, commitment, segmentKey } = await deriveByDoc(dek, bare);
  const header = Buffer.concat([start, commitment, Buffer.alloc(32)]);
  const plaintext = content(size);
  const count = Math.max(1, Math.ceil(size / 262_144));
  const segments: { salt: string; key: string }[] = [];
  const stored: Buffer[] = [header];
  let last = { nonce: '', sealed: '' };
  for (let i = 0; i < count; i += 1) {
    const [segment, chunk] = [Math.floor(i / 64), i % 64];
    const salt = run(0xc0 + segment * 16, 16);
    const key = await segmentKey(segment, salt);
    if (chunk === 0) {
      segments.push({ salt: hex(salt), key: hex(key) });
      stored.push(salt, Buffer.alloc(16));
    }
    const nonce = nonceByDoc(chunk, i === count - 1);
    const cipher =
      suite === 1
        ? createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
        : createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
    const body = cipher.update(plaintext.subarray(i * 262_144, (i + 1) * 262_144));
    cipher.final();
    const sealed = Buffer.concat([body, cipher.getAuthTag()]);
    stored.push(sealed);
    last = { nonce: hex(nonce), sealed: sealed.length > 64 ? '' : hex(sealed) };
  }
  const whole = Buffer.concat(stored);
  return {
    name,
    dek: hex(dek),
    suite,
    size,
    objectId: hex(objectId),
    keyIndex,
    keyVersion,
    headerSalt: hex(headerSalt),
    objectKey: hex(objectKey),
    commitment: hex(commitment),
    header: hex(header),
    headerHash: hex(sha256(header)),
    segments,
    lastChunk: last,
    plaintextSha256: hex(sha256(plaintext)),
    storedSize: whole.length,
    storedSha256: hex(sha256(whole)),
  };
}

/** HKDF-SHA-256 without salt, one block: what RFC 5869 comes to for 32 bytes. */
export function itemKeyByDoc(dek: Uint8Array, label: string): Buffer {
  const prk = createHmac('sha256', Buffer.alloc(32)).update(dek).digest();
  return createHmac('sha256', prk).update(label).update(Buffer.of(1)).digest();
}

function sealByDoc(key: Uint8Array, nonce: Uint8Array, bound: Uint8Array, plaintext: Uint8Array): Buffer {
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, bound, null, nonce, key);
  return Buffer.concat([nonce, sealed]);
}

function smallVectors() {
  const dek = run(0x00, 32);
  const nonce = run(0x10, 24);
  const objectId = hex(run(0xa0, 16));
  const keys = ['manifest', 'title', 'text-index', 'tail', 'derivative:web'].map((purpose) => ({
    purpose,
    key: hex(itemKeyByDoc(dek, `custos/1/${purpose}`)),
  }));
  const wrapBound = `{"collection":"people","index":7,"item":"item-1","object":"${objectId}","role":"content","version":1}`;
  const manifest =
    `{"format":"custos-manifest/1","headerHash":"${'11'.repeat(32)}","mediaType":"video/mp4","objectId":"${objectId}",` +
    `"partEtags":[],"segmentSalts":["${hex(run(0xc0, 16))}"],"sha256":"${'22'.repeat(32)}","size":5,"version":1}`;
  const manifestBound = `{"object":"${objectId}","role":"manifest","version":1}`;
  const tailBound = Buffer.concat([
    Buffer.from('custos/1/tail'),
    run(0xa0, 16),
    u32(3),
    u32(0),
    Buffer.of(1),
  ]);
  const fieldBound = '{"field":"title","subject":"item:1"}';
  const kek = run(0x80, 32);
  return {
    itemKeys: { dek: hex(dek), keys },
    wrappedKey: {
      kek: hex(kek),
      key: hex(dek),
      nonce: hex(nonce),
      bound: wrapBound,
      wrapped: hex(sealByDoc(kek, nonce, Buffer.from(wrapBound), dek)),
    },
    sealedField: {
      key: hex(kek),
      text: '标题',
      nonce: hex(nonce),
      bound: fieldBound,
      sealed: hex(sealByDoc(kek, nonce, Buffer.from(fieldBound), Buffer.from('标题'))),
    },
    sealedManifest: {
      dek: hex(dek),
      text: manifest,
      nonce: hex(nonce),
      bound: manifestBound,
      sealed: hex(
        sealByDoc(
          itemKeyByDoc(dek, 'custos/1/manifest'),
          nonce,
          Buffer.from(manifestBound),
          Buffer.from(manifest),
        ),
      ),
    },
    tailRecord: {
      dek: hex(dek),
      objectId,
      segment: 3,
      chunk: 0,
      last: true,
      plaintext: hex(run(0, 5)),
      nonce: hex(nonce),
      bound: hex(tailBound),
      record: hex(sealByDoc(itemKeyByDoc(dek, 'custos/1/tail'), nonce, tailBound, run(0, 5))),
    },
  };
}

/** All vectors of the page. */
export async function envelopeVectors() {
  await sodium.ready;
  return { objects: await Promise.all(cases.map(objectVector)), ...smallVectors() };
}
