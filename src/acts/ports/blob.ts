/**
 * Where sealed bytes lie (K1, K4.1): the contract that the folder and every S3 store keep, and that one
 * conformance suite proves. Not trusted: whoever can write to a store can at most withhold, delete or roll
 * back. Nothing that crosses this port may ever be plaintext, and a name must never carry a meaning.
 */

/** A random name without meaning, `objects/<uuid>` or `uploads/<uuid>/state`; made by {@link blobName} only. */
export type BlobName = string & { readonly '~name': 'BlobName' };
/** What `begin` answers; only the store that gave it understands it. */
export type UploadId = string & { readonly '~name': 'UploadId' };

/** Receipt for one durable part. `tag` is the store's own mark for these bytes. */
export interface PartTag {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  readonly tag: string;
}

/** `offset` is where the part starts in the object, in bytes; `number` counts from 1 to {@link MAX_PARTS}. */
export interface BlobPart {
  readonly name: BlobName;
  readonly upload: UploadId;
  readonly number: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Half-open: `to` is the first byte that is not read any more. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface BlobEntry {
  readonly name: BlobName;
  readonly size: number;
  /** Milliseconds UTC by the store's clock, which is not ours. */
  readonly modifiedAt: number;
}

/** An upload that was begun and neither completed nor aborted. */
export interface UnfinishedUpload {
  readonly name: BlobName;
  readonly upload: UploadId;
  /** Milliseconds UTC by the store's clock. */
  readonly begunAt: number;
}

/** What was tried against the store and held (K4.3). `versions` and `objectLock` are the bucket's own settings. */
export interface BlobCapabilities {
  readonly range: boolean;
  readonly multipart: boolean;
  readonly conditionalPut: boolean;
  readonly versions: 'on' | 'off';
  /** `broken`: the store accepts a retention and then deletes the object anyway. */
  readonly objectLock: 'kept' | 'broken' | 'off';
}

/**
 * Bytes on their way out. A piece is its reader's alone, who may overwrite or free it. A caller who does not want the rest
 * calls `return()` or aborts the signal.
 */
export type BlobBody = AsyncIterableIterator<Uint8Array, undefined, undefined>;

export interface BlobStore {
  readonly kind: 'folder' | 's3';
  begin(name: BlobName): Promise<UploadId>;
  /** Durable on return. Sending a number again, with the same offset, replaces it. */
  putPart(part: BlobPart): Promise<PartTag>;
  /**
   * The object appears whole or not at all. `parts` are in order and without a gap, all but the last at least
   * 5 MiB long. Calling it again after a lost answer succeeds.
   */
  complete(name: BlobName, upload: UploadId, parts: readonly PartTag[]): Promise<void>;
  /** Forgets an unfinished upload and its bytes; idempotent. */
  abort(name: BlobName, upload: UploadId): Promise<void>;
  /**
   * A small object, replaced atomically (K5's tail, recovery files); durable on return.
   * With `onlyIfAbsent` it never replaces: throws `exists`, or `unsupported` where the store cannot promise it.
   */
  put(name: BlobName, bytes: Uint8Array, how?: { readonly onlyIfAbsent: boolean }): Promise<void>;
  /**
   * Exactly the bytes of the range, in pieces of any size. Throws {@link BlobMissing} when there is no object and
   * a fault when the range reaches past its end. Fewer or more bytes than promised are a fault while reading,
   * never a clean end. Aborting, returning or failing releases the connection or descriptor.
   */
  read(name: BlobName, range: ByteRange | 'all', signal?: AbortSignal): Promise<BlobBody>;
  /** Whole objects whose name starts with `prefix` (a name, or '' or a name with '/' at its end), in no order. */
  list(prefix: string): AsyncIterable<BlobEntry>;
  /** All versions and markers; idempotent. */
  delete(name: BlobName): Promise<void>;
  /** What a crash left behind, for the job that aborts uploads older than a day (K5, P7). */
  unfinished(): AsyncIterable<UnfinishedUpload>;
  /** Tries what the store can do with objects under `probe/`, and removes them. */
  probe(): Promise<BlobCapabilities>;
}

/** The most parts an object may have (S3). */
export const MAX_PARTS = 10_000;

/** There is no such object (or no such upload). */
export class BlobMissing extends Error {
  override readonly name = 'BlobMissing';
}

export type BlobFaultCode =
  /** no connection, reset, 5xx, slow-down */
  | 'unreachable'
  /** no progress, or slower than can be waited for */
  | 'timeout'
  /** fewer or more bytes than promised, a wrong range, an answer that cannot be read */
  | 'damaged'
  /** credentials, policy, retention, clock skew, redirect, full disk */
  | 'refused'
  /** `onlyIfAbsent` met an object */
  | 'exists'
  /** the store cannot do what was asked */
  | 'unsupported';

/** The store did not do what it was asked. The text holds no credential, no address and no content. */
export class BlobFault extends Error {
  override readonly name = 'BlobFault';
  readonly code: BlobFaultCode;
  constructor(code: BlobFaultCode, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
  }
}

const SEGMENT = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/**
 * One to four segments of lower-case letters, digits, `_` and `-`, so that no name can leave the folder, hide, or
 * differ from another only by case.
 */
export function isBlobName(text: string): text is BlobName {
  const segments = text.split('/');
  return segments.length <= 4 && segments.every((segment) => SEGMENT.test(segment));
}

/** The only way to a {@link BlobName}. Throws a `RangeError` that does not repeat the text. */
export function blobName(text: string): BlobName {
  if (!isBlobName(text)) throw new RangeError('Not a blob name.');
  return text;
}

/** The same rule for `list`: a name, a name with '/' at its end, or ''. */
export function blobPrefix(text: string): string {
  if (text !== '') blobName(text.endsWith('/') ? text.slice(0, -1) : text);
  return text;
}
