/**
 * The machine's clocks as the rules see them (R45–R47, custody-log L7.1). The wall clock is trusted as it stood when the
 * process began; from then on a leap against the monotonic clock is a fault, and so is a wall clock behind the log.
 */
import type { Clock } from '../acts/ports/outside.ts';
import { judgeClock } from '../domain/clock.ts';

export interface ClockSources {
  /** ms UTC. */
  readonly wall: () => number;
  /** ms, never goes back. */
  readonly monotonic: () => number;
}

const machine: ClockSources = { wall: () => Date.now(), monotonic: () => performance.now() };

export function systemClock({ wall, monotonic }: ClockSources = machine): Clock {
  const trustedOffset = wall() - monotonic();
  return {
    judge: (mark) => judgeClock({ wall: wall(), monotonic: monotonic(), trustedOffset, mark }),
    monotonic,
  };
}
