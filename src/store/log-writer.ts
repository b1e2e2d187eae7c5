/**
 * Commits entries and writes in one transaction (custody-log L4.1–L4.3): numbers, chains and macs are given here,
 * the entry goes in first, and its number is the lock. Never retries; never answers before COMMIT.
 */
import type { Head, LogDraft, Receipt } from '../acts/ports/ledger.ts';
import { type CompletedEntry, completeEntry, type SubjectHead } from '../log/entry.ts';
import { checkDraft, type KindRegistry } from '../log/kinds.ts';
import { entryMac } from '../log/mac.ts';
import { mapKey } from '../log/map-hash.ts';
import type { Connection, Plan, Value } from './connection.ts';
import { runWrites } from './run-writes.ts';
import type { SqlWrite } from './worker-protocol.ts';

/** The key that new entries are coded with. */
export interface AppendKey {
  readonly number: number;
  readonly key: Uint8Array;
}

/** The database holds less than it did: writing must stop until the log has been checked again (L4.6). */
export class HeadLost extends Error {
  override readonly name = 'HeadLost';
}

interface KnownSubject extends SubjectHead {
  readonly sid: number;
}
/** One commit: its drafts completed, with the heads that they lead to. */
interface Completed {
  readonly drafts: readonly LogDraft[];
  readonly entries: readonly CompletedEntry[];
  readonly heads: ReadonlyMap<string, SubjectHead>;
}
/** `conflict`: the table, as SQL names it. */
export type Outcome = readonly Receipt[] | 'taken' | { readonly conflict: string };

const entries: Plan = {
  table: 'log_entry',
  columns: ['seq', 'bytes', 'leaf', 'mac'],
  types: ['bigint', 'bytea', 'bytea', 'bytea'],
};
export const subjects: Plan = {
  table: 'log_subject',
  columns: ['sid', 'key', 'id', 'n', 'head'],
  types: ['bigint', 'bytea', 'text', 'bigint', 'bytea'],
  raise: { key: 'sid', set: ['n', 'head'] },
};
export const links: Plan = {
  table: 'log_link',
  columns: ['sid', 'n', 'seq'],
  types: ['bigint', 'bigint', 'bigint'],
};
const privates: Plan = {
  table: 'log_private',
  columns: ['seq', 'name', 'sealed'],
  types: ['bigint', 'text', 'bytea'],
};
/** Subjects whose heads are remembered; they hold exactly as long as nobody else has written. */
const rememberedSubjects = 50_000;
const lookUpAtOnce = 64;

export class LogWriter {
  readonly #db: Connection;
  readonly #origin: string;
  readonly #appendKey: AppendKey;
  readonly #kinds: KindRegistry;
  #head: Head = { next: 0, at: 0 };
  #nextSid = 1;
  #known = new Map<string, KnownSubject>();

  constructor(db: Connection, origin: string, appendKey: AppendKey, kinds: KindRegistry) {
    this.#db = db;
    this.#origin = origin;
    this.#appendKey = appendKey;
    this.#kinds = kinds;
  }

  /** As this process last knew it: an older head can only make a commit lose, never win. */
  get head(): Head {
    return this.#head;
  }

