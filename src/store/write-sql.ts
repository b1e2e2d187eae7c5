/**
 * From an act's description of a write to SQL (acts/ports/tables.ts). Values are always parameters; names come
 * from the schema alone. This runs in the main thread, so that the writer's thread need not know the schema.
 */
import type { TableName, Write } from '../acts/ports/tables.ts';
import { columnOf, tableColumns } from './columns.ts';
import { WriteFault } from './connection.ts';
import type { Param, SqlWrite } from './worker-protocol.ts';

const texts = new Map<string, string>();

function cached(key: string, build: () => string): string {
  let text = texts.get(key);
  if (text === undefined) {
    text = build();
    texts.set(key, text);
  }
  return text;
}

function param(value: unknown): Param {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  // Bytes of their own: a message to a thread copies the whole pool that a small buffer lies in.
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (value === null) return value;
  if (typeof value === 'object' && value !== undefined && 'entrySeq' in value) {
    return { entrySeq: Number(value.entrySeq) };
  }
  throw new WriteFault('A write holds a value that no column takes; what is to be sealed was not.');
}

/** The statement for one write; `entrySeq` stays a mark, since only the writer knows the numbers. */
export function writeSql(write: Write): SqlWrite {
  if ('update' in write) return updateSql(write.update, write.id, write.set);
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
  return { sql, params: entries.map(([, value]) => param(value)) };
}

function updateSql(name: TableName, id: string, set: object): SqlWrite {
  const table = tableColumns(name);
  const entries = Object.entries(set).filter(([, value]) => value !== undefined);
  const keys = entries.map(([property]) => property);
  const sql = cached(`s ${name} ${keys.join()}`, () => {
    const columns = keys.map((property) => `${columnOf(table, property)} = ?`);
    return `update ${table.name} set ${columns.join(', ')} where "id" = ?`;
  });
  return { sql, params: [...entries.map(([, value]) => param(value)), id] };
}
