/**
 * Writes new migrations for both engines from src/store/schema.ts. Run after a change of the schema; what was
 * released before is never edited. Two things the generator cannot say were written by hand: on SQLite `log_link` and
 * `log_private` lie in the order of their keys (`WITHOUT ROWID`, 0000), and triggers let the log only grow (0001).
 */
import { spawnSync } from 'node:child_process';

for (const engine of ['sqlite', 'pg']) {
  const more = process.argv.slice(2);
  const kit = spawnSync(
    process.execPath,
    ['node_modules/drizzle-kit/bin.cjs', 'generate', `--config=drizzle/${engine}.config.ts`, ...more],
    { stdio: 'inherit' },
  );
  if (kit.status !== 0) process.exit(kit.status ?? 1);
}
