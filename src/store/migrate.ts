/**
 * Brings the tables to this version (drizzle/), once at start. A database that a newer version has changed is
 * refused: an older binary must not write what it does not know (P6).
 */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StoreRefused } from './connection.ts';
import { pgMigration, sqliteMigration } from './drizzle.ts';
import { engineOf, sqlitePath } from './open-connection.ts';
import { openSqlite } from './sqlite.ts';
import type { StoreAddress } from './worker-protocol.ts';

const folderOf = (engine: 'sqlite' | 'pg'): string =>
  fileURLToPath(new URL(`../../drizzle/${engine}`, import.meta.url));

/** When the newest migration of this version was made, ms: how drizzle orders them. */
function newestKnown(folder: string): number {
  const journal = JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8')) as {
    entries: { when: number }[];
  };
  return Math.max(0, ...journal.entries.map(({ when }) => when));
}

function refuseNewer(stored: number, folder: string): void {
  if (stored > newestKnown(folder)) {
    throw new StoreRefused(
      'The database was written by a newer version of Custos; this one is too old for it.',
    );
  }
}

/** Runs what is missing. Rejects with `StoreRefused` for a newer database or settings that do not hold. */
export async function migrateStore({ url, unsafeNoFsync = false }: StoreAddress): Promise<void> {
  if (engineOf(url) === 'sqlite') migrateFile(sqlitePath(url));
  else await migrateServer(url, unsafeNoFsync);
}

function migrateFile(path: string): void {
  // SQLite gives its other files the mode of this one.
  closeSync(openSync(path, 'a', 0o600));
  const db = openSqlite(path);
  try {
    const known = db.prepare("select 1 from sqlite_master where name = '__drizzle_migrations'").get();
    const newest = known ? db.prepare('select max(created_at) from __drizzle_migrations').pluck().get() : 0;
    const folder = folderOf('sqlite');
    refuseNewer(Number(newest ?? 0), folder);
    const { drizzle, migrate } = sqliteMigration();
    migrate(drizzle(db), { migrationsFolder: folder });
  } finally {
    db.close();
  }
}

async function migrateServer(url: string, unsafeNoFsync: boolean): Promise<void> {
  const { checkPostgres, lockKey, openClient } = await import('./postgres.ts');
  const client = await openClient(url);
  try {
    await checkPostgres(client, unsafeNoFsync);
    await client.query(`select pg_advisory_lock(${lockKey})`);
    const known = await client.query(
      "select to_regclass('drizzle.__drizzle_migrations') is not null as known",
    );
    const newest = known.rows[0]?.known
      ? await client.query('select max(created_at) as newest from drizzle.__drizzle_migrations')
      : null;
    const folder = folderOf('pg');
    refuseNewer(Number(newest?.rows[0]?.newest ?? 0), folder);
    const { drizzle, migrate } = pgMigration();
    await migrate(drizzle(client), { migrationsFolder: folder });
  } finally {
    await client.end();
  }
}
