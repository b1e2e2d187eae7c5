/**
 * The end of an upload (K3.5, K5): the object is completed, its hash known, its bytes examined, the manifest sealed and
 * the recovery file put beside it. Nothing is believed that was not found in the bytes. May be repeated: a repeat finds
 * the same, and if the running hash was lost meanwhile the whole object is read back from the store and hashed.
 */
import { createHash } from 'node:crypto';
import { type BlobStore, blobName } from '../acts/ports/blob.ts';
import type { UploadRow } from '../acts/ports/content.ts';
import type { IntakeVault } from '../acts/ports/intake-vault.ts';
import type { Examination, MediaBytes } from '../acts/ports/media.ts';
import { sealSegment } from '../crypto/envelope-seal.ts';
import { type Manifest, sealManifest } from '../crypto/manifest.ts';
import { formatRecovery } from '../crypto/recovery.ts';
import type { Intake } from '../domain/item.ts';
import { refuse } from '../domain/refusal.ts';
import type { IntakeStore } from './intake-store.ts';
import { newItemKey, objectIdOf, recoveryName, wrapContext } from './item-key.ts';
import type { KeyLeaves, KeyPlace } from './leaves.ts';
import type { OpenUpload } from './open-upload.ts';
import { type OpenObject, readObject } from './read-object.ts';
import { partTags } from './upload-state.ts';

export interface FinishOptions {
  readonly blob: BlobStore;
  readonly leaves: KeyLeaves;
  readonly store: IntakeStore;
  /** The row that says which leaf belongs to `item:<id>`. */
  readonly findKey: (subject: string) => Promise<KeyPlace | undefined>;
  /** Finds out what the bytes are (K7); every chunk that it reads was verified. */
  readonly examine: (bytes: MediaBytes) => Promise<Examination>;
}

/** The vault as the acts of intake see it, over a store of uploads. */
export function intakeVault(options: FinishOptions): IntakeVault {
  const { leaves, store, findKey } = options;
  return {
    prepareObject: (item, key) => newItemKey(leaves, item, key),
    async finish(intake) {
      const place = await findKey(`item:${intake.id}`);
      if (!place) throw new Error('The intake has no key.');
      const { id, size, objectName, wrappedDek } = intake;
      const { collection, keyIndex } = place;
      const row = { id, size, objectName, wrappedDek, collection, keyIndex };
      const done = await store.exclusively(row, (upload) => finish(options, intake, row, upload));
      if (!('refused' in done)) return done;
      return refuse(done.refused === 'gone' ? 'upload-conflict' : done.refused);
    },
  };
}

async function finish(options: FinishOptions, intake: Intake, row: UploadRow, upload: OpenUpload) {
  if (upload.state.offset !== row.size) return { refused: 'upload-conflict' } as const;
  const { blob } = options;
  const state = row.size === 0 ? await sealEmpty(blob, row, upload) : upload.state;
  await blob.complete(blobName(row.objectName), state.upload, partTags(state.segments, row.size));
  const opened: OpenObject = {
    name: blobName(row.objectName),
    object: upload.object,
    size: row.size,
    salts: state.segments.map(({ salt }) => Buffer.from(salt, 'hex')),
  };
  const bytes: MediaBytes = {
    size: row.size,
    read: (from, to, signal) => readObject(blob, opened, from, to, signal),
  };
  const sha256 = upload.hash?.digest('hex') ?? (await hashOf(bytes));
  if (intake.declaredSha256 !== '' && intake.declaredSha256 !== sha256) {
    return { refused: 'file-refused' } as const;
  }
  const found = await options.examine(bytes);
  const manifest: Manifest = {
    format: 'custos-manifest/1',
    objectId: objectIdOf(row.objectName),
    version: 1,
    size: row.size,
    sha256,
    headerHash: upload.object.headerHash.toString('hex'),
    segmentSalts: state.segments.map(({ salt }) => salt),
    partEtags: state.segments.map(({ tag }) => tag),
    mediaType: found.mediaType,
  };
  const sealedManifest = sealManifest(upload.dek, manifest);
  const recovery = formatRecovery({
    context: wrapContext(row),
    wrappedKey: Buffer.from(row.wrappedDek),
    manifestVersion: manifest.version,
    sealedManifest,
  });
  await blob.put(recoveryName(row.objectName), recovery);
  return { size: row.size, sha256, headerHash: manifest.headerHash, sealedManifest, ...found };
}

/** An empty object is one empty final segment (K3.1); no request ever brought bytes for it. */
async function sealEmpty(blob: BlobStore, row: UploadRow, { object, state, hash, save }: OpenUpload) {
  if (state.segments.length > 0) return state;
  const { salt, ciphertext } = sealSegment(object, 0, Buffer.alloc(0), true);
  const bytes = Buffer.concat([object.header, ciphertext]);
  const name = blobName(row.objectName);
  const { tag } = await blob.putPart({ name, upload: state.upload, number: 1, offset: 0, bytes });
  const next = { ...state, segments: [{ salt: salt.toString('hex'), tag }] };
  await save(next, Buffer.alloc(0), hash);
  return next;
}

async function hashOf(bytes: MediaBytes): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of bytes.read(0, bytes.size)) hash.update(piece);
  return hash.digest('hex');
}
