/**
 * drizzle, by `require`. Its package file lists some thousand entries, and Node's loader of modules reads that list anew for
 * each of its files: imported, it costs every thread 0.4 s and 130 MB of heap that do not come back; required, 20 MB.
 */
import { createRequire } from 'node:module';
import type * as core from 'drizzle-orm';
import type * as sqliteDriver from 'drizzle-orm/better-sqlite3';
import type * as sqliteMigrator from 'drizzle-orm/better-sqlite3/migrator';
import type * as pgDriver from 'drizzle-orm/node-postgres';
import type * as pgMigrator from 'drizzle-orm/node-postgres/migrator';
import type * as sqlite from 'drizzle-orm/sqlite-core';

const load = createRequire(import.meta.url);

export const { getTableColumns, getTableName, sql } = load('drizzle-orm') as typeof core;
export const sqliteCore = load('drizzle-orm/sqlite-core') as typeof sqlite;

/** What brings a SQLite file to this version; read only when it is needed. */
export const sqliteMigration = () => ({
  ...(load('drizzle-orm/better-sqlite3') as typeof sqliteDriver),
  ...(load('drizzle-orm/better-sqlite3/migrator') as typeof sqliteMigrator),
});

/** The same for PostgreSQL. */
export const pgMigration = () => ({
  ...(load('drizzle-orm/node-postgres') as typeof pgDriver),
  ...(load('drizzle-orm/node-postgres/migrator') as typeof pgMigrator),
});
