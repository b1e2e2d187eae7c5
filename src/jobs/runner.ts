/**
 * One runner for all jobs: each turns by itself, never over itself, and an error stops only that turn (reliability.md 6).
 * Timers come in from outside, so that a test turns them.
 */

export interface Job {
  readonly name: string;
  /** From the end of one turn to the beginning of the next, ms. */
  readonly everyMs: number;
  /** A bounded piece of work; answers how much was done. `stopping` tells that the service ends. */
  run(stopping: AbortSignal): Promise<number>;
}

export interface Timers {
  /** Calls `work` once after `ms`; the answer takes it back. */
  after(ms: number, work: () => void): () => void;
}

/** Whoever watches: metrics and the application log. */
export interface JobWatch {
  done(job: string, count: number): void;
  failed(job: string, error: unknown): void;
}

export interface RunningJobs {
  /** Runs one job now, unless it is running: then waits for that turn. Resolves when the turn is over. */
  turn(name: string): Promise<void>;
  /** No turn begins any more; resolves when the last one is over. */
  stop(): Promise<void>;
}

/** Starts all jobs; the first turn of each comes one interval from now. */
export function runJobs(jobs: readonly Job[], timers: Timers, watch: JobWatch): RunningJobs {
  const over = new AbortController();
  const turns = new Map<string, Promise<void>>();
  const waiting = new Map<string, () => void>();

  const once = async (job: Job): Promise<void> => {
    try {
      watch.done(job.name, await job.run(over.signal));
    } catch (error) {
      watch.failed(job.name, error);
    }
  };

  const turn = (job: Job): Promise<void> => {
    const running = turns.get(job.name);
    if (running) return running;
    waiting.get(job.name)?.();
    const made = once(job).finally(() => {
      turns.delete(job.name);
      schedule(job);
    });
    turns.set(job.name, made);
    return made;
  };

  const schedule = (job: Job): void => {
    if (over.signal.aborted) return;
    waiting.set(
      job.name,
      timers.after(job.everyMs, () => void turn(job)),
    );
  };

  for (const job of jobs) schedule(job);
  return {
    async turn(name) {
      const job = jobs.find((one) => one.name === name);
      if (!job) throw new RangeError(`There is no job ${name}.`);
      await turn(job);
    },
    async stop() {
      over.abort();
      for (const cancel of waiting.values()) cancel();
      await Promise.all(turns.values());
    },
  };
}
