/**
 * The text form of an Argon2id hash: `$argon2id$v=19$m=65536,t=3,p=1$salt$hash` (PHC string format).
 * Strict in both directions: one spelling for each hash, and costs beyond a bound are refused, because a
 * stored row must not be able to order any amount of memory.
 */
import type { Argon2Cost } from './argon2.ts';

/** A parsed password hash. */
export type PasswordHash = { readonly cost: Argon2Cost; readonly salt: Buffer; readonly tag: Buffer };

const SHAPE =
  /^\$argon2id\$v=19\$m=([1-9][0-9]{0,6}),t=([1-9][0-9]?),p=([1-9])\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;
const MAX_MEMORY = 1_048_576;

/** Writes a hash with a salt of 16 bytes and a tag of 32 bytes. */
export function formatPasswordHash({ cost, salt, tag }: PasswordHash): string {
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Reads a hash, or undefined for any other text: another algorithm, spelling, size or a cost over 1 GiB. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, memory, passes, lanes, salt = '', tag = ''] = SHAPE.exec(text) ?? [];
  const parsed = {
    cost: { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  // The re-encoding catches spare bits, and a text that did not match at all.
  return parsed.cost.memory <= MAX_MEMORY && formatPasswordHash(parsed) === text ? parsed : undefined;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
