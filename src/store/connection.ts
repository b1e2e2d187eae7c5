/**
 * What the log's algorithm needs of a database: one session that writes (custody-log L4). Two engines, one
 * meaning. Statements are written with `?`; an engine never retries one by itself.
 */

/** A value that both engines store: flags as booleans, bytes as `Uint8Array`. */
export type Value = string | number | boolean | Uint8Array | null;
export type Row = Readonly<Record<string, unknown>>;

/** Rows for one table at once; `types` are PostgreSQL's, column by column. */
export interface Plan {
  readonly table: string;
  readonly columns: readonly string[];
  readonly types: readonly ('bigint' | 'bytea' | 'text')[];
  /** Where a row with this key exists, these columns of it are set. */
  readonly raise?: { readonly key: string; readonly set: readonly string[] };
}

/** Why a write failed: a unique rule of `table`, a fault of whoever wrote the statement, or the database itself. */
export type Failure =
  | { readonly why: 'unique'; readonly table: string }
  | { readonly why: 'fault' }
  | { readonly why: 'down' };

export interface Connection {
  /** Opens a transaction; answers the newest log number, −1 for an empty log. */
  begin(): Promise<number>;
  /** Opens a transaction that only reads, all of one moment, and keeps nobody out; `rollback` ends it. */
  snapshot(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Keeps every other writer out until `release`; ends with the transaction where the engine has no longer lock. */
  hold(): Promise<void>;
  release(): Promise<void>;
  /** Rows changed. */
  run(sql: string, params: readonly Value[]): Promise<number>;
  rows<T extends object = Row>(sql: string, params: readonly Value[]): Promise<T[]>;
  insertAll(plan: Plan, rows: readonly (readonly Value[])[]): Promise<void>;
  failure(error: unknown): Failure;
  /** Bytes left for the database, or null where that cannot be seen from here. */
  freeSpace(): number | null;
  close(): Promise<void>;
}

/** The database cannot be used as it is; the text is for the operator. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

/** A write that nobody could carry out: a fault of whoever described it. Everything rolls back, nothing else suffers. */
export class WriteFault extends Error {
  override readonly name = 'WriteFault';
}

/** What makes an insert change the row that is there. */
export function onConflict(raise: Plan['raise']): string {
  if (!raise) return '';
  const set = raise.set.map((column) => `${column} = excluded.${column}`);
  return ` on conflict (${raise.key}) do update set ${set.join(', ')}`;
}
