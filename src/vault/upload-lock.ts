/**
 * One writer for an upload (K5, X54): in this process by a set, between processes by a small object beside the state,
 * put only if absent and renewed while it is held. A holder that died on this machine is passed over at once, one
 * elsewhere when its lock has not been renewed for a while. Where the store has no conditional put, only this process
 * is guarded, and the store's own receipts refuse a mixed object.
 * Not trusted: whoever can write the store can at most make an upload wait.
 */
import { hostname } from 'node:os';
import { BlobFault, BlobMissing, type BlobName, type BlobStore, blobName } from '../acts/ports/blob.ts';

/** How often a lock is renewed, ms. */
const RENEW_MS = 2_000;
/** A lock that was not seen to change for so long has lost its holder, ms. */
const STALE_MS = 10_000;

export interface UploadLock {
  /** False when the lock could not be renewed in time: someone else may be writing. */
  held(): boolean;
  release(): Promise<void>;
}

export interface UploadLocks {
  /** Null when another writer is active. */
  take(id: string): Promise<UploadLock | null>;
}

interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly process: string;
  readonly beat: number;
}

/** `monotonic` in ms. `host` names this machine. */
export function uploadLocks(
  blob: BlobStore,
  monotonic: () => number = () => performance.now(),
  host: string = hostname(),
): UploadLocks {
  // Tells this process from an earlier one that had the same number, as the first in a container always has.
  const own = `${performance.timeOrigin}`;
  const here = new Set<string>();
  const seen = new Map<string, { readonly mark: string; readonly since: number }>();

  const bytesOf = (beat: number): Buffer =>
    Buffer.from(JSON.stringify({ host, pid: process.pid, process: own, beat } satisfies Holder));

  /** True when the holder is certainly gone. */
  const abandoned = (id: string, text: string): boolean => {
    const holder = parsed(text);
    if (holder && holder.host === host && !runs(holder, own)) return true;
    const before = seen.get(id);
    if (before?.mark !== text) seen.set(id, { mark: text, since: monotonic() });
    return before?.mark === text && monotonic() - before.since > STALE_MS;
  };

  const claim = async (id: string, name: BlobName): Promise<boolean> => {
    for (let tries = 0; tries < 2; tries += 1) {
      try {
        await blob.put(name, bytesOf(0), { onlyIfAbsent: true });
        return true;
      } catch (error) {
        if (!(error instanceof BlobFault && error.code === 'exists')) throw error;
      }
      const text = await textOf(blob, name);
      if (text !== undefined && !abandoned(id, text)) return false;
      if (text !== undefined) await blob.delete(name);
    }
    return false;
  };

  const hold = (id: string, name: BlobName): UploadLock => {
    let beat = 0;
    let renewedAt = monotonic();
    let renewing: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      const at = monotonic();
      beat += 1;
      renewing = blob.put(name, bytesOf(beat)).then(
        () => {
          renewedAt = at;
        },
        () => undefined,
      );
    }, RENEW_MS).unref();
    return {
      held: () => monotonic() - renewedAt < STALE_MS / 2,
      async release() {
        clearInterval(timer);
        await renewing;
        try {
          await blob.delete(name);
        } finally {
          here.delete(id);
        }
      },
    };
  };

  return {
    async take(id) {
      const name = blobName(`uploads/${id}/lock`);
      if (here.has(id)) return null;
      here.add(id);
      let taken = false;
      try {
        taken = await claim(id, name);
        if (taken) seen.delete(id);
        return taken ? hold(id, name) : null;
      } catch (error) {
        if (!(error instanceof BlobFault && error.code === 'unsupported')) throw error;
        taken = true;
        return { held: () => true, release: async () => void here.delete(id) };
      } finally {
        if (!taken) here.delete(id);
      }
    },
  };
}

/** Whether the holder's process lives, asked only about this machine. */
function runs(holder: Holder, own: string): boolean {
  if (holder.pid === process.pid) return holder.process === own;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists, but may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function textOf(blob: BlobStore, name: BlobName): Promise<string | undefined> {
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of await blob.read(name, 'all')) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    if (error instanceof BlobMissing) return undefined;
    throw error;
  }
}

function parsed(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { host, pid } = value as Partial<Holder>;
    return typeof host === 'string' && Number.isSafeInteger(pid) ? (value as Holder) : undefined;
  } catch {
    return undefined;
  }
}
