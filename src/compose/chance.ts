/** Ids and random bytes from the operating system's generator. */
import { randomBytes } from 'node:crypto';
import type { Chance } from '../acts/ports/outside.ts';

/** A UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, 74 random bits. */
function uuidv7(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const systemChance: Chance = {
  id: () => uuidv7(Date.now()),
  bytes: (size) => Uint8Array.from(randomBytes(size)),
};
