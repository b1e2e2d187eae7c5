/**
 * The reads of acts (acts/ports/tables.ts): rows of one table by conditions on its columns. The text of a statement
 * depends on table and shape alone, so each is prepared once.
 */
import type { Reads, TableName, Tables, Where } from '../acts/ports/tables.ts';
import { columnOf, type TableColumns, tableColumns } from './columns.ts';
import type { StoreReader } from './reader.ts';
import { condition } from './where.ts';

type Options<T extends TableName> = Parameters<Reads['all']>[2] & {
  readonly orderBy?: keyof Tables[T] & string;
};
const heads = new Map<string, string>();

/** `select …  from …` with the columns under the names of their properties. */
export function selectFrom(table: TableColumns): string {
  let text = heads.get(table.name);
  if (text === undefined) {
    const columns = [...table.columns].map(([property, column]) => `${column} as "${property}"`);
    text = `select ${columns.join(', ')} from ${table.name}`;
    heads.set(table.name, text);
  }
  return text;
}

/** Rows as the domain has them: SQLite keeps flags as numbers. */
export function domainRows<R extends object>(table: TableColumns, rows: R[]): R[] {
  for (const flag of table.flags) {
    for (const row of rows as Record<string, unknown>[]) {
      row[flag] = Boolean(row[flag]);
    }
  }
  return rows;
}

export class StoreReads implements Reads {
  readonly #reader: StoreReader;

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  async one<T extends TableName>(name: T, where: Where<Tables[T]>): Promise<Tables[T] | undefined> {
    const table = tableColumns(name);
    const { sql, params } = condition(table, where);
    const rows = await this.#reader.rows<Tables[T]>(`${selectFrom(table)}${sql} limit 1`, params);
    return domainRows(table, rows)[0];
  }

  async all<T extends TableName>(
    name: T,
    where: Where<Tables[T]>,
    options: Options<T> = {},
  ): Promise<Tables[T][]> {
    const table = tableColumns(name);
    const { sql, params } = condition(table, where);
    const order = options.orderBy
      ? ` order by ${columnOf(table, options.orderBy)}${options.descending ? ' desc' : ''}, "id"`
      : ' order by "id"';
    const limit = options.limit === undefined ? '' : ' limit ?';
    const values = options.limit === undefined ? params : [...params, options.limit];
    return domainRows(
      table,
      await this.#reader.rows<Tables[T]>(`${selectFrom(table)}${sql}${order}${limit}`, values),
    );
  }

  async count<T extends TableName>(name: T, where: Where<Tables[T]>): Promise<number> {
    const table = tableColumns(name);
    const { sql, params } = condition(table, where);
    const [row] = await this.#reader.rows<{ n: number }>(
      `select count(*) as n from ${table.name}${sql}`,
      params,
    );
    return row?.n ?? 0;
  }
}
