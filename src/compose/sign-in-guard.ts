/**
 * The guard of sign-in, as the store keeps it: under an HMAC of the name (reliability.md 5), because what is typed into
 * the name field may be a password (P18). Counts the misses for the one fact a minute that the log gets (custody-log L4.3).
 */
import { createHmac } from 'node:crypto';
import type { SignInGuard } from '../acts/ports/outside.ts';

export interface CountedGuard extends SignInGuard {
  /** Misses since the last call. */
  taken(): number;
}

/** `key`: 32 bytes, held by the process and not by the database. */
export function countedGuard(kept: SignInGuard, key: Uint8Array): CountedGuard {
  const hidden = (name: string): string => createHmac('sha256', key).update(name).digest('hex');
  let misses = 0;
  return {
    blockedFor: (name, now) => kept.blockedFor(hidden(name), now),
    async missed(name, now) {
      misses += 1;
      await kept.missed(hidden(name), now);
    },
    cleared: (name) => kept.cleared(hidden(name)),
    taken() {
      const count = misses;
      misses = 0;
      return count;
    },
  };
}
