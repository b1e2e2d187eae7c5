/**
 * From an act's description of a write to SQL (acts/ports/tables.ts). Values are always parameters; names come
 * from the schema alone. An update of a row that is not there is a fault, and everything rolls back.
 */
import type { Write } from '../acts/ports/tables.ts';
import { columnOf, tableColumns } from './columns.ts';
import { type Connection, type Value, WriteFault } from './connection.ts';

interface Built {
  readonly sql: string;
  readonly params: readonly Value[];
}

const texts = new Map<string, string>();

function cached(key: string, build: () => string): string {
  let text = texts.get(key);
  if (text === undefined) {
    text = build();
    texts.set(key, text);
  }
  return text;
}

/** Replaces `entrySeq(i)` by the number of this commit's i-th entry. */
function storable(value: unknown, seqs: readonly number[]): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'object' && value !== undefined && 'entrySeq' in value) {
    const seq = seqs[Number(value.entrySeq)];
    if (seq !== undefined) return seq;
    throw new WriteFault('A write names an entry that its commit does not have.');
  }
  throw new WriteFault('A write holds a value that no column takes; what is to be sealed was not.');
}

/** The statement for one write, given the numbers of the commit's entries. */
export function writeSql(write: Write, seqs: readonly number[]): Built {
  if ('update' in write) return updateSql(write.update, write.id, write.set, seqs);
  const name = 'insert' in write ? write.insert : write.upsert;
  const table = tableColumns(name);
  const entries = Object.entries(write.row);
  const keys = entries.map(([property]) => property);
  const sql = cached(`${'insert' in write ? 'i' : 'u'} ${name} ${keys.join()}`, () => {
    const columns = keys.map((property) => columnOf(table, property));
    const text = `insert into ${table.name} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`;
    if ('insert' in write) return text;
    const raised = columns
      .filter((column) => column !== '"id"')
      .map((column) => `${column} = excluded.${column}`);
    return `${text} on conflict ("id") do update set ${raised.join(', ')}`;
  });
  return { sql, params: entries.map(([, value]) => storable(value, seqs)) };
}

function updateSql(
  name: Parameters<typeof tableColumns>[0],
  id: string,
  set: object,
  seqs: readonly number[],
): Built {
  const table = tableColumns(name);
  const entries = Object.entries(set).filter(([, value]) => value !== undefined);
  const keys = entries.map(([property]) => property);
  const sql = cached(`s ${name} ${keys.join()}`, () => {
    const columns = keys.map((property) => `${columnOf(table, property)} = ?`);
    return `update ${table.name} set ${columns.join(', ')} where "id" = ?`;
  });
  return { sql, params: [...entries.map(([, value]) => storable(value, seqs)), id] };
}

/** Runs the writes in order, inside the caller's transaction. */
export async function runWrites(
  db: Connection,
  writes: readonly Write[],
  seqs: readonly number[],
): Promise<void> {
  for (const write of writes) {
    const { sql, params } = writeSql(write, seqs);
    const changed = await db.run(sql, params);
    if (changed !== 1)
      throw new WriteFault('A write changed no row: the row that an act updates is not there.');
  }
}
