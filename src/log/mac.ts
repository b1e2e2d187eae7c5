/**
 * The append code of a stored entry (custody-log L4.5): shows that a server process wrote the row, to whoever
 * holds the append key. The database never holds that key; outside the house the code proves nothing.
 */
import { timingSafeEqual } from 'node:crypto';
import { hmacSha256 } from '../crypto/digest.ts';
import { LogError } from './log-error.ts';

/** Append keys by their number, 0–255. */
export type AppendKeys = (keyNumber: number) => Uint8Array | undefined;

/** `keyNumber` (1 byte) ‖ HMAC-SHA256(key, u64 seq ‖ leaf): 33 bytes. Throws `LogError` for a number that is no byte. */
export function entryMac(keyNumber: number, key: Uint8Array, seq: number, leaf: Uint8Array): Buffer {
  if (!Number.isInteger(keyNumber) || keyNumber < 0 || keyNumber > 255) {
    throw new LogError('entry', 'An append key number is one byte.');
  }
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(seq));
  return Buffer.concat([Buffer.from([keyNumber]), hmacSha256(key, number, leaf)]);
}

/** Whether `mac` is the append code of (`seq`, `leaf`) under the key that it names; an unknown key is no. */
export function verifyEntryMac(mac: Uint8Array, keys: AppendKeys, seq: number, leaf: Uint8Array): boolean {
  const [keyNumber] = mac;
  if (keyNumber === undefined || mac.length !== 33) return false;
  const key = keys(keyNumber);
  return key !== undefined && timingSafeEqual(mac, entryMac(keyNumber, key, seq, leaf));
}
