/**
 * One service on one SQLite file: a second one beside it would not be waited for when something ends (R38). The command
 * line may work beside a service; PostgreSQL may have several.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Config, databaseUrl } from '../config.ts';
import { FileLock } from '../store/file-lock.ts';
import { engineOf, sqlitePath } from '../store/open-connection.ts';

/** Another service has this database open. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/** Until `free`, no other service may run on this database. Throws `AlreadyRunning`. */
export function runAlone(config: Config): { free(): void } {
  const url = databaseUrl(config);
  if (engineOf(url) !== 'sqlite') return { free: () => undefined };
  const path = `${sqlitePath(url)}.service`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = FileLock.take(path);
  if (!lock) throw new AlreadyRunning('A service runs on this database already.');
  return lock;
}
