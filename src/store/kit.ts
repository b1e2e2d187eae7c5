/**
 * Column words for both engines, so that the schema is written once (architecture.md, Store). Times are integer
 * milliseconds and come back as numbers, bytes as `Buffer`, flags as booleans on both.
 */
import { pgCore as pg, sqliteCore as sqlite } from './drizzle.ts';

/** The words for SQLite; their types are the schema's. */
export const sqliteKit = {
  table: sqlite.sqliteTable,
  index: sqlite.index,
  unique: sqlite.uniqueIndex,
  key: sqlite.primaryKey,
  text: <T extends string = string>() => sqlite.text().$type<T>().notNull(),
  textOrNull: <T extends string = string>() => sqlite.text().$type<T>(),
  integer: () => sqlite.integer().notNull(),
  integerOrNull: () => sqlite.integer(),
  flag: () => sqlite.integer({ mode: 'boolean' }).notNull(),
  bytes: () => sqlite.blob({ mode: 'buffer' }).$type<Uint8Array>().notNull(),
  bytesOrNull: () => sqlite.blob({ mode: 'buffer' }).$type<Uint8Array>(),
};

/** One set of words. */
export type Kit = typeof sqliteKit;

/** Text is ordered by its bytes, as SQLite does it, and not by the server's language. */
const pgText = pg.customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });
const pgBytes = pg.customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

const words = {
  table: pg.pgTable,
  index: pg.index,
  unique: pg.uniqueIndex,
  key: pg.primaryKey,
  text: () => pgText().notNull(),
  textOrNull: () => pgText(),
  integer: () => pg.bigint({ mode: 'number' }).notNull(),
  integerOrNull: () => pg.bigint({ mode: 'number' }),
  flag: () => pg.boolean().notNull(),
  bytes: () => pgBytes().notNull(),
  bytesOrNull: () => pgBytes(),
};

/** The words for PostgreSQL, under SQLite's types: the one cast between the two. */
export const pgKit = words as unknown as Kit;
