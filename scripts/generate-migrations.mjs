/**
 * Writes new migrations for both engines from src/store/schema.ts. Run after a change of the schema; what was
 * released before is never edited.
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
