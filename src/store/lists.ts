/**
 * Pages of lists (acts/ports/lists.ts), by key and never by offset, the same rows in the same order on both engines.
 * Not trusted to keep anything from anyone: the centres in the filter do that.
 */
import {
  type After,
  type ApplicationFilter,
  type CatalogueFilter,
  type GrantFilter,
  type Lists,
  type LogFilter,
  type LogRow,
  type Page,
  pageLimit,
} from '../acts/ports/lists.ts';
import type { TableName, Tables } from '../acts/ports/tables.ts';
import type { Application } from '../domain/application.ts';
import type { Grant } from '../domain/grant.ts';
import type { Item } from '../domain/item.ts';
import { columnOf, tableColumns } from './columns.ts';
import type { Value } from './connection.ts';
import { domainRows, selectFrom } from './gateway.ts';
import type { StoreReader } from './reader.ts';
import { condition } from './where.ts';

const size = (limit: number): number => Math.max(1, Math.min(pageLimit, Math.floor(limit)));
/** Entries looked at for one page of certain kinds. */
const lookAtOnce = 2_000;

interface FoundEntry {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly leaf: Uint8Array;
}

/** The kind that an entry states; '' where it cannot be read. */
function kindOf(bytes: Uint8Array): string {
  try {
    return String((JSON.parse(Buffer.from(bytes).toString('utf8')) as { kind: unknown }).kind);
  } catch {
    return '';
  }
}

const among = <V>(values: readonly V[] | undefined) => (values ? { in: values } : undefined);

function catalogueWhere(filter: CatalogueFilter): object {
  const { from, to } = filter.recorded ?? {};
  return {
    centreId: { in: filter.centres },
    id: among(filter.ids),
    kind: among(filter.kinds),
    class: among(filter.classes),
    state: among(filter.states),
    scan: among(filter.scans),
    source: filter.source,
    place: filter.place,
    number: filter.number,
    sha256: filter.sha256,
    custodianId: filter.custodianId,
    recordedTo: from === undefined ? undefined : { gt: from },
    recordedFrom: to === undefined ? undefined : { lt: to },
  };
}

const applicationWhere = (filter: ApplicationFilter): object => ({
  requesterId: filter.requesterId,
  centreId: among(filter.centres),
  state: among(filter.states),
});

const grantWhere = (filter: GrantFilter): object => ({
  personId: filter.personId,
  centreId: among(filter.centres),
  state: among(filter.states),
});

export class StoreLists implements Lists {
  readonly #reader: StoreReader;

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  catalogue(
    filter: CatalogueFilter,
    limit: number,
    after?: After<string>,
  ): Promise<Page<Item, After<string>>> {
    return this.#page('item', 'number', catalogueWhere(filter), limit, after);
  }

  countCatalogue(filter: CatalogueFilter): Promise<number> {
    return this.#count('item', catalogueWhere(filter));
  }

  applications(
    filter: ApplicationFilter,
    limit: number,
    after?: After<number>,
  ): Promise<Page<Application, After<number>>> {
    return this.#page('application', 'createdAt', applicationWhere(filter), limit, after);
  }

  countApplications(filter: ApplicationFilter): Promise<number> {
    return this.#count('application', applicationWhere(filter));
  }

  grants(filter: GrantFilter, limit: number, after?: After<number>): Promise<Page<Grant, After<number>>> {
    return this.#page('grant', 'createdSeq', grantWhere(filter), limit, after);
  }

  async log(filter: LogFilter, limit: number, after?: number): Promise<Page<LogRow, number>> {
    const wanted = size(limit);
    const kinds = filter.kinds && new Set(filter.kinds);
    const atOnce = kinds ? lookAtOnce : wanted + 1;
    const { sql, params } = logQuery(filter, after);
    const found = await this.#reader.rows<FoundEntry>(sql, [...params, atOnce]);
    const shown: FoundEntry[] = [];
    let looked = 0;
    for (const row of found) {
      if (shown.length === wanted) break;
      looked += 1;
      if (!kinds || kinds.has(kindOf(row.bytes))) shown.push(row);
    }
    const more = looked < found.length || found.length === atOnce;
    return { rows: await this.#withSealed(shown), next: more ? (found[looked - 1]?.seq ?? null) : null };
  }

  async #withSealed(rows: readonly FoundEntry[]): Promise<LogRow[]> {
    if (rows.length === 0) return [];
    const fields = await this.#reader.rows<{ seq: number; name: string; sealed: Uint8Array }>(
      `select seq, name, sealed from log_private where seq in (${rows.map(() => '?').join(', ')}) order by seq, name`,
      rows.map(({ seq }) => seq),
    );
    const bySeq = Map.groupBy(fields, ({ seq }) => seq);
    return rows.map(({ seq, bytes, leaf }) => ({
      seq,
      bytes,
      leaf: Buffer.from(leaf).toString('hex'),
      sealed: (bySeq.get(seq) ?? []).map(({ name, sealed }) => ({ name, sealed })),
    }));
  }

  async #count(name: TableName, where: object): Promise<number> {
    const table = tableColumns(name);
    const { sql, params } = condition(table, where);
    const [row] = await this.#reader.rows<{ n: number }>(
      `select count(*) as n from ${table.name}${sql}`,
      params,
    );
    return row?.n ?? 0;
  }

  /** Descending by `order`, then by id. */
  async #page<T extends TableName, V extends string | number>(
    name: T,
    order: keyof Tables[T] & string,
    where: object,
    limit: number,
    after: After<V> | undefined,
  ): Promise<Page<Tables[T], After<V>>> {
    const wanted = size(limit);
    const table = tableColumns(name);
    const { sql, params } = condition(table, where);
    const column = columnOf(table, order);
    const seek = after ? `${sql ? ' and ' : ' where '}(${column}, "id") < (?, ?)` : '';
    const values: Value[] = [...params, ...(after ? [after.value, after.id] : []), wanted + 1];
    const rows = domainRows(
      table,
      await this.#reader.rows<Tables[T]>(
        `${selectFrom(table)}${sql}${seek} order by ${column} desc, "id" desc limit ?`,
        values,
      ),
    );
    const shown = rows.slice(0, wanted);
    const last = rows.length > wanted ? shown.at(-1) : undefined;
    return { rows: shown, next: last ? { value: last[order] as V, id: last.id } : null };
  }
}

function logQuery(filter: LogFilter, after: number | undefined): { sql: string; params: Value[] } {
  const parts: string[] = [];
  const params: Value[] = [];
  const add = (sql: string, value: Value | undefined): void => {
    if (value === undefined) return;
    parts.push(sql);
    params.push(value);
  };
  const of = filter.subject === undefined ? 'e' : 'l';
  add('s.id = ?', filter.subject);
  add(`${of}.seq >= ?`, filter.from);
  add(`${of}.seq < ?`, filter.to);
  add(`${of}.seq ${filter.ascending ? '>' : '<'} ?`, after);
  const from =
    filter.subject === undefined
      ? 'log_entry e'
      : 'log_subject s join log_link l on l.sid = s.sid join log_entry e on e.seq = l.seq';
  const where = parts.length > 0 ? ` where ${parts.join(' and ')}` : '';
  const order = filter.ascending ? 'asc' : 'desc';
  return {
    sql: `select e.seq, e.bytes, e.leaf from ${from}${where} order by ${of}.seq ${order} limit ?`,
    params,
  };
}
