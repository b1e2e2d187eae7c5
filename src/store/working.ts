/**
 * Working rows outside custody: misses at sign-in, kept answers, last use of sessions, delivery of the outbox. They
 * change without an entry, through the one connection that writes; losing them costs a second try, never a right.
 */
import type { SignInGuard } from '../acts/ports/outside.ts';
import type { Outbox } from '../acts/ports/tables.ts';
import { missesAt, missesForgottenMs, waitSeconds } from '../domain/lockout.ts';
import { tableColumns } from './columns.ts';
import type { Value } from './connection.ts';
import { domainRows, selectFrom } from './gateway.ts';
import type { StoreReader } from './reader.ts';
import type { PlainWrite } from './worker-protocol.ts';

type WriteAll = (writes: readonly PlainWrite[]) => Promise<readonly number[]>;

/** An answer kept for a repeated Idempotency-Key. */
export interface KeptAnswer {
  readonly bodyHash: string;
  readonly status: number;
  readonly body: string;
}

/** Answers are kept so long, ms. */
export const answersKeptMs = 24 * 3_600_000;
const activityFlushMs = 60_000;

/** Misses by name key; the delays are the domain's (reliability.md 5, X45). */
export class StoredSignInGuard implements SignInGuard {
  readonly #reader: StoreReader;
  readonly #write: WriteAll;

  constructor(reader: StoreReader, write: WriteAll) {
    this.#reader = reader;
    this.#write = write;
  }

  async blockedFor(nameKey: string, now: number): Promise<number> {
    const [row] = await this.#reader.rows<{ misses: number; last_at: number }>(
      'select misses, last_at from sign_in_miss where name_key = ?',
      [nameKey],
    );
    return row ? waitSeconds(missesAt(row.misses, row.last_at, now), row.last_at, now) : 0;
  }

  async missed(nameKey: string, now: number): Promise<void> {
    const sql = `insert into sign_in_miss (name_key, misses, last_at) values (?, 1, ?) on conflict (name_key) do update
      set misses = case when excluded.last_at - sign_in_miss.last_at >= ${missesForgottenMs} then 1
        else sign_in_miss.misses + 1 end, last_at = excluded.last_at`;
    await this.#write([{ sql, params: [nameKey, now] }]);
  }

  async cleared(nameKey: string): Promise<void> {
    await this.#write([{ sql: 'delete from sign_in_miss where name_key = ?', params: [nameKey] }]);
  }
}

/** Answers by person and key, durable when `keep` returns. */
export class StoredAnswers {
  readonly #reader: StoreReader;
  readonly #write: WriteAll;

  constructor(reader: StoreReader, write: WriteAll) {
    this.#reader = reader;
    this.#write = write;
  }

  async find(person: string, key: string, now: number): Promise<KeptAnswer | undefined> {
    const [row] = await this.#reader.rows<{ hash: string; status: number; body: string }>(
      'select body_hash as hash, status, body from idempotency where id = ? and created_at > ?',
      [`${person}/${key}`, now - answersKeptMs],
    );
    return row && { bodyHash: row.hash, status: row.status, body: row.body };
  }

  /** The first answer stays; one that is too old gives way. */
  async keep(person: string, key: string, answer: KeptAnswer, now: number): Promise<void> {
    const sql = `insert into idempotency (id, body_hash, status, body, created_at) values (?, ?, ?, ?, ?)
      on conflict (id) do update set body_hash = excluded.body_hash, status = excluded.status, body = excluded.body,
        created_at = excluded.created_at where idempotency.created_at <= excluded.created_at - ${answersKeptMs}`;
    await this.#write([
      { sql, params: [`${person}/${key}`, answer.bodyHash, answer.status, answer.body, now] },
    ]);
  }
}

/** Last use of each session: in memory, written at most once a minute, so that a restart forgets at most that. */
export class StoredActivity {
  readonly #reader: StoreReader;
  readonly #write: WriteAll;
  readonly #idleMs: number;
  readonly #uses = new Map<string, { at: number; writtenAt: number }>();

  constructor(reader: StoreReader, write: WriteAll, idleMs: number) {
    this.#reader = reader;
    this.#write = write;
    this.#idleMs = idleMs;
  }

