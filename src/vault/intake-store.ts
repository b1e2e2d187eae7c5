/**
 * Uploads under way (K5, P21): bytes are sealed as they arrive, and what is acknowledged is durable. Whole segments go
 * to the store as parts; the rest of the current one lies in the upload's state, sealed. A crash loses nothing that was
 * acknowledged, and nothing is kept in memory between two requests but a running hash.
 * Never guesses a length, never writes past the declared one, never trusts an offset that it did not save itself.
 */
import { createHash } from 'node:crypto';
import { type BlobStore, blobName } from '../acts/ports/blob.ts';
import type { UploadRow, Uploads } from '../acts/ports/content.ts';
import { newObject } from '../crypto/envelope-keys.ts';
import { KEY_VERSION, objectIdOf, recoveryName } from './item-key.ts';
import type { KeyLeaves } from './leaves.ts';
import { type OpenUpload, type RunningHash, TakenOver, uploadOpener } from './open-upload.ts';
import { receive } from './receive.ts';
import { Recent } from './recent.ts';
import type { UploadLocks } from './upload-lock.ts';
import { sealState, stateName } from './upload-state.ts';

/** The uploads of this node, and what finishing one needs. */
export interface IntakeStore extends Uploads {
  /** Runs `use` as the only writer with the upload as it is stored. */
  exclusively<T>(
    row: UploadRow,
    use: (opened: OpenUpload) => Promise<T>,
  ): Promise<T | { readonly refused: 'upload-locked' | 'gone' }>;
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
    } catch (error) {
      if (error instanceof TakenOver) return { refused: 'upload-locked' };
      throw error;
    } finally {
      await lock.release();
    }
  };

  return {
    exclusively,

    async create(row) {
      // Asked before every request of an upload: what this process has saved is there.
      if (hashes.get(row.id)) return;
      await withKeys(row, async (dek, tailKey) => {
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
      });
    },

    offset: open.offset,

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
