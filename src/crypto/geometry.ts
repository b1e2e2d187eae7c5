/**
 * Where everything lies in an envelope (K3.1, K3.6): pure arithmetic from plaintext offsets to ciphertext
 * offsets. Never uses 32-bit operators (objects pass 4 GiB) and never looks at a key or a byte.
 * All ranges are half-open: `from` is inside, `to` is not.
 */

/** Plaintext bytes in every chunk but the last of the object: 256 KiB. */
export const CHUNK_SIZE = 262_144;
/** Bytes of the authentication tag behind every chunk. */
export const TAG_SIZE = 16;
/** Ciphertext bytes of a full chunk with its tag. */
export const SEALED_CHUNK_SIZE = CHUNK_SIZE + TAG_SIZE;
/** Chunks in every segment but the last. */
export const CHUNKS_PER_SEGMENT = 64;
/** Plaintext bytes in every segment but the last: 16 MiB. */
export const SEGMENT_SIZE = CHUNK_SIZE * CHUNKS_PER_SEGMENT;
/** Bytes of a segment's head: 16 salt, 16 zero. */
export const SEGMENT_HEAD_SIZE = 32;
/** Bytes of a segment's salt. */
export const SEGMENT_SALT_SIZE = 16;
/** Stored bytes of a full segment with its head: 16,778,272. */
export const SEALED_SEGMENT_SIZE = SEGMENT_HEAD_SIZE + CHUNKS_PER_SEGMENT * SEALED_CHUNK_SIZE;
/** Bytes of the object's header. */
export const HEADER_SIZE = 128;
/** One segment is one part of a multipart upload, and an object store takes 10,000 of them. */
export const MAX_SEGMENTS = 10_000;
/** The largest object: 10,000 segments, 156.25 GiB of plaintext. */
export const MAX_OBJECT_SIZE = MAX_SEGMENTS * SEGMENT_SIZE;

/** A chunk's place: number of its segment, its number within the segment, and whether it ends the object. */
export type ChunkPosition = { readonly segment: number; readonly chunk: number; readonly final: boolean };

/** What to fetch for a plaintext range, and what to keep of it. */
export type ChunkRange = {
  /** First and last chunk that the range touches, counted over the whole object. */
  readonly firstChunk: number;
  readonly lastChunk: number;
  /** The run of stored bytes from the first chunk to the end of the last; segment heads may lie inside. */
  readonly ciphertextFrom: number;
  readonly ciphertextTo: number;
  /** Plaintext bytes to drop at the start of the first chunk. */
  readonly skip: number;
  /** Plaintext bytes wanted in all. */
  readonly take: number;
};

/** How many chunks an object of `size` plaintext bytes has; an empty object has one empty chunk. */
export function chunkCount(size: number): number {
  requireSize(size);
  return Math.max(1, Math.ceil(size / CHUNK_SIZE));
}

/** How many segments an object of `size` plaintext bytes has, at least one. */
export function segmentCount(size: number): number {
  requireSize(size);
  return Math.max(1, Math.ceil(size / SEGMENT_SIZE));
}

/** Plaintext bytes of chunk `index` (over the whole object) in an object of `size` plaintext bytes. */
export function chunkSize(index: number, size: number): number {
  requireChunk(index, size);
  return Math.min(CHUNK_SIZE, size - index * CHUNK_SIZE);
}

/** The place of chunk `index` (over the whole object) in an object of `size` plaintext bytes. */
export function chunkPosition(index: number, size: number): ChunkPosition {
  requireChunk(index, size);
  return {
    segment: Math.floor(index / CHUNKS_PER_SEGMENT),
    chunk: index % CHUNKS_PER_SEGMENT,
    final: index === chunkCount(size) - 1,
  };
}

/** Where the ciphertext of chunk `index` begins in the stored object (K3.6). */
export function ciphertextOffset(index: number): number {
  const segment = Math.floor(index / CHUNKS_PER_SEGMENT);
  const chunk = index % CHUNKS_PER_SEGMENT;
  return HEADER_SIZE + segment * SEALED_SEGMENT_SIZE + SEGMENT_HEAD_SIZE + chunk * SEALED_CHUNK_SIZE;
}

/** Stored bytes of a whole object of `size` plaintext bytes: header, heads, chunks and tags. */
export function ciphertextSize(size: number): number {
  return HEADER_SIZE + segmentCount(size) * SEGMENT_HEAD_SIZE + size + chunkCount(size) * TAG_SIZE;
}

/**
 * The chunks that plaintext bytes `from` to `to` (not included) touch in an object of `size` bytes. An empty
 * object has the one range 0 to 0, its empty final chunk. Throws a RangeError for any other empty range and
 * for one outside the object.
 */
export function chunkRange(from: number, to: number, size: number): ChunkRange {
  requireSize(size);
  const inside = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && to <= size;
  if (!inside || (from >= to && (size > 0 || from > to)))
    throw new RangeError('The range lies outside the object.');
  const firstChunk = Math.floor(from / CHUNK_SIZE);
  const lastChunk = Math.floor(Math.max(0, to - 1) / CHUNK_SIZE);
  return {
    firstChunk,
    lastChunk,
    ciphertextFrom: ciphertextOffset(firstChunk),
    ciphertextTo: ciphertextOffset(lastChunk) + chunkSize(lastChunk, size) + TAG_SIZE,
    skip: from - firstChunk * CHUNK_SIZE,
    take: to - from,
  };
}

function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_OBJECT_SIZE) {
    throw new RangeError('An object holds 0 to 167,772,160,000 bytes.');
  }
}

function requireChunk(index: number, size: number): void {
  if (!Number.isSafeInteger(index) || index < 0 || index >= chunkCount(size)) {
    throw new RangeError('The object has no such chunk.');
  }
}
