/** Which changes of the tables a database has, for the command line (P6). */
import { readFileSync } from 'node:fs';
import { type Config, databaseUrl } from '../config.ts';
import { engineOf } from '../store/open-connection.ts';
import { openReader } from '../store/reader.ts';

export { migrateStore } from '../store/migrate.ts';

/** How many changes were applied, and the names of all that this version knows, oldest first. */
export async function migrationState(
  config: Config,
): Promise<{ readonly applied: number; readonly known: readonly string[] }> {
  const url = databaseUrl(config);
  const engine = engineOf(url);
  const journal = readFileSync(
    new URL(`../../drizzle/${engine}/meta/_journal.json`, import.meta.url),
    'utf8',
  );
  const { entries } = JSON.parse(journal) as { entries: { tag: string }[] };
  const reader = await openReader({ url, unsafeNoFsync: config.database.unsafeNoFsync });
  try {
    const table = engine === 'pg' ? 'drizzle.__drizzle_migrations' : '__drizzle_migrations';
    const [row] = await reader.rows<{ n: number }>(`select count(*) as n from ${table}`, []);
    return { applied: Number(row?.n ?? 0), known: entries.map(({ tag }) => tag) };
  } finally {
    await reader.close();
  }
}
