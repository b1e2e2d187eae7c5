/** Rates (reliability.md 4): nobody can take what all need, and whoever waits may go on. */
import { describe, expect, test } from 'vitest';
import { newRates } from '../../src/api/rates.ts';

const turnable = () => {
  let at = 0;
  return { now: () => at, turn: (ms: number) => (at += ms) };
};

describe('rates', () => {
  test('thirty sign-ins of one address pass at once, the next waits, and half a second a call comes back', () => {
    const clock = turnable();
    const rates = newRates(1, clock.now);
    const first = Array.from({ length: 30 }, () => rates.take('signIn', '10.0.0.1'));
    expect(first).toEqual(first.map(() => 0));
    expect(rates.take('signIn', '10.0.0.1')).toBe(2);
    expect(rates.take('signIn', '10.0.0.2')).toBe(0);
    clock.turn(2_000);
    expect(rates.take('signIn', '10.0.0.1')).toBe(0);
    expect(rates.take('signIn', '10.0.0.1')).toBeGreaterThan(0);
  });

  test('asking while refused does not lengthen the wait', () => {
    const clock = turnable();
    const rates = newRates(1, clock.now);
    for (let call = 0; call < 5; call += 1) rates.take('stepUp', 's');
    const wait = rates.take('stepUp', 's');
    for (let call = 0; call < 100; call += 1) rates.take('stepUp', 's');
    expect(rates.take('stepUp', 's')).toBe(wait);
    clock.turn(wait * 1_000);
    expect(rates.take('stepUp', 's')).toBe(0);
  });

  test('the scale of the configuration multiplies what may be asked at once', () => {
    const rates = newRates(3, turnable().now);
    const taken = Array.from({ length: 20 }, () => rates.take('stepUp', 's')).filter((wait) => wait === 0);
    expect(taken.length).toBe(15);
  });

  test('any number of callers fits into bounded memory: the longest unused is forgotten first', () => {
    const rates = newRates(1, turnable().now);
    for (let call = 0; call < 5; call += 1) rates.take('stepUp', 'first');
    expect(rates.take('stepUp', 'first')).toBeGreaterThan(0);
    for (let other = 0; other < 50_001; other += 1) rates.take('request', `s${other}`);
    expect(rates.take('stepUp', 'first')).toBe(0);
  });
});
