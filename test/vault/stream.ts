/** A long stream that need not be kept: AES-CTR over zeros, so that any part of it can be made again. */
import { createCipheriv, createHash } from 'node:crypto';

const KEY = Buffer.alloc(16, 7);
const ZEROS = Buffer.alloc(65_536);

/** Bytes `from` to `to` (not included). */
export function* pseudoRandom(from: number, to: number): Generator<Buffer> {
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(Math.floor(from / 16)), 8);
  const cipher = createCipheriv('aes-128-ctr', KEY, counter);
  cipher.update(Buffer.alloc(from % 16));
  for (let at = from; at < to; at += ZEROS.length)
    yield cipher.update(ZEROS.subarray(0, Math.min(ZEROS.length, to - at)));
}

export function pseudoRandomSha256(size: number): string {
  const hash = createHash('sha256');
  for (const piece of pseudoRandom(0, size)) hash.update(piece);
  return hash.digest('hex');
}

/** True when the bytes are those of the stream from `from` on. */
export async function isPseudoRandom(
  from: number,
  size: number,
  bytes: AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const expected = createHash('sha256');
  for (const piece of pseudoRandom(from, from + size)) expected.update(piece);
  const found = createHash('sha256');
  for await (const piece of bytes) found.update(piece);
  return found.digest('hex') === expected.digest('hex');
}
