/**
 * SHA-256 and HMAC-SHA-256 over parts, and comparison in constant time (L3.1, L2.5, K2.1).
 * Pure: never truncates a digest, never adds a separator between parts.
 */
import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';

/** What can be hashed: bytes, or a string taken as UTF-8. */
export type Part = Uint8Array | string;

// Up to here, joining the parts and hashing in one call beats a streaming hash object.
const ONE_SHOT_LIMIT = 16_384;

/** SHA-256 of the parts one after another, 32 bytes (FIPS 180-4). */
export function sha256(...parts: Part[]): Buffer {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return hash('sha256', only, 'buffer');
  const bytes = parts.map(toBytes);
  const total = bytes.reduce((sum, part) => sum + part.length, 0);
  if (total <= ONE_SHOT_LIMIT) return hash('sha256', Buffer.concat(bytes, total), 'buffer');
  const stream = createHash('sha256');
  for (const part of bytes) stream.update(part);
  return stream.digest();
}

/** `sha256` as 64 lower-case hex digits. */
export function sha256Hex(...parts: Part[]): string {
  return sha256(...parts).toString('hex');
}

/** HMAC-SHA-256 of the parts one after another, 32 bytes (RFC 2104). */
export function hmacSha256(key: Uint8Array, ...parts: Part[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** True when both hold the same bytes; takes the same time wherever they differ. Lengths are not secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function toBytes(part: Part): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
}
