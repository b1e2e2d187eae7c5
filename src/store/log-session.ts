/**
 * One life of the log in a worker: opened, checked (L5.4), writing and sealing until the database fails or it is
 * closed. Everything goes through one queue, so that no two transactions meet in one session.
 */
import type { Head, SealedHead } from '../acts/ports/ledger.ts';
import { LogError } from '../log/log-error.ts';
import { proveSubject } from '../log/map-proof.ts';
import type { Connection } from './connection.ts';
import { HeadFile, type HeadStore } from './head-file.ts';
import { appendKeyOf, appendKeysOf, signerOf } from './log-keys.ts';
import { bucketMembers, nextSeq } from './log-rows.ts';
import { checkStart, readHead } from './log-start.ts';
import { LogBroken, undo, walkTail } from './log-tail.ts';
import { LogWriter, type Outcome } from './log-writer.ts';
import { openConnection } from './open-connection.ts';
import { type SealedState, Sealer, type SealerParts } from './sealer.ts';
import type { Answers, Ask, Refused, WorkerStart } from './worker-protocol.ts';

/** Nothing may be written now, though the database is well: too little space, or no signer answers. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}

const defaultMark = 64 * 1024 * 1024;
const spaceEveryMs = 500;
const losses = 4;

type Drafts = Parameters<LogWriter['complete']>[0];

export class LogSession {
  readonly #start: WorkerStart;
  readonly #db: Connection;
  readonly #writer: LogWriter;
  readonly #heads: HeadStore;
  readonly #parts: SealerParts;
  #sealer: Sealer;
  #signs: boolean;
  #spaceAt = Number.NEGATIVE_INFINITY;
  #spaceLow = false;
  #seen: { readonly at: number; readonly monotonic: number };

  private constructor(start: WorkerStart, parts: SealerParts, state: SealedState, signs: boolean) {
    this.#start = start;
    this.#parts = parts;
    this.#db = parts.db;
    this.#writer = parts.writer;
    this.#heads = parts.heads;
    this.#sealer = new Sealer(parts, state);
    this.#signs = signs;
    this.#seen = { at: parts.writer.head.at, monotonic: performance.now() };
  }

  /** Opens and checks; rejects with `LogRefused`, `StoreRefused` or the database's own error. */
  static async open(start: WorkerStart): Promise<LogSession> {
    const db = await openConnection(start);
    const heads = new HeadFile(start.headPath);
    try {
      await proveWritable(db);
      const signs = await heads.lock();
      const keys = appendKeysOf(start);
      const signer = signerOf(start);
      const { origin } = start;
      const state = await checkStart({ db, heads, key: signer.key, origin, keys });
      const writer = new LogWriter(db, origin, appendKeyOf(start), start.kinds);
      await writer.reload();
      return new LogSession(start, { db, writer, heads, signer, origin, keys }, state, signs);
    } catch (error) {
      await heads.unlock();
      await db.close();
      throw error;
    }
  }

  get head(): Head {
    return this.#writer.head;
  }

  get sealed(): SealedHead {
    return this.#sealer.sealed;
  }

  /** Whether this process is the signer; there is one on a head store. */
  get signs(): boolean {
    return this.#signs;
  }

  /** True when entries wait for a seal, also those of other processes. */
  async unsealed(): Promise<boolean> {
    return (await this.#writer.reload()).next > this.#sealer.size;
  }

  async answer(ask: Ask): Promise<Answers[Ask['ask']]> {
    switch (ask.ask) {
      case 'append':
        return this.#append(ask.groups);
      case 'commit':
        return this.#commit(ask);
      case 'hold':
        await this.#db.hold();
        await this.#writer.reload();
        return true;
      case 'release':
        await this.#db.release();
        return true;
      case 'seal':
        return this.seal();
      case 'prove':
        return this.#prove(ask.ids);
      case 'write':
        return this.#write(ask.writes);
      case 'close':
        await this.close();
        return true;
    }
  }

  #needSpace(): void {
    const now = performance.now();
    if (now - this.#spaceAt > spaceEveryMs) {
      this.#spaceAt = now;
      const free = this.#db.freeSpace();
      this.#spaceLow = free !== null && free < (this.#start.freeSpaceMark ?? defaultMark);
    }
    if (this.#spaceLow) throw new NotNow('Too little space is left for the log.');
  }

  #noteTime(): void {
    const { at } = this.#writer.head;
    if (at > this.#seen.at) this.#seen = { at, monotonic: performance.now() };
  }

  async #commit({ commit }: Extract<Ask, { ask: 'commit' }>): Promise<Outcome> {
    this.#needSpace();
    if (commit.expected.next !== this.#writer.head.next) return 'taken';
    const outcome = await this.#writer.commit(await this.#writer.complete(commit.entries), commit.writes);
    if (outcome === 'taken') await this.#writer.reload();
    this.#noteTime();
    return outcome;
  }

  /** One transaction for all groups that the log accepts; what it refuses is answered alone. */
  async #append(groups: readonly Drafts[]): Promise<Answers['append']> {
    this.#needSpace();
    for (let loss = 0; ; loss += 1) {
      const last = loss === losses - 1;
      if (last) await this.#db.hold();
      try {
        if (last) await this.#writer.reload();
        const answers = await this.#appendOnce(groups);
        if (answers !== 'taken') return answers;
      } finally {
        if (last) await this.#db.release();
      }
      if (last) throw new NotNow('The log was taken by others, again and again.');
      await this.#writer.reload();
    }
  }

  async #appendOnce(groups: readonly Drafts[]): Promise<Answers['append'] | 'taken'> {
    const places: ({ from: number; to: number } | Refused)[] = [];
    let completed = await this.#writer.complete([]);
    for (const drafts of groups) {
      const from = completed.entries.length;
      try {
        completed = await this.#writer.complete(drafts, completed);
        places.push({ from, to: completed.entries.length });
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'LogError') throw error;
        places.push({ refused: error.message });
      }
    }
    const outcome = completed.entries.length > 0 ? await this.#writer.commit(completed) : [];
    if (outcome === 'taken') return 'taken';
    if ('conflict' in outcome) throw new Error(`Facts met a unique rule of ${outcome.conflict}.`);
    this.#noteTime();
    return places.map((place) => ('refused' in place ? place : outcome.slice(place.from, place.to)));
  }

  async #write(writes: Extract<Ask, { ask: 'write' }>['writes']): Promise<number[]> {
    this.#needSpace();
    await this.#db.begin();
    try {
      const changed: number[] = [];
      for (const { sql, params } of writes) changed.push(await this.#db.run(sql, params));
      await this.#db.commit();
      return changed;
    } catch (error) {
      if (this.#db.failure(error).why !== 'down') await this.#db.rollback();
      throw error;
    }
  }

  /** A seal is never dated later than the newest entry plus what the monotonic clock has counted since (L7.1). */
  #sealTime(): number {
    const { at, monotonic } = this.#seen;
    return Math.min(Date.now(), Math.floor(at + performance.now() - monotonic));
  }

  /** Seals and signs; in a process that does not sign, rejects with `NotNow` until the signer has. */
  async seal(): Promise<SealedHead> {
    if (!this.#signs) return this.#coveredByOther();
    try {
      const sealed = await this.#sealer.seal(this.#sealTime());
      this.#noteTime();
      return sealed;
    } catch (error) {
      // Under the lock nothing but what is stored wrongly can make a seal fail, or the database itself.
      if (error instanceof LogError || this.isFault(error)) throw new LogBroken(String(error));
      throw error;
    }
  }

  /** What the signer has sealed, once it covers all that this process wrote; its place is taken when it is gone. */
  async #coveredByOther(): Promise<SealedHead> {
    const { signer, origin } = this.#parts;
    if (await this.#heads.lock()) {
      await this.#catchUp();
      this.#signs = true;
      return this.seal();
    }
    const note = await this.#heads.read();
    const size = note === null ? 0 : readHead(note, { key: signer.key, origin }).size;
    if (size < this.#writer.head.next) throw new NotNow('The signer has not sealed these entries yet.');
    if (size > this.#sealer.size) await this.#catchUp();
    return this.#sealer.sealed;
  }

  /** Takes over what another process has signed, by the checks of L5.4. */
  async #catchUp(): Promise<void> {
    const { db, heads, signer, origin, keys } = this.#parts;
    this.#sealer = new Sealer(this.#parts, await checkStart({ db, heads, key: signer.key, origin, keys }));
  }

  /** Proofs against the newest signed map: buckets are read as they are now and taken back to it. */
  async #prove(ids: readonly string[]): Promise<Answers['prove']> {
    await this.#db.snapshot();
    try {
      const tail = await walkTail(this.#db, this.#sealer.remembered, await nextSeq(this.#db), this.#parts);
      const readBucket = async (bucket: number) => undo(await bucketMembers(this.#db, bucket), tail.before);
      const proofs = [];
      for (const id of ids) proofs.push(await proveSubject(id, this.#sealer.map, readBucket));
      return { head: this.#sealer.sealed, proofs };
    } finally {
      await this.#db.rollback();
    }
  }

  /** Whether only the statement was wrong, and not the database. */
  isFault(error: unknown): boolean {
    return this.#db.failure(error).why !== 'down';
  }

  async close(): Promise<void> {
    await this.#heads.unlock();
    await this.#db.close();
  }
}

/** Writing must be shown to hold before anyone relies on it (P3). */
async function proveWritable(db: Connection): Promise<void> {
  await db.begin();
  await db.run(
    'insert into store_probe (id, value) values (?, ?) on conflict (id) do update set value = store_probe.value + 1',
    ['writable', 0],
  );
  await db.commit();
}