  /** Reads the head anew, after another process has written. Rejects with `HeadLost` when the log got shorter. */
  async reload(): Promise<Head> {
    const [newest] = await this.#db.rows<{ seq: number; bytes: Uint8Array }>(
      'select seq, bytes from log_entry order by seq desc limit 1',
      [],
    );
    const next = newest ? newest.seq + 1 : 0;
    if (next < this.#head.next) throw new HeadLost('The log is shorter than it was.');
    if (next === this.#head.next) return this.#head;
    const at = newest
      ? Number((JSON.parse(Buffer.from(newest.bytes).toString('utf8')) as { at: number }).at)
      : 0;
    const [last] = await this.#db.rows<{ sid: number | null }>('select max(sid) as sid from log_subject', []);
    this.#head = { next, at };
    this.#nextSid = (last?.sid ?? 0) + 1;
    this.#known = new Map();
    return this.#head;
  }

  /**
   * Completes drafts that will follow each other from the head on. Rejects with `LogError` for a draft that the
   * log refuses (L2, L2.5). `after`: what was completed before in the same transaction.
   */
  async complete(drafts: readonly LogDraft[], after?: Completed): Promise<Completed> {
    const heads = new Map<string, SubjectHead>(after?.heads);
    await this.#learn(drafts.flatMap((draft) => draft.subjects.filter((id) => !heads.has(id))));
    const done: CompletedEntry[] = [];
    let seq = this.#head.next + (after?.entries.length ?? 0);
    let prevAt = after?.entries.at(-1)?.entry.at ?? this.#head.at;
    for (const draft of drafts) {
      checkDraft(this.#kinds, draft);
      for (const id of draft.subjects) {
        const known = heads.get(id) ?? this.#known.get(id);
        if (known) heads.set(id, known);
      }
      const completed = completeEntry(draft, { origin: this.#origin, seq, prevAt, heads });
      for (const { id, n } of completed.links) heads.set(id, { n, leaf: completed.leaf });
      done.push(completed);
      prevAt = completed.entry.at;
      seq += 1;
    }
    return {
      drafts: [...(after?.drafts ?? []), ...drafts],
      entries: [...(after?.entries ?? []), ...done],
      heads,
    };
  }

  /** Commits what `complete` made, with the writes of an act. Any error but a lost number or a unique rule rejects. */
  async commit(completed: Completed, writes: readonly SqlWrite[] = []): Promise<Outcome> {
    const newest = await this.#db.begin();
    if (newest + 1 !== this.#head.next) return this.#lost(newest + 1);
    let learned: Map<string, KnownSubject>;
    try {
      learned = await this.#insert(completed);
      await runWrites(
        this.#db,
        writes,
        completed.entries.map(({ entry }) => entry.seq),
      );
      await this.#db.commit();
    } catch (error) {
      const failure = this.#db.failure(error);
      if (failure.why === 'down') throw error;
      await this.#db.rollback();
      if (failure.why === 'fault') throw error;
      return failure.table === 'log_entry' ? 'taken' : { conflict: failure.table };
    }
    return this.#settle(completed, learned);
  }

  async #lost(next: number): Promise<'taken'> {
    await this.#db.rollback();
    if (next < this.#head.next) throw new HeadLost('The log is shorter than it was.');
    return 'taken';
  }

  #settle({ entries: done }: Completed, learned: ReadonlyMap<string, KnownSubject>): Receipt[] {
    for (const [id, known] of learned) {
      this.#known.delete(id);
      this.#known.set(id, known);
      this.#nextSid = Math.max(this.#nextSid, known.sid + 1);
    }
    for (const id of this.#known.keys()) {
      if (this.#known.size <= rememberedSubjects) break;
      this.#known.delete(id);
    }
    const last = done.at(-1)?.entry;
    if (last) this.#head = { next: last.seq + 1, at: last.at };
    return done.map(({ entry, leaf }) => ({ seq: entry.seq, leaf: leaf.toString('hex'), at: entry.at }));
  }

  async #insert({ drafts, entries: done, heads }: Completed): Promise<Map<string, KnownSubject>> {
    const { number, key } = this.#appendKey;
    const rows: Value[][] = [];
    const linkRows: Value[][] = [];
    const privateRows: Value[][] = [];
    const learned = new Map<string, KnownSubject>();
    let sid = this.#nextSid;
    for (const [at, { entry, bytes, leaf, links: made }] of done.entries()) {
      rows.push([entry.seq, bytes, leaf, entryMac(number, key, entry.seq, leaf)]);
      for (const { id, n } of made) {
        const known = learned.get(id) ?? this.#known.get(id);
        const mine = known?.sid ?? sid++;
        learned.set(id, { sid: mine, n, leaf });
        linkRows.push([mine, n, entry.seq]);
      }
      for (const [name, { sealed }] of Object.entries(drafts[at]?.private ?? {})) {
        privateRows.push([entry.seq, name, sealed]);
      }
    }
    const subjectRows = [...learned].map(([id, one]): Value[] => [
      one.sid,
      mapKey(id),
      id,
      one.n,
      heads.get(id)?.leaf ?? one.leaf,
    ]);
    await this.#db.insertAll(entries, rows);
    await this.#db.insertAll(subjects, subjectRows);
    await this.#db.insertAll(links, linkRows);
    await this.#db.insertAll(privates, privateRows);
    return learned;
  }

  /** Reads the heads of subjects that are not remembered. */
  async #learn(ids: readonly string[]): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.#known.has(id));
    for (let from = 0; from < unknown.length; from += lookUpAtOnce) {
      const wanted = unknown.slice(from, from + lookUpAtOnce);
      // Filled up to a few fixed lengths, so that few statements have to be prepared.
      const length = wanted.length === 1 ? 1 : wanted.length <= 8 ? 8 : lookUpAtOnce;
      const params = Array.from({ length }, (_, at) => wanted[at] ?? wanted[0] ?? '');
      const rows = await this.#db.rows<{ id: string; sid: number; n: number; head: Uint8Array }>(
        `select id, sid, n, head from log_subject where id in (${params.map(() => '?').join(', ')})`,
        params,
      );
      for (const { id, sid, n, head } of rows) this.#known.set(id, { sid, n, leaf: head });
    }
  }
}
