/**
 * How long a name waits after wrong passwords (reliability.md 5, X45): nothing for the first four, then a delay that
 * doubles, never longer than 15 min. Nothing here ends a session or blocks another way to sign in.
 */

/** The first miss that is followed by a delay. */
export const firstDelayedMiss = 5;
const firstDelayMs = 15_000;
/** The longest delay, ms. */
export const delayMaxMs = 15 * 60_000;
/** Misses are forgotten so long after the last one, ms. */
export const missesForgottenMs = 24 * 3_600_000;

/** Delay after so many misses in a row, ms. */
export function delayAfter(misses: number): number {
  if (misses < firstDelayedMiss) return 0;
  // The exponent is bounded so that no count can overflow it.
  return Math.min(delayMaxMs, firstDelayMs * 2 ** Math.min(misses - firstDelayedMiss, 10));
}

/** Whole seconds still to wait at `now`, at least 1 while the delay runs; 0 afterwards. Half-open. */
export function waitSeconds(misses: number, lastMissAt: number, now: number): number {
  const left = lastMissAt + delayAfter(misses) - now;
  return left > 0 ? Math.ceil(left / 1000) : 0;
}

/** Misses that still count at `now`. */
export const missesAt = (misses: number, lastMissAt: number, now: number): number =>
  now - lastMissAt >= missesForgottenMs ? 0 : misses;
