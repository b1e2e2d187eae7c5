import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  delayAfter,
  delayMaxMs,
  firstDelayedMiss,
  missesAt,
  missesForgottenMs,
  waitSeconds,
} from '../../src/domain/lockout.ts';

describe('lockout', () => {
  it('X45: four misses cost nothing; from the fifth the delay doubles, and it never passes 15 minutes', () => {
    expect([1, 2, 3, 4].map(delayAfter)).toEqual([0, 0, 0, 0]);
    expect([5, 6, 7, 8, 9, 10, 11].map(delayAfter)).toEqual(
      [15, 30, 60, 120, 240, 480, 900].map((seconds) => seconds * 1000),
    );
    expect(delayAfter(1_000_000)).toBe(15 * 60_000);
  });

  it('X45: more misses never shorten the delay', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (misses, more) => {
        expect(delayAfter(misses + more)).toBeGreaterThanOrEqual(delayAfter(misses));
        expect(delayAfter(misses)).toBeLessThanOrEqual(delayMaxMs);
      }),
    );
  });

  it('R43: the wait is over at its end, and is at least a second before', () => {
    const end = 1_000 + delayAfter(firstDelayedMiss);
    expect(waitSeconds(firstDelayedMiss, 1_000, 1_000)).toBe(15);
    expect(waitSeconds(firstDelayedMiss, 1_000, end - 1)).toBe(1);
    expect(waitSeconds(firstDelayedMiss, 1_000, end)).toBe(0);
    expect(waitSeconds(firstDelayedMiss - 1, 1_000, 1_000)).toBe(0);
  });

  it('X45: a day without a miss starts the count anew', () => {
    expect(missesAt(7, 1_000, 1_000 + missesForgottenMs - 1)).toBe(7);
    expect(missesAt(7, 1_000, 1_000 + missesForgottenMs)).toBe(0);
  });
});
