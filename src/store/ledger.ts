/**
 * The custody log as acts see it (acts/ports/ledger.ts), in front of the worker that writes it. Nothing is answered
 * before it is durable; when nothing can be written every call rejects with `LogUnavailable` (custody-log L4.6).
 */
import { setImmediate as breathe } from 'node:timers/promises';
import {
  ChainBroken,
  type ChainHead,
  type Commit,
  type Head,
  type Ledger,
  type LogDraft,
  LogUnavailable,
  type Receipt,
  type SealedHead,
  type StoredEntry,
} from '../acts/ports/ledger.ts';
import type { Entry } from '../log/entry.ts';
import { verifyEntryMac } from '../log/mac.ts';
import type { StoredRow } from '../log/recheck.ts';
import { leafHash } from '../log/tree.ts';
import { propertyOf } from './columns.ts';
import { WriteFault } from './connection.ts';
import { appendKeysOf } from './log-keys.ts';
import { chainHeads, chainRows, nextSeq, type Reader, storedPage, storedRow } from './log-rows.ts';
import { type LogState, LogWorker } from './log-worker.ts';
import { Turns } from './turns.ts';
import type { PlainWrite, Proved, WorkerStart } from './worker-protocol.ts';
import { writeSql } from './write-sql.ts';

interface WaitingFacts {
  readonly facts: readonly LogDraft[];
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (error: unknown) => void;
}

/** At most so many facts in one transaction (L4.3); a single call may hold more. */
const factsAtOnce = 256;
const tries = 4;
const sealWaitMs = 10_000;
const sealLookMs = 50;
const entriesAtOnce = 100;
const noEntry = '0'.repeat(64);

/** The ledger, with what the composition root and the command line need besides. */
export class StoreLedger implements Ledger {
  readonly #worker: LogWorker;
  readonly #reader: Reader;
  readonly #turns: Turns;
  readonly #facts: WaitingFacts[] = [];
  readonly #macKeys: ReturnType<typeof appendKeysOf>;

