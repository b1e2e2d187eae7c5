/**
 * One store: reads, the ledger and working rows over SQLite or PostgreSQL (architecture.md, Store). Not trusted:
 * whoever can write the database can at most make it refuse to start or to seal, and see what is not sealed.
 */
import type { Reads } from '../acts/ports/tables.ts';
import { StoreReads } from './gateway.ts';
import { StoreLedger } from './ledger.ts';
import type { LogState } from './log-worker.ts';
import { migrateStore } from './migrate.ts';
import { openReader } from './reader.ts';
import type { WorkerStart } from './worker-protocol.ts';

export interface StoreConfig extends WorkerStart {
  /** Told whenever the log goes down, comes back or is refused. */
  readonly onLogState?: (state: LogState) => void;
}

export interface Store {
  readonly reads: Reads;
  readonly ledger: StoreLedger;
  /** Ends both; seal before, if what was written should be signed. */
  close(): Promise<void>;
}

/**
 * Opens an existing store. Rejects with `LogRefused` (L5.4), `StoreRefused` (settings, newer tables) or
 * `LogUnavailable`.
 */
export async function openStore(config: StoreConfig): Promise<Store> {
  const { onLogState = () => undefined, ...start } = config;
  await migrateStore(start);
  const reader = await openReader(start);
  try {
    const ledger = await StoreLedger.open(start, reader, onLogState);
    return {
      reads: new StoreReads(reader),
      ledger,
      async close() {
        await ledger.close();
        await reader.close();
      },
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
