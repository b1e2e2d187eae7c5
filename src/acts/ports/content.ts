/**
 * Bytes in and out, as the doors see them: uploads that take clear bytes and seal them, readers that give clear
 * bytes under a lease. Whoever holds these ports can do nothing that an act has not begun.
 */
import type { Intake, Item } from '../../domain/item.ts';
import type { SubjectKey } from './tables.ts';

/** The columns that say where an upload's or item's object and key are. */
export interface ObjectRow {
  readonly id: string;
  readonly objectName: string;
  readonly wrappedDek: Uint8Array;
  readonly collection: string;
  readonly keyIndex: number;
}

/** The rows of an intake that is open: what was declared, and where its key is. */
export interface UploadRow extends ObjectRow {
  /** Declared bytes of the whole. */
  readonly size: number;
}

export const uploadRowOf = (intake: Intake, key: SubjectKey): UploadRow => {
  const { id, size, objectName, wrappedDek } = intake;
  return { id, size, objectName, wrappedDek, collection: key.collection, keyIndex: key.keyIndex };
};

/** The columns of an item's row that open it. */
export interface SealedItem extends ObjectRow {
  readonly sealedManifest: Uint8Array;
  readonly size: number;
}

export const sealedItemOf = (item: Item, key: SubjectKey): SealedItem => {
  const { id, size, objectName, wrappedDek, sealedManifest } = item;
  return {
    id,
    size,
    objectName,
    wrappedDek,
    sealedManifest,
    collection: key.collection,
    keyIndex: key.keyIndex,
  };
};

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
  /** there is no such upload any more (410) */
  | 'gone';

export interface WriteOptions {
  /** Ends the request: what arrived is kept. */
  readonly signal?: AbortSignal;
  /** Bytes that the request says it brings. */
  readonly announced?: number;
  /** What the bytes of this one request must hash to. With it, all of them are kept or none. */
  readonly checksum?: { readonly algorithm: 'sha1' | 'sha256'; readonly digest: Uint8Array };
}

export interface Uploads {
  /** Starts the upload of an intake that an act has begun; does nothing when it was started before. */
  create(row: UploadRow): Promise<void>;
  /** Bytes that are durable, or undefined when there is no such upload. */
  offset(row: UploadRow): Promise<number | undefined>;
  /** Takes the bytes from `offset` on and answers how many of the whole are durable now. */
  write(
    row: UploadRow,
    offset: number,
    body: AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<{ readonly offset: number } | { readonly refused: WriteRefusal }>;
  /** Removes the state of an upload whose item was accepted; the object stays. */
  settle(id: string): Promise<void>;
  /** Removes an upload and every byte of it. Idempotent. */
  remove(row: UploadRow): Promise<{ readonly removed: true } | { readonly refused: 'upload-locked' }>;
}

/** The part of a lease that a stream asks before each hand-over. */
export interface LiveLease {
  /** False when not a byte may leave now. */
  live(): boolean;
  /** Where a lease may come back: waits for it; false when it will not. */
  regained?(signal: AbortSignal): Promise<boolean>;
}

/** Holds a viewing's streams to the pace of playing (R39). */
export interface Pacing {
  /** A request of the player begins. */
  seek(): void;
  /** The player's speed; 0 while it is paused. */
  speed(times: number): void;
  admit(bytes: number, signal: AbortSignal): Promise<number>;
}

export interface Opened {
  /** Plaintext bytes of the whole. */
  readonly size: number;
  readonly mediaType: string;
  /** Bytes `from` to `to` (not included); does nothing until it is read. */
  stream(
    from: number,
    to: number,
    options?: { readonly pacer?: Pacing; readonly endRelative?: boolean },
  ): ReadableStream<Uint8Array>;
}

export interface Contents {
  open(lease: LiveLease, item: SealedItem): Promise<Opened>;
}
