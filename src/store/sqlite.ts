/**
 * SQLite: how a connection is opened, with the settings of reliability.md section 1 set and read back on each,
 * and the one that writes. Not trusted: whoever can write the file can at most make the log refuse to start or to
 * seal (custody-log L5); nothing here is a secret that the file may hold.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import {
  type Connection,
  type Failure,
  onConflict,
  type Plan,
  StoreRefused,
  type Value,
  WriteFault,
} from './connection.ts';

const busyMs = 5_000;
const settings: Readonly<Record<string, number | string>> = {
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
  secure_delete: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  busy_timeout: busyMs,
  // Pages, 16 MiB: fewer, larger copies into the database file.
  wal_autocheckpoint: 4_000,
};
/** The first version without the corruption in WAL that custody-log L4.6 names. */
const oldest = [3, 51, 3];

/** Opens the file with every setting; throws `StoreRefused` when one does not hold. */
export function openSqlite(path: string, how: { readonly readonly?: boolean } = {}): Database.Database {
  const db = new Database(path, {
    readonly: how.readonly ?? false,
    fileMustExist: how.readonly ?? false,
    timeout: busyMs,
  });
  try {
    for (const [name, value] of Object.entries(settings)) {
      if (name !== 'journal_mode' || !how.readonly) db.pragma(`${name} = ${value}`);
      const held = db.pragma(name, { simple: true });
      if (held !== value) throw new StoreRefused(`SQLite keeps ${name} = ${String(held)}, not ${value}.`);
    }
    const version = String(db.prepare('select sqlite_version()').pluck().get());
    if (isOlder(version)) throw new StoreRefused(`SQLite ${version} is older than ${oldest.join('.')}.`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [at, least] of oldest.entries()) {
    const part = parts[at] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}

/** As SQLite stores it. */
export const toSqlite = (value: Value): string | number | Uint8Array | null =>
  typeof value === 'boolean' ? Number(value) : value;

/** Lists of changing length make new texts; beyond this many all are prepared anew. */
const mostPrepared = 1_000;

/** Statements by their text, prepared once. */
export class Prepared {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement<unknown[]>>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  of(sql: string): Database.Statement<unknown[]> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      if (this.#statements.size >= mostPrepared) this.#statements.clear();
      statement = this.#db.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** The connection that writes. There is one in each process. */
export class SqliteConnection implements Connection {
  readonly #db: Database.Database;
  readonly #prepared: Prepared;
  readonly #folder: string;
  #held = false;

  constructor(path: string) {
    this.#db = openSqlite(path);
    this.#prepared = new Prepared(this.#db);
    this.#folder = dirname(path);
  }

  async begin(): Promise<number> {
    if (!this.#held) this.#prepared.of('begin immediate').run();
    const newest = this.#prepared.of('select seq from log_entry order by seq desc limit 1').get();
    return (newest as { seq: number } | undefined)?.seq ?? -1;
  }

  async snapshot(): Promise<void> {
    this.#prepared.of('begin').run();
  }

  async commit(): Promise<void> {
    this.#prepared.of('commit').run();
    this.#held = false;
  }

  async rollback(): Promise<void> {
    this.#held = false;
    if (this.#db.inTransaction) this.#prepared.of('rollback').run();
  }

  async hold(): Promise<void> {
    this.#prepared.of('begin immediate').run();
    this.#held = true;
  }

  async release(): Promise<void> {
    if (this.#held) await this.rollback();
  }

  async run(sql: string, params: readonly Value[]): Promise<number> {
    return this.#prepared.of(sql).run(params.map(toSqlite)).changes;
  }

  async rows<T extends object>(sql: string, params: readonly Value[]): Promise<T[]> {
    return this.#prepared.of(sql).all(params.map(toSqlite)) as T[];
  }

  async insertAll({ table, columns, raise }: Plan, rows: readonly (readonly Value[])[]): Promise<void> {
    const statement = this.#prepared.of(
      `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})${onConflict(raise)}`,
    );
    for (const row of rows) statement.run(row);
  }

  failure(error: unknown): Failure {
    if (error instanceof WriteFault) return { why: 'fault' };
    if (!(error instanceof Database.SqliteError)) return { why: 'down' };
    const { code, message } = error;
    if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
      // `UNIQUE constraint failed: account.name_key`, or `index 'name'` for a rule over an expression.
      return { why: 'unique', table: /failed: (\w+)\./.exec(message)?.[1] ?? '' };
    }
    const ours =
      code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_ERROR' || code === 'SQLITE_MISMATCH';
    return { why: ours ? 'fault' : 'down' };
  }

  freeSpace(): number | null {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
