/**
 * This node's right to hand out bytes (R38, P12): it has looked at the head of the log within the last 800 ms. A node that
 * is cut off from the database stops by itself. When someone else has written, every running connection is judged anew
 * before the lease is renewed. Never renews from a look that failed, and counts from the look's beginning.
 */
import { NODE_LEASE_MS, type StreamKeys, type StreamRegistry } from './streams.ts';

export interface NodeLease {
  /** True within 800 ms of the last good look; asked in the same step as each hand-over. */
  ok(): boolean;
  /** Looks once; the caller does this every 250 ms. Never rejects; false when the look failed. */
  poll(): Promise<boolean>;
  /** Resolves true when the lease holds (again), false when that took longer than `patienceMs` or after an abort. */
  regained(signal: AbortSignal): Promise<boolean>;
}

export interface NodeLeaseOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** The number that the log's next entry will have, from the primary. */
  readonly look: () => Promise<number>;
  /** True when an entry between the two numbers may have been written by another node. */
  readonly foreign: (from: number, to: number) => boolean;
  /** True while the rows still allow the connection. */
  readonly allowed: (keys: StreamKeys) => Promise<boolean>;
  readonly streams: Pick<StreamRegistry, 'running' | 'cutWhere'>;
  /** How long a stream waits without a byte before it is given up, ms. */
  readonly patienceMs: number;
}

/** Starts without a lease: nothing is handed out before the first good look. */
export function nodeLease(options: NodeLeaseOptions): NodeLease {
  const { now, look, foreign, allowed, streams, patienceMs } = options;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let seen: number | undefined;
  let running: Promise<boolean> | undefined;
  const waiting = new Set<() => void>();

  const ok = (): boolean => now() - lookedAt <= NODE_LEASE_MS;

  const judgeAll = async (): Promise<void> => {
    const keys = streams.running();
    const verdicts = await Promise.all(keys.map((each) => allowed(each)));
    const over = new Set(keys.filter((_, index) => !verdicts[index]));
    if (over.size > 0) streams.cutWhere((each) => over.has(each));
  };

  const once = async (): Promise<boolean> => {
    const startedAt = now();
    try {
      const next = await look();
      if (seen !== undefined && next < seen) return false;
      if (seen === undefined || (next > seen && foreign(seen, next))) await judgeAll();
      seen = next;
    } catch {
      return false;
    }
    lookedAt = startedAt;
    for (const wake of waiting) wake();
    return true;
  };

  return {
    ok,
    async poll() {
      running ??= once().finally(() => {
        running = undefined;
      });
      return running;
    },
    regained(signal) {
      if (ok()) return Promise.resolve(true);
      if (signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const settle = () => {
          clearTimeout(timer);
          waiting.delete(settle);
          signal.removeEventListener('abort', settle);
          resolve(ok() && !signal.aborted);
        };
        const timer = setTimeout(settle, patienceMs);
        waiting.add(settle);
        signal.addEventListener('abort', settle, { once: true });
      });
    },
  };
}
