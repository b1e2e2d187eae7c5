/** Sessions that only read: from the primary, never from a replica (custody-log L4.2). */
import type Database from 'better-sqlite3';
import type { Row, Value } from './connection.ts';
import type { Reader } from './log-rows.ts';
import { type Engine, engineOf, sqlitePath } from './open-connection.ts';
import { openSqlite, Prepared, toSqlite } from './sqlite.ts';
import type { StoreAddress } from './worker-protocol.ts';

/** Reads by SQL with `?`, the same on both engines. */
export interface StoreReader extends Reader {
  readonly engine: Engine;
  close(): Promise<void>;
}

class SqliteReader implements StoreReader {
  readonly engine = 'sqlite';
  readonly #db: Database.Database;
  readonly #prepared: Prepared;

  constructor(path: string) {
    this.#db = openSqlite(path, { readonly: true });
    this.#prepared = new Prepared(this.#db);
  }

  async rows<T extends object = Row>(sql: string, params: readonly Value[]): Promise<T[]> {
    return this.#prepared.of(sql).all(params.map(toSqlite)) as T[];
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

/** Opens the sessions that read. */
export async function openReader(address: StoreAddress): Promise<StoreReader> {
  if (engineOf(address.url) === 'sqlite') return new SqliteReader(sqlitePath(address.url));
  return (await import('./postgres-reader.ts')).PgReader.open(address);
}
