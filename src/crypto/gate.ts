/**
 * Lets a fixed number of costly tasks run at once and a bounded number wait (reliability section 5).
 * Never queues without bound: beyond the queue, callers are told at once that the service is busy.
 */

/** Thrown when as many tasks wait as may wait; the caller answers 503 with `Retry-After`. */
export class Busy extends Error {
  override readonly name = 'Busy';
  constructor() {
    super('Too many of these requests are waiting.');
  }
}

/** Runs a task when its turn comes; rejects with `Busy` without running it when the queue is full. */
export type Gate = <T>(task: () => Promise<T>) => Promise<T>;

/** A gate for `atOnce` running and `waiting` waiting tasks, first come, first served. */
export function createGate(atOnce: number, waiting: number): Gate {
  let running = 0;
  const queue: (() => void)[] = [];
  const leave = () => {
    const next = queue.shift();
    // The place is handed over, not given back, so that nobody overtakes the one who waits longest.
    if (next) next();
    else running -= 1;
  };
  return async (task) => {
    if (running < atOnce) running += 1;
    else if (queue.length < waiting) await new Promise<void>((resolve) => queue.push(resolve));
    else throw new Busy();
    try {
      return await task();
    } finally {
      leave();
    }
  };
}