  /** False for a session that was idle for too long or is not known; otherwise notes the use at `now`, ms UTC. */
  async touch(session: string, now: number): Promise<boolean> {
    const last = this.#uses.get(session) ?? (await this.#recall(session));
    if (!last || now - last.at >= this.#idleMs) return false;
    const due = now - last.writtenAt >= activityFlushMs;
    this.#uses.set(session, { at: Math.max(now, last.at), writtenAt: due ? now : last.writtenAt });
    if (due) {
      const sql = `insert into session_activity (id, last_at) values (?, ?)
        on conflict (id) do update set last_at = excluded.last_at`;
      // A use that cannot be written down is no reason to refuse what the session may do.
      await this.#write([{ sql, params: [session, now] }]).catch(() => undefined);
      this.#forget(now);
    }
    return true;
  }

  async #recall(session: string): Promise<{ at: number; writtenAt: number } | undefined> {
    const [row] = await this.#reader.rows<{ at: number }>(
      'select coalesce(a.last_at, s.created_at) as at from session s left join session_activity a on a.id = s.id where s.id = ?',
      [session],
    );
    return row && { at: row.at, writtenAt: row.at };
  }

  #forget(now: number): void {
    for (const [session, { at }] of this.#uses) {
      if (now - at >= this.#idleMs) this.#uses.delete(session);
    }
  }
}

/** Delivery of outbox rows: at least once (R59). Two deliverers never hold the same row at the same time. */
export class StoredOutbox {
  readonly #reader: StoreReader;
  readonly #write: WriteAll;

  constructor(reader: StoreReader, write: WriteAll) {
    this.#reader = reader;
    this.#write = write;
  }

  /** Rows that are due, oldest first, now held by the caller until `now + leaseMs`; each counts one attempt. */
  async claim(now: number, leaseMs: number, limit: number): Promise<readonly Outbox[]> {
    const table = tableColumns('outbox');
    const due = await this.#reader.rows<Outbox>(
      `${selectFrom(table)} where done_at is null and due_at <= ? order by due_at, "id" limit ?`,
      [now, limit],
    );
    if (due.length === 0) return [];
    const sql =
      'update outbox set due_at = ?, attempts = attempts + 1 where id = ? and done_at is null and due_at = ?';
    const changed = await this.#write(
      due.map((row) => ({ sql, params: [now + leaseMs, row.id, row.dueAt] })),
    );
    const mine = due.filter((_, at) => changed[at] === 1);
    return domainRows(table, mine).map((row) => ({
      ...row,
      dueAt: now + leaseMs,
      attempts: row.attempts + 1,
    }));
  }

  /** Delivered, or given up with the reason. */
  async done(id: string, now: number, lastError: string | null = null): Promise<void> {
    await this.#one('update outbox set done_at = ?, last_error = ? where id = ?', [now, lastError, id]);
  }

  /** Not delivered: due again at `retryAt`. */
  async failed(id: string, retryAt: number, lastError: string): Promise<void> {
    await this.#one('update outbox set due_at = ?, last_error = ? where id = ?', [retryAt, lastError, id]);
  }

  async #one(sql: string, params: readonly Value[]): Promise<void> {
    await this.#write([{ sql, params }]);
  }
}

/** All working rows of one store. */
export interface Working {
  readonly signInGuard: StoredSignInGuard;
  readonly answers: StoredAnswers;
  readonly activity: StoredActivity;
  readonly outbox: StoredOutbox;
  /** Deletes what is too old to count, at `now` ms UTC. */
  prune(now: number): Promise<void>;
}

export function openWorking(reader: StoreReader, write: WriteAll, sessionIdleMs: number): Working {
  return {
    signInGuard: new StoredSignInGuard(reader, write),
    answers: new StoredAnswers(reader, write),
    activity: new StoredActivity(reader, write, sessionIdleMs),
    outbox: new StoredOutbox(reader, write),
    async prune(now) {
      await write([
        { sql: 'delete from sign_in_miss where last_at <= ?', params: [now - missesForgottenMs] },
        { sql: 'delete from idempotency where created_at <= ?', params: [now - answersKeptMs] },
        { sql: 'delete from session_activity where last_at <= ?', params: [now - missesForgottenMs] },
      ]);
    },
  };
}
