/**
 * The main thread's end of the log's worker: starts it, asks it, and starts another when the database failed. While
 * there is none, every call rejects with `LogUnavailable` at once (custody-log L4.6).
 */
import type { Worker } from 'node:worker_threads';
import { type Head, LogRefused, LogUnavailable, type SealedHead } from '../acts/ports/ledger.ts';
import { StoreRefused, WriteFault } from './connection.ts';
import { startThread } from './thread.ts';
import type { Answers, Ask, Told, WorkerStart } from './worker-protocol.ts';

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How the log stands, for health pages and for whoever must end the service. */
export type LogState =
  | { readonly log: 'writing' }
  | { readonly log: 'down'; readonly why: string }
  | { readonly log: 'refused'; readonly code: LogRefused['code']; readonly why: string }
  | { readonly log: 'closed' };

const shortestWaitMs = 50;
const longestWaitMs = 2_000;
const longestCloseMs = 10_000;
// Built to JavaScript, the file beside this one has another ending.
const file = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export class LogWorker {
  readonly #start: WorkerStart;
  readonly #changed: (state: LogState) => void;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #state: LogState = { log: 'down', why: 'The log is being opened.' };
  #head: Head = { next: 0, at: 0 };
  #sealed: SealedHead = { size: 0, note: '' };
  #asked = 0;
  #waitMs = shortestWaitMs;
  #retry: NodeJS.Timeout | undefined;

  private constructor(start: WorkerStart, changed: (state: LogState) => void) {
    this.#start = start;
    this.#changed = changed;
  }

  /** Rejects with `LogRefused` or `StoreRefused` when it may not start, `LogUnavailable` when it cannot. */
  static async open(start: WorkerStart, changed: (state: LogState) => void): Promise<LogWorker> {
    const worker = new LogWorker(start, changed);
    await worker.#begin();
    return worker;
  }

  get state(): LogState {
    return this.#state;
  }

  get head(): Head {
    return this.#head;
  }

  get sealed(): SealedHead {
    return this.#sealed;
  }

  /** One question; answers come in the order of the questions. */
  async ask<A extends Ask>(ask: A): Promise<Answers[A['ask']]> {
    const worker = this.#worker;
    if (this.#state.log !== 'writing' || !worker) throw this.#unavailable();
    this.#asked += 1;
    const id = this.#asked;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    worker.postMessage({ id, ask });
    return (await answer) as Answers[A['ask']];
  }

  /** Resolves when the thread has ended by itself, its database closed: one is never cut off within a statement. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    // A thread that fails before it answers has closed as well.
    if (this.#state.log === 'writing') await this.ask({ ask: 'close' }).catch(() => undefined);
    clearTimeout(this.#retry);
    this.#set({ log: 'closed' });
    this.#worker?.postMessage({ id: 0, ask: { ask: 'close' } });
    // A database that does not answer keeps nobody from ending.
    const late = setTimeout(() => void this.#worker?.terminate(), longestCloseMs);
    await this.#ended;
    clearTimeout(late);
  }

  #unavailable(): LogUnavailable {
    return new LogUnavailable('why' in this.#state ? this.#state.why : 'The log is closed.');
  }

  #set(state: LogState): void {
    if (this.#state.log === 'closed') return;
    this.#state = state;
    this.#changed(state);
  }

  #begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = startThread(file, this.#start);
      this.#worker = worker;
      this.#ended = new Promise((ended) => worker.once('exit', () => ended()));
      let reason: Error | undefined;
      worker.on('message', (told: Told) => {
        if (told.told === 'ready') {
          this.#ready(told.head, told.sealed);
          resolve();
        } else reason = this.#hear(told) ?? reason;
      });
      worker.on('error', (error) => {
        reason ??= new LogUnavailable(error.message);
      });
      worker.on('exit', () => {
        this.#lost(reason ?? new LogUnavailable('The log ended.'));
        reject(reason ?? new LogUnavailable('The log ended.'));
      });
    });
  }

  #ready(head: Head, sealed: SealedHead): void {
    this.#head = head;
    this.#sealed = sealed;
    this.#waitMs = shortestWaitMs;
    this.#set({ log: 'writing' });
  }

  /** Answers what is waiting; for what ends the worker, the reason. */
  #hear(told: Exclude<Told, { told: 'ready' }>): Error | undefined {
    if (told.told === 'down') return new LogUnavailable(told.message);
    if (told.told === 'refused') return new LogRefused(told.code, told.message);
    if (told.told === 'unusable') return new StoreRefused(told.message);
    this.#head = told.head;
    if (told.told === 'sealed') {
      this.#sealed = told.sealed;
      return undefined;
    }
    const waiting = this.#waiting.get(told.id);
    this.#waiting.delete(told.id);
    if (told.told === 'answer') waiting?.resolve(told.answer);
    else if (told.problem.problem === 'fault') waiting?.reject(new WriteFault(told.problem.message));
    else waiting?.reject(new LogUnavailable(told.problem.message));
    return undefined;
  }

  #lost(reason: Error): void {
    const opened = this.#state.log === 'writing';
    if (reason instanceof LogRefused) this.#set({ log: 'refused', code: reason.code, why: reason.message });
    else this.#set({ log: 'down', why: reason.message });
    for (const { reject } of this.#waiting.values()) reject(this.#unavailable());
    this.#waiting.clear();
    if (opened && this.#state.log === 'down') this.#again();
  }

  /** Opens again with growing pauses; a log that was once open keeps trying. */
  #again(): void {
    this.#retry = setTimeout(async () => {
      await this.#begin().catch(() => {
        if (this.#state.log === 'down') this.#again();
      });
    }, this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }
}
