/**
 * Opening single chunks of an object (K3.6), in any order.
 * The salt and the position come from the manifest and from geometry, never from the store: an old segment,
 * a swap, a move or a truncation does not open. Nothing leaves before the whole chunk has verified.
 */
import { openSealed } from './aead.ts';
import { chunkNonce, type EnvelopeObject, segmentKey } from './envelope-keys.ts';
import {
  CHUNKS_PER_SEGMENT,
  type ChunkPosition,
  MAX_SEGMENTS,
  SEALED_CHUNK_SIZE,
  SEGMENT_SALT_SIZE,
} from './geometry.ts';
import { EnvelopeRejected } from './header.ts';

/** Opens chunks of one segment, in any order, under one derivation of its key. Each blocks for about 0.1 ms. */
export type SegmentOpener = {
  /** The plaintext of a chunk; the position must lie in this segment. Throws `EnvelopeRejected` for every reason. */
  openChunk(position: ChunkPosition, ciphertext: Uint8Array): Buffer;
  /** Wipes the segment's key; the opener refuses further chunks. */
  close(): void;
};

/** Opens segment `segment` with its salt from the manifest. Throws `EnvelopeRejected`. */
export function openSegment(object: EnvelopeObject, segment: number, salt: Uint8Array): SegmentOpener {
  if (!isBelow(segment, MAX_SEGMENTS) || salt.length !== SEGMENT_SALT_SIZE) throw new EnvelopeRejected();
  const key = segmentKey(object, segment, salt);
  return {
    openChunk(position, ciphertext) {
      const placed = position.segment === segment && isBelow(position.chunk, CHUNKS_PER_SEGMENT);
      const whole = ciphertext.length === SEALED_CHUNK_SIZE;
      const sized = position.final ? ciphertext.length <= SEALED_CHUNK_SIZE : whole;
      if (!placed || !sized) throw new EnvelopeRejected();
      const plaintext = openSealed(object.fields.suite, key, chunkNonce(position), ciphertext);
      if (plaintext === undefined) throw new EnvelopeRejected();
      return plaintext;
    },
    close: () => key.wipe(),
  };
}

/**
 * The plaintext of one chunk. `salt` is the segment's salt from the manifest; `position` is
 * `chunkPosition(index, size)`. Throws `EnvelopeRejected` for every reason.
 */
export function openChunk(
  object: EnvelopeObject,
  salt: Uint8Array,
  position: ChunkPosition,
  ciphertext: Uint8Array,
): Buffer {
  const opener = openSegment(object, position.segment, salt);
  try {
    return opener.openChunk(position, ciphertext);
  } finally {
    opener.close();
  }
}

function isBelow(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < limit;
}
