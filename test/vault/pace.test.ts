/** R39 and portal 4: how far a stream may run ahead, with a clock that the test turns. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pace } from '../../src/vault/pace.ts';

const RATE = 625_000; // 5 Mb/s
const paced = (aheadMs = 10_000) => {
  const clock = { now: 0 };
  const pacer = pace({ averageBytesPerSecond: RATE, aheadMs, burstMs: 8_000, now: () => clock.now });
  return { clock, pacer };
};

test('R39: a request gets 8 s of media at once, then one second for each second', () => {
  const { clock, pacer } = paced();
  expect(pacer.allowed()).toBe(0);
  pacer.seek();
  expect(pacer.allowed()).toBe(8 * RATE);
  pacer.spend(8 * RATE);
  expect(pacer.allowed()).toBe(0);
  clock.now += 1_000;
  expect(pacer.allowed()).toBe(RATE);
  expect(pacer.waitFor(2 * RATE)).toBe(1_000);
});

test('R39: nothing flows while paused; at double speed twice as much', () => {
  const { clock, pacer } = paced();
  pacer.seek();
  pacer.spend(8 * RATE);
  pacer.speed(0);
  clock.now += 60_000;
  expect(pacer.allowed()).toBe(0);
  expect(pacer.waitFor(1)).toBe(Number.POSITIVE_INFINITY);
  pacer.speed(2);
  clock.now += 1_000;
  expect(pacer.allowed()).toBe(2 * RATE);
});

test('R39: at most four bursts in any 10 s', () => {
  const { clock, pacer } = paced();
  let got = 0;
  for (let seek = 0; seek < 10; seek += 1) {
    pacer.seek();
    got += pacer.allowed();
    pacer.spend(pacer.allowed());
  }
  expect(got).toBe(4 * 8 * RATE);
  clock.now += 10_000;
  pacer.seek();
  expect(pacer.allowed()).toBe(8 * RATE);
});

test('R39: whatever is asked for and whenever, a stream never runs more than the burst ahead of playing', () => {
  const step = fc.record({
    wait: fc.nat(3_000),
    want: fc.nat(20 * RATE),
    speed: fc.constantFrom(0, 0.5, 1, 2, 4),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, pacer } = paced();
      pacer.seek();
      let sent = 0;
      let playable = 0;
      let times = 1;
      for (const { wait, want, speed } of steps) {
        clock.now += wait;
        playable += (wait / 1000) * RATE * times;
        const size = Math.min(want, pacer.allowed());
        pacer.spend(size);
        sent += size;
        expect(sent).toBeLessThanOrEqual(playable + 8 * RATE + 1);
        pacer.speed(speed);
        times = speed;
      }
    }),
  );
});

test('R39: a burst is never longer than the stream may run ahead', () => {
  const { pacer } = paced(3_000);
  pacer.seek();
  expect(pacer.allowed()).toBe(3 * RATE);
});

test.each([0, -1, Number.NaN])(
  'a rate of %d is refused, so that no stream runs unpaced or stands still by mistake',
  (rate) => {
    const options = { averageBytesPerSecond: rate, aheadMs: 10_000, burstMs: 8_000, now: () => 0 };
    expect(() => pace(options)).toThrow(RangeError);
  },
);

test('pacing is off when a stream may run ahead without end', () => {
  const { pacer } = paced(Number.POSITIVE_INFINITY);
  expect(pacer.allowed()).toBe(Number.POSITIVE_INFINITY);
  expect(pacer.waitFor(1e12)).toBe(0);
});

test('waiting ends at once when the player goes on, seeks, or leaves', async () => {
  const never = new AbortController();
  for (const wake of ['seek', 'speed', 'abort'] as const) {
    const { clock, pacer } = paced();
    pacer.seek();
    pacer.spend(8 * RATE);
    pacer.speed(0);
    const gone = new AbortController();
    const waiting = pacer.admit(1_000_000, wake === 'abort' ? gone.signal : never.signal);
    if (wake === 'seek') pacer.seek();
    if (wake === 'speed') {
      pacer.speed(1);
      clock.now += 500;
      pacer.speed(1);
    }
    if (wake === 'abort') gone.abort();
    expect(await waiting).toBe({ seek: 1_000_000, speed: RATE / 2, abort: 0 }[wake]);
  }
});
