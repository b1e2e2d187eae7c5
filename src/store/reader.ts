/** Sessions that only read: from the primary, never from a replica (custody-log L4.2). */
import type Database from 'better-sqlite3';
import pg from 'pg';
import type { Row, Value } from './connection.ts';
import type { Reader } from './log-rows.ts';
import { type Engine, engineOf, sqlitePath } from './open-connection.ts';
import { checkPostgres, namedQuery, pgOptions, toPg } from './postgres.ts';
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

const sessions = 10;

class PgReader implements StoreReader {
  readonly engine = 'pg';
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  static async open({ url, unsafeNoFsync = false }: StoreAddress): Promise<PgReader> {
    // A request that gets no session within this time is answered 503 (P8).
    const pool = new pg.Pool({ ...pgOptions(url), max: sessions, connectionTimeoutMillis: 2_000 });
    pool.on('error', () => undefined);
    const client = await pool.connect();
    try {
      await checkPostgres(client, unsafeNoFsync);
    } catch (error) {
      client.release();
      await pool.end();
      throw error;
    }
    client.release();
    return new PgReader(pool);
  }

  async rows<T extends object = Row>(sql: string, params: readonly Value[]): Promise<T[]> {
    return (await this.#pool.query(namedQuery(sql, params.map(toPg)))).rows as T[];
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** Opens the sessions that read. */
export async function openReader(address: StoreAddress): Promise<StoreReader> {
  return engineOf(address.url) === 'sqlite'
    ? new SqliteReader(sqlitePath(address.url))
    : PgReader.open(address);
}
