/**
 * An upload with its keys at hand for the length of one request (K5): unwraps the data key, opens the stored state, and
 * wipes both again on every way out. A state is saved only while the lock is held.
 */
import type { Hash } from 'node:crypto';
import { BlobMissing, type BlobStore, type UploadId } from '../acts/ports/blob.ts';
import type { UploadRow } from '../acts/ports/content.ts';
import { type EnvelopeObject, openHeader } from '../crypto/envelope-keys.ts';
import { itemKey } from '../crypto/item-keys.ts';
import type { Secret } from '../crypto/secret.ts';
import { openItemKey } from './item-key.ts';
import type { KeyLeaves } from './leaves.ts';
import type { Recent } from './recent.ts';
import type { UploadLock } from './upload-lock.ts';
import {
  openState,
  STATE_FRONT,
  sealState,
  stateHeadSize,
  stateName,
  type UploadState,
} from './upload-state.ts';

/** An upload with its keys, for the length of one request. */
export interface OpenUpload {
  readonly dek: Secret;
  readonly object: EnvelopeObject;
  readonly state: UploadState;
  readonly tail: () => Promise<Buffer>;
  /** The running hash of the first `state.offset` bytes, a copy; undefined after a restart. */
  readonly hash: Hash | undefined;
  readonly lock: UploadLock;
  /** Saves the next state, together with the running hash at that offset. */
  save(next: Omit<UploadState, 'stamp'>, tail: Uint8Array, hash: Hash | undefined): Promise<void>;
}

/** This writer was passed over by another one: what it has not saved is lost, and the other's state stays. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver';
  constructor() {
    super('The upload was taken over by another writer.');
  }
}

/** The running hash of what a saved state holds, known by the state's stamp. */
export interface RunningHash {
  readonly stamp: string;
  readonly hash: Hash;
}

export function uploadOpener(blob: BlobStore, leaves: KeyLeaves) {
  const withKeys = async <T>(
    row: UploadRow,
    use: (dek: Secret, tailKey: Secret) => Promise<T>,
  ): Promise<T> => {
    const dek = await openItemKey(leaves, row);
    const tailKey = itemKey(dek, 'tail');
    try {
      return await use(dek, tailKey);
    } finally {
      tailKey.wipe();
      dek.wipe();
    }
  };

  const stored = async (id: string): Promise<Buffer | undefined> => {
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of await blob.read(stateName(id), 'all')) pieces.push(piece);
      return Buffer.concat(pieces);
    } catch (error) {
      if (error instanceof BlobMissing) return undefined;
      throw error;
    }
  };

  const piece = async (id: string, from: number, to: number): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const part of await blob.read(stateName(id), { from, to })) pieces.push(part);
    return Buffer.concat(pieces);
  };

  /** The head alone, without up to 16 MiB of tail behind it. */
  const storedHead = async (id: string): Promise<Buffer | undefined> => {
    try {
      return await piece(id, 0, stateHeadSize(await piece(id, 0, STATE_FRONT)));
    } catch (error) {
      if (error instanceof BlobMissing) return undefined;
      throw error;
    }
  };

  return {
    withKeys,
    /** Bytes that are durable, or undefined when there is no such upload. */
    offset: (row: UploadRow): Promise<number | undefined> =>
      withKeys(row, async (_dek, tailKey) => {
        const head = await storedHead(row.id);
        try {
          return head && openState(tailKey, row.id, head).state.offset;
        } catch {
          // It may have been replaced between the two reads; the whole is one version.
          const whole = await stored(row.id);
          return whole && openState(tailKey, row.id, whole).state.offset;
        }
      }),
    /** The stored bytes of an upload's state, undefined when there is no such upload. */
    stored,

    open: <T>(
      row: UploadRow,
      lock: UploadLock,
      hashes: Recent<string, RunningHash>,
      use: (upload: OpenUpload) => Promise<T>,
    ): Promise<T | { readonly refused: 'gone' }> =>
      withKeys(row, async (dek, tailKey) => {
        const bytes = await stored(row.id);
        if (!bytes) return { refused: 'gone' } as const;
        const { state, tail } = openState(tailKey, row.id, bytes);
        const kept = hashes.get(row.id);
        const hash = kept?.stamp === state.stamp ? kept.hash.copy() : undefined;
        const object = openHeader(dek, state.header);
        const save: OpenUpload['save'] = async (next, rest, running) => {
          // A writer that was asleep may have been passed over; it must not undo what its successor saved.
          if (!lock.held()) throw new TakenOver();
          const { stamp, bytes: sealed } = await sealState(tailKey, row.id, next, rest);
          await blob.put(stateName(row.id), sealed);
          if (running) hashes.set(row.id, { stamp, hash: running.copy() });
          else hashes.drop(row.id);
        };
        try {
          return await use({ dek, object, state, tail, hash, lock, save });
        } finally {
          object.key.wipe();
        }
      }),

    /** From the state; where that cannot be opened any more (its key is gone), by looking through the store. */
    async uploadsOf(row: UploadRow): Promise<UploadId[]> {
      const bytes = await stored(row.id);
      if (!bytes) return [];
      try {
        return [await withKeys(row, async (_dek, tailKey) => openState(tailKey, row.id, bytes).state.upload)];
      } catch {
        const found: UploadId[] = [];
        for await (const { name, upload } of blob.unfinished())
          if (name === row.objectName) found.push(upload);
        return found;
      }
    },
  };
}
