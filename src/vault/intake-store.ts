/**
 * Uploads under way (K5, P21): bytes are sealed as they arrive, and what is acknowledged is durable. Whole segments go
 * to the store as parts; the rest of the current one lies in the upload's state, sealed. A crash loses nothing that was
 * acknowledged, and nothing is kept in memory between two requests but a running hash.
 * Never guesses a length, never writes past the declared one, never trusts an offset that it did not save itself.
 */
import { createHash } from 'node:crypto';
import { type BlobStore, blobName } from '../acts/ports/blob.ts';
import { newObject } from '../crypto/envelope-keys.ts';
import { type ItemKeyRow, KEY_VERSION, objectIdOf, recoveryName } from './item-key.ts';
import type { KeyLeaves } from './leaves.ts';
import { type OpenUpload, type RunningHash, uploadOpener } from './open-upload.ts';
import { receive } from './receive.ts';
import { Recent } from './recent.ts';
import type { UploadLocks } from './upload-lock.ts';
import { openState, sealState, stateName } from './upload-state.ts';

/** The rows of an intake that is open: what was declared, and where its key is. */
export interface UploadRow extends ItemKeyRow {
  /** Declared bytes of the whole. */
  readonly size: number;
}

export type WriteRefusal =
  /** another writer is active (423) */
  | 'upload-locked'
  /** the offset is not where the upload stands (409) */
  | 'upload-conflict'
  /** more bytes than were declared (413) */
  | 'too-large'
  /** the bytes are not those that the checksum names; nothing was kept (460) */
  | 'checksum-mismatch'
  /** every byte is there already (403) */
  | 'finished'
  /** there is no such upload, or no more (410) */
  | 'gone';

export interface WriteOptions {
  /** Ends the request: what arrived is kept. */
  readonly signal?: AbortSignal;
  /** How many bytes were announced; more than there is room for are refused before the first is read. */
  readonly announced?: number;
  /** What the bytes of this one request must hash to. With it, all of them are kept or none. */
  readonly checksum?: { readonly algorithm: 'sha1' | 'sha256'; readonly digest: Uint8Array };
}

export interface IntakeStore {
  /** Starts the upload of an intake that an act has begun; does nothing when it was started before. */
  create(row: UploadRow): Promise<void>;
  /** Bytes that are durable, or undefined when there is no such upload. */
  offset(row: UploadRow): Promise<number | undefined>;
  /**
   * Takes the bytes from `offset` on and answers how many of the whole are durable now. A broken `body` or an abort is
   * no error: what came is kept. Rejects when the store failed; then `offset` says what holds.
   */
  write(
    row: UploadRow,
    offset: number,
    body: AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<{ readonly offset: number } | { readonly refused: WriteRefusal }>;
  /** Runs `use` as the only writer with the upload as it is stored. */
  exclusively<T>(
    row: UploadRow,
    use: (opened: OpenUpload) => Promise<T>,
  ): Promise<T | { readonly refused: 'upload-locked' | 'gone' }>;
  /** Removes the state of an upload whose item was accepted; the object stays. */
  settle(id: string): Promise<void>;
  /** Removes an upload and every byte of it. Its key is the keyring's to destroy. Idempotent. */
  remove(row: UploadRow): Promise<{ readonly removed: true } | { readonly refused: 'upload-locked' }>;
}

/** How many running hashes are kept; an upload whose hash was dropped is read back when it is finished. */
const HASHES_KEPT = 4_096;

export function intakeStore(blob: BlobStore, leaves: KeyLeaves, locks: UploadLocks): IntakeStore {
  const hashes = new Recent<string, RunningHash>(HASHES_KEPT);

  const open = uploadOpener(blob, leaves);
  const { withKeys, stored } = open;

  const exclusively: IntakeStore['exclusively'] = async (row, use) => {
    const lock = await locks.take(row.id);
    if (!lock) return { refused: 'upload-locked' };
    try {
      return await open.open(row, lock, hashes, use);
    } finally {
      await lock.release();
    }
  };

  return {
    exclusively,

    create: (row) =>
      withKeys(row, async (dek, tailKey) => {
        if (await stored(row.id)) return;
        const objectId = Buffer.from(objectIdOf(row.objectName), 'hex');
        const fields = { suite: 1, objectId, keyIndex: row.keyIndex, keyVersion: KEY_VERSION } as const;
        const object = newObject(dek, fields);
        object.key.wipe();
        const upload = await blob.begin(blobName(row.objectName));
        const first = { offset: 0, upload, header: object.header, segments: [] };
        const { stamp, bytes } = await sealState(tailKey, row.id, first, Buffer.alloc(0));
        await blob.put(stateName(row.id), bytes);
        hashes.set(row.id, { stamp, hash: createHash('sha256') });
      }),

    offset: (row) =>
      withKeys(row, async (_dek, tailKey) => {
        const bytes = await stored(row.id);
        return bytes && openState(tailKey, row.id, bytes).state.offset;
      }),

    write: (row, offset, body, options = {}) =>
      exclusively(row, async (upload) => {
        if (upload.state.offset === row.size) return { refused: 'finished' };
        if (upload.state.offset !== offset) return { refused: 'upload-conflict' };
        if (offset + (options.announced ?? 0) > row.size) return { refused: 'too-large' };
        return receive(blob, row, upload, body, options);
      }),

    async settle(id) {
      hashes.drop(id);
      await blob.delete(stateName(id));
    },

    async remove(row) {
      const lock = await locks.take(row.id);
      if (!lock) return { refused: 'upload-locked' };
      try {
        hashes.drop(row.id);
        const name = blobName(row.objectName);
        for (const upload of await open.uploadsOf(row)) await blob.abort(name, upload);
        await blob.delete(name);
        await blob.delete(recoveryName(row.objectName));
        await blob.delete(stateName(row.id));
        return { removed: true };
      } finally {
        await lock.release();
      }
    },
  };
}