  private constructor(worker: LogWorker, start: WorkerStart, reader: Reader) {
    this.#worker = worker;
    this.#reader = reader;
    this.#macKeys = appendKeysOf(start);
    this.#turns = new Turns(
      () => this.#flush(),
      () => this.#facts.length > 0,
    );
  }

  /** Runs the checks of L5.4 first: rejects with `LogRefused`, `StoreRefused` or `LogUnavailable`. */
  static async open(
    start: WorkerStart,
    reader: Reader,
    changed: (state: LogState) => void,
  ): Promise<StoreLedger> {
    return new StoreLedger(await LogWorker.open(start, changed), start, reader);
  }

  /** Whether the log is being written; `refused` never ends by itself. */
  get state(): LogState {
    return this.#worker.state;
  }

  /** The newest signed head of this process. */
  get sealed(): SealedHead {
    return this.#worker.sealed;
  }

  exclusively<T>(work: () => Promise<T | 'taken'>): Promise<T> {
    return this.#turns.act(async (turn) => {
      const first = await work();
      if (first !== 'taken') return first;
      await turn.alone();
      for (let attempt = 1; attempt < tries; attempt += 1) {
        await this.#worker.ask({ ask: 'hold' });
        try {
          const outcome = await work();
          if (outcome !== 'taken') return outcome;
        } finally {
          await this.#worker.ask({ ask: 'release' });
        }
      }
      throw new LogUnavailable('The log was taken by others, again and again.');
    });
  }

  async head(): Promise<Head> {
    if (this.#worker.state.log !== 'writing') throw new LogUnavailable('The log cannot be written.');
    return this.#worker.head;
  }

  async stands(head: Head): Promise<boolean> {
    return (await nextSeq(this.#reader)) === head.next;
  }

  async commit(commit: Commit): Promise<readonly Receipt[] | 'taken' | { readonly conflict: string }> {
    const entries = commit.entries.map(compact);
    const writes = commit.writes.map(writeSql);
    const outcome = await this.#worker.ask({
      ask: 'commit',
      commit: { expected: commit.expected, entries, writes },
    });
    return typeof outcome === 'object' && 'conflict' in outcome
      ? { conflict: propertyOf(outcome.conflict) }
      : outcome;
  }

  append(facts: readonly LogDraft[]): Promise<readonly Receipt[]> {
    return new Promise((resolve, reject) => {
      this.#facts.push({ facts, resolve, reject });
      this.#turns.next();
    });
  }

  async seal(): Promise<SealedHead> {
    const end = performance.now() + sealWaitMs;
    for (;;) {
      try {
        return await this.#worker.ask({ ask: 'seal' });
      } catch (error) {
        // Beside the service this process does not sign: the signer's own cadence covers what was written here.
        const mayCome = error instanceof LogUnavailable && this.#worker.state.log === 'writing';
        if (!mayCome || performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, sealLookMs));
      }
    }
  }

  async entry(seq: number): Promise<{ readonly bytes: Uint8Array; readonly leaf: string }> {
    return this.#checked(await storedRow(this.#reader, seq), seq);
  }

  #checked(row: StoredRow | undefined, seq: number): StoredEntry {
    const leaf = row && leafHash(row.bytes);
    if (!leaf || row.seq !== seq || !verifyEntryMac(row.mac, this.#macKeys, seq, leaf)) {
      throw new LogUnavailable(`Entry ${seq} is missing or not as it was written.`);
    }
    return { seq, bytes: row.bytes, leaf: leaf.toString('hex') };
  }

  chainHeads(ids: readonly string[]): Promise<ReadonlyMap<string, ChainHead>> {
    return chainHeads(this.#reader, ids);
  }

  async chain(id: string, after: ChainHead | undefined): Promise<readonly StoredEntry[]> {
    const entries: StoredEntry[] = [];
    let { n, leaf } = after ?? { n: 0, leaf: noEntry };
    for (const row of await chainRows(this.#reader, id, n)) {
      const stored = this.#checked(row, row.seq);
      const { subjects } = JSON.parse(Buffer.from(stored.bytes).toString('utf8')) as Pick<Entry, 'subjects'>;
      const link = subjects.find((subject) => subject.id === id);
      if (row.n !== n + 1 || link?.n !== row.n || link.prev !== leaf) {
        throw new ChainBroken(`The chain of ${id} is broken at its entry ${row.n}.`);
      }
      entries.push(stored);
      ({ n, leaf } = { n: row.n, leaf: stored.leaf });
    }
    return entries;
  }

  async *entries(from: number, to: number): AsyncGenerator<StoredEntry> {
    for (let next = from; next < to; ) {
      await breathe();
      const rows = await storedPage(this.#reader, next, Math.min(to, next + entriesAtOnce));
      for (const row of rows) yield this.#checked(row, next++);
      if (rows.length === 0) throw new LogUnavailable(`Entry ${next} is missing.`);
    }
  }

  /** Map proofs of subjects against one signed head (L3.4). */
  prove(ids: readonly string[]): Promise<Proved> {
    return this.#worker.ask({ ask: 'prove', ids });
  }

  /** Working rows, outside custody and without an entry; each answers how many rows it changed. */
  write(writes: readonly PlainWrite[]): Promise<readonly number[]> {
    return this.#worker.ask({ ask: 'write', writes });
  }

  /** Nothing is sealed here: an orderly end calls `seal()` first. */
  close(): Promise<void> {
    return this.#worker.close();
  }

  async #flush(): Promise<void> {
    let count = this.#facts[0]?.facts.length ?? 0;
    let taken = 1;
    while (taken < this.#facts.length) {
      count += this.#facts[taken]?.facts.length ?? 0;
      if (count > factsAtOnce) break;
      taken += 1;
    }
    const group = this.#facts.splice(0, taken);
    try {
      const groups = group.map(({ facts }) => facts.map(compact));
      const answers = await this.#worker.ask({ ask: 'append', groups });
      for (const [at, { resolve, reject }] of group.entries()) {
        const answer = answers[at];
        if (answer === undefined || 'refused' in answer)
          reject(new WriteFault(answer?.refused ?? 'No answer.'));
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

/** Bytes in memory of their own: a message to a thread copies the whole pool that a small buffer lies in. */
function compact(draft: LogDraft): LogDraft {
  const fields = Object.entries(draft.private);
  if (fields.length === 0) return draft;
  const own = fields.map(([name, { value, salt, sealed }]) => [
    name,
    { value, salt: Uint8Array.from(salt), sealed: Uint8Array.from(sealed) },
  ]);
  return { ...draft, private: Object.fromEntries(own) };
}
