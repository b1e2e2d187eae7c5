/**
 * PostgreSQL: settings read back at start (custody-log L4.6), and the one session that writes, with the advisory
 * lock of L4.2. Needs session pooling or none. Not trusted: whoever can write the database can at most make the
 * log refuse to start or to seal.
 */
import pg from 'pg';
import {
  type Connection,
  type Failure,
  onConflict,
  type Plan,
  StoreRefused,
  type Value,
  WriteFault,
} from './connection.ts';

/** The log's advisory lock: the ASCII bytes of `custos` as a number. */
export const lockKey = 109_356_099_334_003;

const durable = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/** How a connection reads values: 64-bit integers as numbers (ours stay below 2^53). */
export const pgTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => (oid === 20 ? Number : pg.types.getTypeParser(oid)),
};

/** What every connection is opened with. */
export function pgOptions(url: string) {
  return { connectionString: url, types: pgTypes, connectionTimeoutMillis: 5_000, query_timeout: 10_000 };
}

/** A connected session, which the caller ends. */
export async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client(pgOptions(url));
  await client.connect();
  return client;
}

/** Throws `StoreRefused` unless this is a primary whose commits are durable; `unsafeNoFsync` is for tests alone. */
export async function checkPostgres(client: pg.ClientBase, unsafeNoFsync: boolean): Promise<void> {
  const standby = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
  if (standby.rows[0]?.standby)
    throw new StoreRefused('PostgreSQL is a standby; Custos writes to the primary.');
  const encoding = await client.query<{ server_encoding: string }>('show server_encoding');
  if (encoding.rows[0]?.server_encoding !== 'UTF8')
    throw new StoreRefused('PostgreSQL keeps another encoding than UTF8.');
  if (unsafeNoFsync) return;
  for (const name of durable) {
    const shown = await client.query<Record<string, string>>(`show ${name}`);
    const value = shown.rows[0]?.[name] ?? '';
    const holds = value === 'on' || (name === 'synchronous_commit' && value === 'remote_apply');
    if (!holds) throw new StoreRefused(`PostgreSQL keeps ${name} = ${value}, not on.`);
  }
}

/** Lists of changing length make new texts; what comes after this many is prepared for one use. */
const mostNamed = 1_000;
const numbered = new Map<string, string>();
/** `?` to `$1`, `$2` …; our statements hold no `?` otherwise. */
export function toNumbered(sql: string): string {
  let text = numbered.get(sql);
  if (text === undefined) {
    if (numbered.size > 10 * mostNamed) numbered.clear();
    let at = 0;
    text = sql.replace(/\?/g, () => `$${++at}`);
    numbered.set(sql, text);
  }
  return text;
}

const names = new Map<string, string>();
/** A statement that the server prepares once for each session. */
export function namedQuery(sql: string, values: readonly unknown[]): pg.QueryConfig {
  const text = toNumbered(sql);
  let name = names.get(text);
  if (name === undefined && names.size >= mostNamed) return { text, values: [...values] };
  if (name === undefined) {
    name = `s${names.size}`;
    names.set(text, name);
  }
  return { name, text, values: [...values] };
}

/** As `pg` takes it. */
export const toPg = (value: Value): unknown =>
  value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;

/** The session that writes. */
export class PgConnection implements Connection {
  readonly #client: pg.Client;
  #held = false;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string, unsafeNoFsync: boolean): Promise<PgConnection> {
    const client = new pg.Client(pgOptions(url));
    // Without a listener a lost connection would end the process; the next statement fails instead.
    client.on('error', () => undefined);
    await client.connect();
    try {
      await checkPostgres(client, unsafeNoFsync);
      return new PgConnection(client);
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  async begin(): Promise<number> {
    // One round trip. A session that holds the lock itself is not stopped by it.
    const results = (await this.#client.query(
      `begin; select pg_advisory_xact_lock_shared(${lockKey}); select seq from log_entry order by seq desc limit 1`,
    )) as unknown as pg.QueryResult<{ seq: number }>[];
    return results[2]?.rows[0]?.seq ?? -1;
  }

  async snapshot(): Promise<void> {
    await this.#client.query('begin isolation level repeatable read read only');
  }

  async commit(): Promise<void> {
    await this.#client.query('commit');
  }

  async rollback(): Promise<void> {
    await this.#client.query('rollback');
  }

  async hold(): Promise<void> {
    await this.#client.query(`select pg_advisory_lock(${lockKey})`);
    this.#held = true;
  }

  async release(): Promise<void> {
    if (!this.#held) return;
    this.#held = false;
    await this.#client.query(`select pg_advisory_unlock(${lockKey})`);
  }

  async run(sql: string, params: readonly Value[]): Promise<number> {
    return (await this.#client.query(namedQuery(sql, params.map(toPg)))).rowCount ?? 0;
  }

  async rows<T extends object>(sql: string, params: readonly Value[]): Promise<T[]> {
    return (await this.#client.query(namedQuery(sql, params.map(toPg)))).rows as T[];
  }

  async insertAll(
    { table, columns, types, raise }: Plan,
    rows: readonly (readonly Value[])[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const arrays = columns.map((_, at) => rows.map((row) => toPg(row[at] ?? null)));
    const unnest = types.map((type) => `?::${type}[]`).join(', ');
    const text = `insert into ${table} (${columns.join(', ')}) select * from unnest(${unnest})${onConflict(raise)}`;
    await this.#client.query(namedQuery(text, arrays));
  }

  failure(error: unknown): Failure {
    if (error instanceof WriteFault) return { why: 'fault' };
    const { code, table } = error as { code?: unknown; table?: unknown };
    if (typeof code !== 'string') return { why: 'down' };
    // What the server reports of a statement has five characters; a lost connection has others.
    if (code === '23505') return { why: 'unique', table: String(table) };
    return { why: /^(?:22|23|42|P0)/.test(code) ? 'fault' : 'down' };
  }

  freeSpace(): number | null {
    return null;
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
