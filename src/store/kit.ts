/**
 * Column words for both engines, so that the schema is written once (architecture.md, Store). Times are integer
 * milliseconds and come back as numbers, bytes as `Buffer`, flags as booleans on both.
 */
import { sqliteCore as sqlite } from './drizzle.ts';

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
