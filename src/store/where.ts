/** From a `Where` to SQL (acts/ports/tables.ts): values are parameters, names come from the schema alone. */
import { columnOf, type TableColumns } from './columns.ts';
import { type Value, WriteFault } from './connection.ts';

const operators = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

export interface Condition {
  /** Beginning with ` where`, or empty. */
  readonly sql: string;
  readonly params: readonly Value[];
  /** The same for conditions that differ in values only. */
  readonly shape: string;
}

interface Part {
  readonly sql: string;
  readonly params: readonly Value[];
}

const isValue = (value: unknown): value is Value =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  value instanceof Uint8Array;

function storable(value: unknown): Value {
  if (isValue(value)) return value;
  throw new WriteFault('A condition holds a value that no column takes.');
}

function membership(column: string, values: readonly unknown[]): Part {
  const known = values.filter((value) => value !== null);
  const orNull = known.length < values.length ? ` or ${column} is null` : '';
  if (known.length === 0) return { sql: orNull ? `${column} is null` : '1 = 0', params: [] };
  const list = known.map(() => '?').join(', ');
  return { sql: `(${column} in (${list})${orNull})`, params: known.map(storable) };
}

function part(column: string, condition: unknown): Part {
  if (condition === null) return { sql: `${column} is null`, params: [] };
  if (isValue(condition)) return { sql: `${column} = ?`, params: [condition] };
  if (typeof condition !== 'object' || condition === undefined)
    throw new WriteFault('A condition is not a value.');
  if ('in' in condition && Array.isArray(condition.in)) return membership(column, condition.in);
  const [name] = Object.keys(condition);
  if (name !== 'lt' && name !== 'lte' && name !== 'gt' && name !== 'gte') {
    throw new WriteFault('A condition has an unknown operator.');
  }
  const value = storable((condition as Record<string, unknown>)[name]);
  return { sql: `${column} ${operators[name]} ?`, params: [value] };
}

/** All conditions must hold. A member that is undefined sets none. */
export function condition(table: TableColumns, where: object): Condition {
  const parts = Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([property, value]) => part(columnOf(table, property), value));
  const sql = parts.map((one) => one.sql).join(' and ');
  return { sql: sql ? ` where ${sql}` : '', params: parts.flatMap((one) => one.params), shape: sql };
}
