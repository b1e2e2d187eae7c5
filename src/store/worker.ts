/**
 * The log's worker thread: owns the only connection of this process that writes, so that no fsync stops the event
 * loop (custody-log L4.6). Ends at the first failure of the database; a new one begins with the checks of L5.4.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { LogRefused } from '../acts/ports/ledger.ts';
import { LogError } from '../log/log-error.ts';
import { sealIdleMs, sealWithinMs } from '../log/seal.ts';
import { StoreRefused, WriteFault } from './connection.ts';
import { LogSession, NotNow } from './log-session.ts';
import { LogBroken } from './log-tail.ts';
import { SecondSigner } from './sealer.ts';
import type { Ask, Told, WorkerStart } from './worker-protocol.ts';

const start = workerData as WorkerStart;
const port = parentPort;
/** Leaves time for the seal itself within the half second of L5.1. */
const sealAfterMs = start.sealAfterMs ?? sealWithinMs - 150;
const idleMs = start.sealIdleMs ?? sealIdleMs;
/** How often entries of other processes are looked for. */
const lookMs = 200;

let queue: Promise<void> = Promise.resolve();
let ended = false;
/** Set while the main thread holds the lock; ends a hold that is not given back. */
let holder: NodeJS.Timeout | undefined;
const postponed: (() => Promise<void>)[] = [];
const longestHoldMs = 5_000;

const tell = (told: Told): void => port?.postMessage(told);

/** Says why, once, and ends the thread. */
function end(told?: Told): void {
  if (ended) return;
  ended = true;
  if (told) tell(told);
  port?.close();
  // The database closes with the thread; a failed one is not asked again.
  setImmediate(() => process.exit(0));
}

function endBy(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof LogRefused) end({ told: 'refused', code: error.code, message });
  else if (error instanceof LogBroken || error instanceof SecondSigner)
    end({ told: 'refused', code: 'LOG_BROKEN', message });
  else if (error instanceof StoreRefused) end({ told: 'unusable', message });
  else end({ told: 'down', message });
}

/**
 * One after another; nothing runs once the session has failed. While someone holds the log's lock only its holder's
 * jobs run, since they share one transaction.
 */
function enqueue(job: () => Promise<void>, ofHolder = false): void {
  queue = queue.then(async () => {
    if (ended) return;
    if (holder && !ofHolder) {
      postponed.push(job);
      return;
    }
    try {
      await job();
    } catch (error) {
      endBy(error);
    }
  });
}

class Cadence {
  readonly #session: LogSession;
  #timer: NodeJS.Timeout | undefined;
  #sealedAt = performance.now();

  constructor(session: LogSession) {
    this.#session = session;
    const look = setInterval(() => this.#look(), lookMs);
    port?.once('close', () => clearInterval(look));
  }

  /** Something was written: a seal is due soon. */
  wake(): void {
    if (!this.#session.signs) return;
    this.#timer ??= setTimeout(() => this.#seal(), sealAfterMs);
  }

  #look(): void {
    if (!this.#session.signs || this.#timer) return;
    if (performance.now() - this.#sealedAt > idleMs) this.#seal();
    else {
      enqueue(async () => {
        if (await this.#session.unsealed()) this.wake();
      });
    }
  }

  #seal(): void {
    this.sealed();
    enqueue(async () => {
      const sealed = await this.#session.seal();
      tell({ told: 'sealed', sealed, head: this.#session.head });
    });
  }

  /** A seal was made, on demand or by time. */
  sealed(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sealedAt = performance.now();
  }
}

function holdOrRelease(session: LogSession, ask: Ask['ask']): void {
  if (ask === 'hold') {
    holder = setTimeout(() => {
      enqueue(async () => {
        await session.answer({ ask: 'release' });
        holdOrRelease(session, 'release');
      }, true);
    }, longestHoldMs);
  } else if (ask === 'release') {
    clearTimeout(holder);
    holder = undefined;
    for (const job of postponed.splice(0)) enqueue(job);
  }
}

async function handle(session: LogSession, cadence: Cadence, id: number, ask: Ask): Promise<void> {
  try {
    if (ask.ask === 'seal') cadence.sealed();
    const answer = await session.answer(ask);
    holdOrRelease(session, ask.ask);
    tell({ told: 'answer', id, answer, head: session.head });
    if (ask.ask === 'seal') tell({ told: 'sealed', sealed: session.sealed, head: session.head });
    else if (ask.ask === 'append' || ask.ask === 'commit') cadence.wake();
    if (ask.ask === 'close') end();
  } catch (error) {
    const fault = error instanceof WriteFault || error instanceof LogError || session.isFault(error);
    if (!fault && !(error instanceof NotNow)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    tell({
      told: 'problem',
      id,
      problem: { problem: fault ? 'fault' : 'unavailable', message },
      head: session.head,
    });
  }
}

enqueue(async () => {
  const session = await LogSession.open(start);
  const cadence = new Cadence(session);
  port?.on('message', ({ id, ask }: { id: number; ask: Ask }) => {
    const ofHolder = ask.ask === 'commit' || ask.ask === 'release' || ask.ask === 'close';
    enqueue(() => handle(session, cadence, id, ask), ofHolder);
  });
  tell({ told: 'ready', head: session.head, sealed: session.sealed });
  if (await session.unsealed()) cadence.wake();
});
