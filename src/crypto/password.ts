/**
 * Password hashing (reliability section 5): Argon2id, two at once, 32 waiting, then `Busy`.
 * A password is taken exactly as sent. Never tells an unknown name from a wrong password by its work.
 */
import { randomBytes } from 'node:crypto';
import { type Argon2Cost, argon2id, STANDARD_COST } from './argon2.ts';
import { equalBytes } from './digest.ts';
import { createGate } from './gate.ts';
import { formatPasswordHash, parsePasswordHash } from './phc.ts';

/** Hashes and checks passwords; every method that does the work rejects with `Busy` when too many wait. */
export type Passwords = {
  /** A PHC string with a fresh random salt. */
  hash(password: string): Promise<string>;
  /**
   * True when the password belongs to the stored hash. Without a stored hash (null: an unknown name), or with one
   * that cannot be read, the same work is done and the answer is false.
   */
  verify(password: string, stored: string | null): Promise<boolean>;
  /** True when the hash was made at another cost than today's, or cannot be read. */
  needsRehash(stored: string): boolean;
};

/** What may run and wait at once. */
export type PasswordLimits = { readonly atOnce: number; readonly waiting: number };

const STANDARD_LIMITS: PasswordLimits = { atOnce: 2, waiting: 32 };
const SALT_SIZE = 16;

/** One per process, made by the composition root: the limits hold for everything that shares it. */
export function createPasswords(
  cost: Argon2Cost = STANDARD_COST,
  limits: PasswordLimits = STANDARD_LIMITS,
): Passwords {
  const gate = createGate(limits.atOnce, limits.waiting);
  const derive = (password: string, salt: Buffer, price: Argon2Cost) =>
    gate(() => argon2id(Buffer.from(password, 'utf8'), salt, price));
  return {
    async hash(password) {
      const salt = randomBytes(SALT_SIZE);
      return formatPasswordHash({ cost, salt, tag: await derive(password, salt, cost) });
    },
    async verify(password, stored) {
      const known = stored === null ? undefined : parsePasswordHash(stored);
      const tag = await derive(password, known?.salt ?? Buffer.alloc(SALT_SIZE), known?.cost ?? cost);
      return known !== undefined && equalBytes(tag, known.tag);
    },
    needsRehash(stored) {
      const used = parsePasswordHash(stored)?.cost;
      return used?.memory !== cost.memory || used.passes !== cost.passes || used.lanes !== cost.lanes;
    },
  };
}
