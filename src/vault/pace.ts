/**
 * How far a stream may run ahead of playing (R39, portal 4): a burst at the start and after a seek, then one second of
 * media for each second that is played. Pure but for the clock that is given to it; `admit` alone waits.
 * Never lets more than `aheadMs` of media go beyond what can have been played.
 */
import type { Pacing } from '../acts/ports/content.ts';

export interface PaceOptions {
  /** Size of the whole divided by its length. */
  readonly averageBytesPerSecond: number;
  /** The furthest a stream may run ahead, ms of media; Infinity switches pacing off. */
  readonly aheadMs: number;
  /** What may go at once after a start or a seek, ms of media; not more than `aheadMs`. */
  readonly burstMs: number;
  /** Monotonic, ms. */
  readonly now: () => number;
}

export interface Pacer extends Pacing {
  /** Bytes that may go now. */
  allowed(): number;
  /** Counts bytes that went. */
  spend(bytes: number): void;
  /** ms until `bytes` may go; Infinity while paused. */
  waitFor(bytes: number): number;
  /** Waits until a useful share of `bytes` may go, counts it, and answers how many; 0 after an abort. */
  admit(bytes: number, signal: AbortSignal): Promise<number>;
}

/** Bursts in any {@link SEEK_WINDOW_MS} ms. */
const SEEKS = 4;
const SEEK_WINDOW_MS = 10_000;
/** What is worth a hand-over of its own, ms of media. */
const STEP_MS = 250;

/** A pacer for one viewing: all its requests share it. Throws a RangeError for a rate that is not above zero. */
export function pace(options: PaceOptions): Pacer {
  const { averageBytesPerSecond, aheadMs, burstMs, now } = options;
  if (!(averageBytesPerSecond > 0)) throw new RangeError('A pace needs a rate.');
  const off = aheadMs === Number.POSITIVE_INFINITY;
  const perMs = averageBytesPerSecond / 1000;
  const burst = Math.min(burstMs, aheadMs) * perMs;
  let tokens = 0;
  let times = 1;
  let last = now();
  let seeks: number[] = [];
  const waiting = new Set<() => void>();

  const refill = (): void => {
    const at = now();
    tokens = Math.min(burst, tokens + (at - last) * perMs * times);
    last = at;
  };
  const wake = (): void => {
    for (const retry of waiting) retry();
  };

  const pacer: Pacer = {
    seek() {
      refill();
      seeks = seeks.filter((at) => last - at < SEEK_WINDOW_MS);
      if (seeks.length >= SEEKS) return;
      seeks.push(last);
      tokens = burst;
      wake();
    },
    speed(value) {
      refill();
      times = value;
      wake();
    },
    allowed() {
      if (off) return Number.POSITIVE_INFINITY;
      refill();
      return Math.max(0, Math.floor(tokens));
    },
    spend(bytes) {
      refill();
      tokens -= bytes;
    },
    waitFor(bytes) {
      const missing = off ? 0 : Math.min(bytes, burst) - pacer.allowed();
      if (missing <= 0) return 0;
      return times > 0 ? Math.ceil(missing / (perMs * times)) : Number.POSITIVE_INFINITY;
    },
    async admit(bytes, signal) {
      const step = Math.max(1, Math.min(bytes, Math.floor(STEP_MS * perMs)));
      for (let wait = pacer.waitFor(step); wait > 0; wait = pacer.waitFor(step)) {
        if (signal.aborted) return 0;
        await pause(wait, signal, waiting);
      }
      if (signal.aborted) return 0;
      const size = Math.min(bytes, Math.max(1, pacer.allowed()));
      pacer.spend(size);
      return size;
    },
  };
  return pacer;
}

/** Ends after `ms`, at an abort, or when the pace changes. */
function pause(ms: number, signal: AbortSignal, waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      waiting.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = Number.isFinite(ms) ? setTimeout(done, ms) : undefined;
    waiting.add(done);
    signal.addEventListener('abort', done, { once: true });
  });
}
