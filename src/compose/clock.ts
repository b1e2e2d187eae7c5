/**
 * The machine's clocks as the rules see them (R45–R47, custody-log L7.1): believed from the first look at the log on, as
 * far as wall clock, monotonic clock and log agree.
 */
import type { Clock } from '../acts/ports/outside.ts';
import { type ClockReading, type ClockTrust, confirmClock, judgeClock, startClock } from '../domain/clock.ts';

export interface ClockSources {
  /** ms UTC. */
  readonly wall: () => number;
  /** ms, never goes back. */
  readonly monotonic: () => number;
}

const machine: ClockSources = { wall: () => Date.now(), monotonic: () => performance.now() };

export function systemClock({ wall, monotonic }: ClockSources = machine): Clock {
  let trust: ClockTrust | undefined;
  let allowed = 0;
  const read = (mark: number): ClockReading => ({ wall: wall(), monotonic: monotonic(), mark });
  return {
    judge(mark) {
      const reading = read(mark);
      const looked = judgeClock(trust ?? startClock(reading, allowed), reading);
      trust = looked.trust;
      return looked.judged;
    },
    confirm(mark) {
      const reading = read(mark);
      trust = confirmClock(trust ?? startClock(reading), reading);
    },
    allow(lag) {
      allowed = lag;
      trust &&= { ...trust, lag };
    },
    monotonic,
  };
}
