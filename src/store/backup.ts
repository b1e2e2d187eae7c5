/**
 * A copy of the SQLite database as of one moment, made in a thread of its own while the service writes. For
 * PostgreSQL the operator's own tools make it (`pg_dump`, or base backups with WAL); keys and the signed head lie
 * outside the database and are backed up apart.
 */
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { StoreRefused } from './connection.ts';
import { engineOf, sqlitePath } from './open-connection.ts';
import { openSqlite } from './sqlite.ts';
import { startThread } from './thread.ts';

/** What a backup is, for the record: its size in bytes and how many entries of the log it holds. */
export interface BackupDone {
  readonly size: number;
  readonly entries: number;
}
interface Job {
  readonly from: string;
  readonly to: string;
}

/**
 * Writes a consistent, checked, durable copy to `to`, which must not exist. Rejects with `StoreRefused` for
 * PostgreSQL, and with an Error when the copy failed: then what lies at `to` is worthless.
 */
export async function backupStore(url: string, to: string): Promise<BackupDone> {
  if (engineOf(url) !== 'sqlite') throw new StoreRefused('A PostgreSQL database is backed up with pg_dump.');
  const job: Job = { from: sqlitePath(url), to };
  return new Promise((resolve, reject) => {
    const worker = startThread(new URL(import.meta.url), { backup: job });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The backup ended early.')));
  });
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

function copy({ from, to }: Job): BackupDone {
  closeSync(openSync(to, 'wx', 0o600));
  const source = openSqlite(from, { readonly: true });
  // One read transaction: writers go on, the copy is of one moment.
  source.prepare('vacuum into ?').run(to);
  source.close();
  const made = new Database(to, { readonly: true, fileMustExist: true });
  const sound = made.pragma('integrity_check', { simple: true });
  const entries = Number(made.prepare('select count(*) from log_entry').pluck().get());
  made.close();
  if (sound !== 'ok') throw new Error('The copy is not sound.');
  sync(to);
  sync(dirname(to));
  return { size: statSync(to).size, entries };
}

const job = (workerData as { backup?: Job } | null)?.backup;
if (!isMainThread && job) parentPort?.postMessage(copy(job));
