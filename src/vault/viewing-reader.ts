/**
 * Opening an item for a viewing (K3.6, K6): the row's wrapped key and sealed manifest become a reader whose streams give
 * clear bytes only while the lease lives, tested in the same synchronous step in which bytes are handed on. A chunk that
 * does not verify ends the stream with an error, never with a clean end, and raises the alarm.
 */
import { BlobFault, BlobMissing, type BlobStore, blobName } from '../acts/ports/blob.ts';
import type { Contents, LiveLease, Opened, SealedItem } from '../acts/ports/content.ts';
import { equalBytes } from '../crypto/digest.ts';
import { type EnvelopeObject, openHeader } from '../crypto/envelope-keys.ts';
import { HEADER_SIZE } from '../crypto/geometry.ts';
import { EnvelopeRejected, parseHeader } from '../crypto/header.ts';
import { openManifest } from '../crypto/manifest.ts';
import type { Secret } from '../crypto/secret.ts';
import { Unopened } from '../crypto/wrap.ts';
import { clearStream } from './clear-stream.ts';
import { objectIdOf, openItemKey } from './item-key.ts';
import type { KeyLeaves } from './leaves.ts';
import type { OpenObject } from './read-object.ts';
import { Recent } from './recent.ts';

/** Opened items of this node. */
export interface OpenItems extends Contents {
  /**
   * Rejects with `Punctured` when the item was shredded, `BlobMissing`, `BlobFault`, or `EnvelopeRejected` and
   * `Unopened` when something was altered (then the alarm was raised).
   */
  open(lease: LiveLease, item: SealedItem): Promise<Opened>;
  /** Overwrites the keys of an object that was shredded; a stream of it stops at its next chunk. */
  shredded(objectName: string): void;
  /** Overwrites every key at hand: the service is being sealed. Running streams stop at their next chunk. */
  wipe(): void;
}

/** Called once for each failure that only alteration or damage explains. */
export type IntegrityAlarm = (item: string, where: 'key' | 'manifest' | 'header' | 'content') => void;

/** How many opened headers are kept. */
const HEADERS_KEPT = 256;

export function openItems(blob: BlobStore, leaves: KeyLeaves, alarm: IntegrityAlarm): OpenItems {
  // A key that leaves the cache may still serve a stream: it is not wiped then, but remembered for `wipe`.
  const left = new Set<WeakRef<EnvelopeObject>>();
  const headers = new Recent<string, EnvelopeObject>(HEADERS_KEPT, (object) => {
    for (const ref of left) if (!ref.deref()) left.delete(ref);
    left.add(new WeakRef(object));
  });

  /** Keyed by object id, header hash and suite (K3.6); the hash is the manifest's, never the store's. */
  const openedHeader = async (item: SealedItem, dek: Secret, headerHash: string): Promise<EnvelopeObject> => {
    const keyOf = (suite: number) => `${item.objectName} ${headerHash} ${suite}`;
    for (const suite of [1, 2]) {
      const known = headers.get(keyOf(suite));
      if (known) return known;
    }
    const bytes = await headerBytes(blob, item.objectName);
    const opened = requireHeader(item, dek, headerHash, bytes);
    headers.set(keyOf(opened.fields.suite), opened);
    return opened;
  };

  const openWith = async (dek: Secret, item: SealedItem) => {
    const manifest = inPart(item.id, 'manifest', alarm, () =>
      openManifest(dek, objectIdOf(item.objectName), 1, item.sealedManifest),
    );
    const object = await openedHeader(item, dek, manifest.headerHash).catch((error: unknown) => {
      if (isAltered(error)) alarm(item.id, 'header');
      throw error;
    });
    return { manifest, object };
  };

  const overwrite = (which: (object: EnvelopeObject) => boolean): void => {
    for (const ref of left) {
      const object = ref.deref();
      if (object && which(object)) object.key.wipe();
      if (!object || which(object)) left.delete(ref);
    }
  };

  return {
    async open(lease, item) {
      const dek = await openItemKey(leaves, item).catch((error: unknown) => {
        if (isAltered(error)) alarm(item.id, 'key');
        throw error;
      });
      try {
        const { manifest, object } = await openWith(dek, item);
        const opened: OpenObject = {
          name: blobName(item.objectName),
          object,
          size: manifest.size,
          salts: manifest.segmentSalts.map((salt) => Buffer.from(salt, 'hex')),
        };
        return {
          size: manifest.size,
          mediaType: manifest.mediaType,
          stream: (from, to, options = {}) =>
            clearStream(blob, opened, lease, { from, to, ...options }, () => alarm(item.id, 'content')),
        };
      } finally {
        dek.wipe();
      }
    },
    shredded(objectName) {
      for (const name of headers.keys()) if (name.startsWith(`${objectName} `)) headers.drop(name);
      overwrite((object) => objectIdOf(objectName) === object.fields.objectId.toString('hex'));
    },
    wipe() {
      headers.clear();
      overwrite(() => true);
    },
  };
}

/** True for what only a changed, moved or cut byte explains. */
export function isAltered(error: unknown): boolean {
  return (
    error instanceof EnvelopeRejected ||
    error instanceof Unopened ||
    error instanceof BlobMissing ||
    (error instanceof BlobFault && error.code === 'damaged')
  );
}

function requireHeader(item: SealedItem, dek: Secret, headerHash: string, bytes: Buffer): EnvelopeObject {
  const { fields } = parseHeader(bytes);
  const opened = openHeader(dek, bytes);
  const expected =
    equalBytes(opened.headerHash, Buffer.from(headerHash, 'hex')) &&
    fields.objectId.toString('hex') === objectIdOf(item.objectName);
  if (expected) return opened;
  opened.key.wipe();
  throw new EnvelopeRejected();
}

async function headerBytes(blob: BlobStore, objectName: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await blob.read(blobName(objectName), { from: 0, to: HEADER_SIZE })) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function inPart<T>(item: string, where: 'manifest', alarm: IntegrityAlarm, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isAltered(error)) alarm(item, where);
    throw error;
  }
}
