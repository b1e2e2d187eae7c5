/**
 * One store: reads, the ledger and working rows over SQLite or PostgreSQL (architecture.md, Store). Not trusted:
 * whoever can write the database can at most make it refuse to start or to seal, and see what is not sealed.
 */
import type { Lists } from '../acts/ports/lists.ts';
import type { Reads } from '../acts/ports/tables.ts';
import type { ExportReader } from '../log/export-reader.ts';
import { type BackupDone, backupStore } from './backup.ts';
import { exportReader, type OpenField } from './export-reader.ts';
import { StoreReads } from './gateway.ts';
import { StoreLedger } from './ledger.ts';
import { StoreLists } from './lists.ts';
import type { LogState } from './log-worker.ts';
import { migrateStore } from './migrate.ts';
import { openReader } from './reader.ts';
import type { WorkerStart } from './worker-protocol.ts';
import { openWorking, type Working } from './working.ts';

const defaultIdleMs = 15 * 60_000;

export interface StoreConfig extends WorkerStart {
  /** Told whenever the log goes down, comes back or is refused. */
  readonly onLogState?: (state: LogState) => void;
  /** A session unused for so long is idle, ms; default 15 min (reliability.md 5). */
  readonly sessionIdleMs?: number;
}

export interface Store {
  readonly reads: Reads;
  readonly lists: Lists;
  readonly ledger: StoreLedger;
  readonly working: Working;
  /** What an export of the first `size` entries reads; `open` decides what is disclosed. */
  exportReader(size: number, open: OpenField): ExportReader;
  /** A consistent copy at `to`; PostgreSQL has tools of its own and is refused. */
  backup(to: string): Promise<BackupDone>;
  /** Ends both; seal before, if what was written should be signed. */
  close(): Promise<void>;
}

/**
 * Opens an existing store. Rejects with `LogRefused` (L5.4), `StoreRefused` (settings, newer tables) or
 * `LogUnavailable`.
 */
export async function openStore(config: StoreConfig): Promise<Store> {
  const { onLogState = () => undefined, sessionIdleMs = defaultIdleMs, ...start } = config;
  await migrateStore(start);
  const reader = await openReader(start);
  try {
    let closing: Promise<void> | undefined;
    const ledger = await StoreLedger.open(start, reader, onLogState);
    return {
      reads: new StoreReads(reader),
      lists: new StoreLists(reader),
      ledger,
      working: openWorking(reader, (writes) => ledger.write(writes), sessionIdleMs),
      exportReader: (size, open) => exportReader(reader, size, open),
      backup: (to) => backupStore(config.url, to),
      close() {
        closing ??= ledger.close().then(() => reader.close());
        return closing;
      },
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
