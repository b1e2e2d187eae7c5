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
  const { segment, chunk, final } = position;
  const placed = isBelow(segment, MAX_SEGMENTS) && isBelow(chunk, CHUNKS_PER_SEGMENT);
  const sized = final ? ciphertext.length <= SEALED_CHUNK_SIZE : ciphertext.length === SEALED_CHUNK_SIZE;
  if (!placed || !sized || salt.length !== SEGMENT_SALT_SIZE) throw new EnvelopeRejected();
  const key = segmentKey(object, segment, salt);
  const plaintext = openSealed(object.fields.suite, key, chunkNonce(position), ciphertext);
  key.wipe();
  if (plaintext === undefined) throw new EnvelopeRejected();
  return plaintext;
}

function isBelow(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < limit;
}
