/** Timers that a test turns, and an ear for what jobs tell. */
import { type Job, type JobWatch, runJobs, type Timers } from '../../src/jobs/runner.ts';

export class TurnedTimers implements Timers {
  readonly #due: { at: number; work: () => void }[] = [];
  #now = 0;

  after(ms: number, work: () => void): () => void {
    const timer = { at: this.#now + ms, work };
    this.#due.push(timer);
    return () => {
      const at = this.#due.indexOf(timer);
      if (at >= 0) this.#due.splice(at, 1);
    };
  }

  get waiting(): number {
    return this.#due.length;
  }

  /** Time passes; what is due is called, once. */
  turn(ms: number): void {
    this.#now += ms;
    for (const timer of this.#due.filter(({ at }) => at <= this.#now)) {
      this.#due.splice(this.#due.indexOf(timer), 1);
      timer.work();
    }
  }
}

export class Watch implements JobWatch {
  readonly turns: [string, number][] = [];
  readonly failures: [string, unknown][] = [];

  done(job: string, count: number): void {
    this.turns.push([job, count]);
  }

  failed(job: string, error: unknown): void {
    this.failures.push([job, error]);
  }
}

/** Runs one job once; an error of it is thrown. */
export async function once(job: Job): Promise<number> {
  const watch = new Watch();
  const running = runJobs([job], new TurnedTimers(), watch);
  await running.turn(job.name);
  await running.stop();
  if (watch.failures[0]) throw watch.failures[0][1];
  return watch.turns[0]?.[1] ?? 0;
}
