/** What SQL text needs of the schema: names of tables and columns, quoted, and which columns hold flags. */
import type { TableName } from '../acts/ports/tables.ts';
import { WriteFault } from './connection.ts';
import { getTableColumns, getTableName } from './drizzle.ts';
import { sqliteKit } from './kit.ts';
import { defineSchema, type Schema } from './schema.ts';

/** One table as SQL names it. `columns`: property → quoted column. */
export interface TableColumns {
  readonly name: string;
  readonly columns: ReadonlyMap<string, string>;
  readonly flags: readonly string[];
}

/** `changedSeq` → `changed_seq`, as drizzle-kit writes it in the migrations. */
export const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

function describe(table: Schema[keyof Schema]): TableColumns {
  const columns = Object.entries(getTableColumns(table));
  return {
    name: `"${getTableName(table)}"`,
    columns: new Map(columns.map(([property]) => [property, `"${snake(property)}"`])),
    flags: columns.filter(([, column]) => column.dataType === 'boolean').map(([property]) => property),
  };
}

const schema = defineSchema(sqliteKit);
const described: ReadonlyMap<string, TableColumns> = new Map(
  Object.entries(schema).map(([key, table]) => [key, describe(table)]),
);
const properties: ReadonlyMap<string, string> = new Map(
  Object.entries(schema).map(([key, table]) => [getTableName(table), key]),
);

/** The table of custody or of the log called `table` in the schema. */
export function tableColumns(table: TableName | keyof Schema): TableColumns {
  const found = described.get(table);
  if (!found) throw new WriteFault(`There is no table ${table}.`);
  return found;
}

/** `subject_key` → `subjectKey`: the name that acts know a table by. */
export const propertyOf = (sqlName: string): string => properties.get(sqlName) ?? sqlName;

/** The quoted column of a property. Never takes a name that the schema does not hold. */
export function columnOf(table: TableColumns, property: string): string {
  const column = table.columns.get(property);
  if (!column) throw new WriteFault(`${table.name} has no column ${property}.`);
  return column;
}
