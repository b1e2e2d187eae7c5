/**
 * Which time it is for the rules (R45–R47). The log's newest `at` is the high-water mark: it never falls. A step
 * back of up to 2 s reads as the mark; a larger one, or a leap ahead of the monotonic clock, is a fault, and
 * while it lasts nothing that widens access may happen.
 */
export interface ClockReading {
  /** Wall clock, ms UTC. */
  readonly wall: number;
  /** Wall minus monotonic clock when it was last trusted, ms; null before the first look. */
  readonly trustedOffset: number | null;
  readonly monotonic: number;
  /** `at` of the newest entry, ms UTC. */
  readonly mark: number;
}

export interface Judged {
  /** Effective time: never below the mark. */
  readonly now: number;
  /** ms by which the clock is off, with the direction; null while it is healthy. */
  readonly fault: { readonly kind: 'behind' | 'ahead'; readonly by: number } | null;
}

/** A step back that is still read as the mark, ms. */
export const backTolerance = 2_000;
/** A leap against the monotonic clock that is still believed, ms. */
export const leapTolerance = 60_000;
/** How far the clock may stand past the newest entry at start, ms: 24 h (R47). */
export const restartTolerance = 24 * 3_600_000;

/** Judges one look at the clocks. A leap ahead leaves `now` at what the monotonic clock says. */
export function judgeClock(reading: ClockReading): Judged {
  const behind = reading.mark - reading.wall;
  if (behind > backTolerance) return { now: reading.mark, fault: { kind: 'behind', by: behind } };
  if (reading.trustedOffset !== null) {
    const expected = reading.monotonic + reading.trustedOffset;
    const leap = reading.wall - expected;
    if (leap > leapTolerance) {
      return { now: Math.max(expected, reading.mark), fault: { kind: 'ahead', by: leap } };
    }
  }
  return { now: Math.max(reading.wall, reading.mark), fault: null };
}
