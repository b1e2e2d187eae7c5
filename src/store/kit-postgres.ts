/** The column words of kit.ts for PostgreSQL: what migrations are made from. The running service needs only names. */
import * as pg from 'drizzle-orm/pg-core';
import type { Kit } from './kit.ts';

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
