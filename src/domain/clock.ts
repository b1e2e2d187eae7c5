/**
 * Which time it is for the rules (R45–R47, custody-log L7.1). The log's newest `at` is the high-water mark: it never
 * falls, and neither does the time of a process. A step back of up to 2 s reads as the mark; a larger one, or a leap ahead
 * of the monotonic clock, is a fault. While it lasts time goes on by the monotonic clock from where it was last sound: no
 * grant outlives its end, no wrong time is written, and nothing that widens access may happen.
 */
export interface ClockReading {
  /** Wall clock, ms UTC. */
  readonly wall: number;
  /** ms, never goes back. */
  readonly monotonic: number;
  /** `at` of the newest entry, ms UTC. */
  readonly mark: number;
}

export interface ClockFault {
  readonly kind: 'behind' | 'ahead';
  /** ms by which the wall clock is off. */
  readonly by: number;
}

export interface Judged {
  /** Effective time: never below the mark, nor below what this process saw before. */
  readonly now: number;
  /** Null while the clock is healthy. */
  readonly fault: ClockFault | null;
  /** The wall clock as it stands, ms UTC: for alarms and for those who confirm it, never for a rule. */
  readonly wall: number;
}

/** What a process remembers between two looks. */
export interface ClockTrust {
  /** Effective time and monotonic clock when the wall clock was last believed. */
  readonly base: { readonly now: number; readonly monotonic: number };
  /** The highest effective time so far. */
  readonly seen: number;
  /** ms that the wall clock may stay behind the log, because two officers confirmed it so; 0 once it caught up. */
  readonly lag: number;
}

/** A step back that is still read as the mark, ms. */
export const backTolerance = 2_000;
/** A leap against the monotonic clock that is still believed, ms. */
export const leapTolerance = 60_000;
/** How far the clock may stand past the newest entry at start, ms: 24 h (R47). */
export const restartTolerance = 24 * 3_600_000;
/** For so long leaps are added up, ms: small ones, one after the other, are no way around the tolerance. */
const trustedFor = 3_600_000;

/** The first look of a process: the wall clock is believed if it stands near the log. */
export function startClock({ wall, monotonic, mark }: ClockReading, lag = 0): ClockTrust {
  const sound = mark - wall <= backTolerance && wall - mark <= restartTolerance;
  const now = sound ? Math.max(wall, mark) : mark;
  return { base: { now, monotonic }, seen: now, lag };
}

/** One look at the clocks. */
export function judgeClock(
  trust: ClockTrust,
  { wall, monotonic, mark }: ClockReading,
): { readonly judged: Judged; readonly trust: ClockTrust } {
  const floor = Math.max(trust.seen, mark);
  // Another node may have been confirmed: the log is far on, and only a clock that was believed could write so.
  const overtaken = mark - soundTime(trust.base, monotonic) > leapTolerance;
  const base = overtaken ? { now: mark, monotonic } : trust.base;
  const sound = soundTime(base, monotonic);
  const expected = Math.max(floor, sound);
  const behind = expected - wall;
  const leap = wall - sound;
  if (behind > backTolerance + trust.lag || leap > leapTolerance) {
    const fault: ClockFault = leap > 0 ? { kind: 'ahead', by: leap } : { kind: 'behind', by: behind };
    return { judged: { now: expected, fault, wall }, trust: { ...trust, base, seen: expected } };
  }
  // A wall clock that two officers let stay behind gives no time: the monotonic one does.
  const now = behind > backTolerance ? expected : Math.max(wall, floor);
  const lag = behind > 0 ? trust.lag : 0;
  const anew = monotonic - base.monotonic >= trustedFor;
  return {
    judged: { now, fault: null, wall },
    trust: { base: anew ? { now, monotonic } : base, seen: now, lag },
  };
}

/** Where time stands by the monotonic clock alone. */
const soundTime = (base: ClockTrust['base'], monotonic: number): number =>
  Math.floor(base.now + Math.max(0, monotonic - base.monotonic));

/** Two officers confirmed the wall clock as it stands (R46, R47): it is believed anew, and never below the mark. */
export function confirmClock(trust: ClockTrust, { wall, monotonic, mark }: ClockReading): ClockTrust {
  const floor = judgeClock(trust, { wall, monotonic, mark }).trust.seen;
  const now = Math.max(wall, floor, mark);
  return { base: { now, monotonic }, seen: now, lag: Math.max(0, now - wall) };
}
