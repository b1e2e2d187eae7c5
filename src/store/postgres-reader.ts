/** The sessions that read from PostgreSQL; read as code only where that engine is configured. */
import pg from 'pg';
import type { Row, Value } from './connection.ts';
import { checkPostgres, namedQuery, pgOptions, toPg } from './postgres.ts';
import type { StoreReader } from './reader.ts';
import type { StoreAddress } from './worker-protocol.ts';

const sessions = 10;

/** See `StoreReader`. */
export class PgReader implements StoreReader {
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
