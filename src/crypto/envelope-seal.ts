/**
 * Sealing an object's content, segment by segment (K3.3, K3.4).
 * Every start of a segment draws a new salt, hence a new key: a segment that is sent again never repeats a
 * (key, nonce) pair. A chunk is sealed once; a sealer counts its own chunks and stops after the last.
 */
import { randomBytes } from 'node:crypto';
import { sealInto } from './aead.ts';
import { chunkNonce, type EnvelopeObject, segmentKey } from './envelope-keys.ts';
import {
  CHUNK_SIZE,
  CHUNKS_PER_SEGMENT,
  MAX_SEGMENTS,
  SEGMENT_HEAD_SIZE,
  SEGMENT_SALT_SIZE,
  SEGMENT_SIZE,
  TAG_SIZE,
} from './geometry.ts';

/** Seals one segment chunk by chunk. Each call blocks for about 0.1 ms at 256 KiB. */
export type SegmentSealer = {
  /** 16 random bytes, for the manifest. */
  readonly salt: Buffer;
  /** The 32 bytes that stand before the first chunk: salt ‖ zeros. */
  readonly head: Buffer;
  /**
   * Ciphertext ‖ tag of the next chunk. Only the last chunk of the object is final, and only it may be shorter
   * than 256 KiB. Throws a RangeError for another size, after the final chunk, and after 64 chunks.
   */
  sealChunk(plaintext: Uint8Array, final: boolean): Buffer;
  /** The same, written into `target` at `offset`; answers the offset behind it. Throws also where there is no room. */
  sealChunkInto(target: Buffer, offset: number, plaintext: Uint8Array, final: boolean): number;
  /** Wipes the segment's key; the sealer refuses further chunks. Done by itself after the last chunk. */
  close(): void;
};

/** A segment as it is stored, and the salt that the manifest keeps. */
export type SealedSegment = {
  readonly salt: Buffer;
  /** Head ‖ sealed chunks: one part of the stored object (the first part also carries the header). */
  readonly ciphertext: Buffer;
};

/** Starts segment `segment` (0 to 9,999) with a fresh salt. */
export function startSegment(object: EnvelopeObject, segment: number): SegmentSealer {
  if (!Number.isInteger(segment) || segment < 0 || segment >= MAX_SEGMENTS) {
    throw new RangeError('An object has at most 10,000 segments.');
  }
  const salt = randomBytes(SEGMENT_SALT_SIZE);
  const head = Buffer.alloc(SEGMENT_HEAD_SIZE);
  salt.copy(head);
  const key = segmentKey(object, segment, salt);
  let next = 0;
  const sealChunkInto: SegmentSealer['sealChunkInto'] = (target, offset, plaintext, final) => {
    const whole = final ? plaintext.length <= CHUNK_SIZE : plaintext.length === CHUNK_SIZE;
    if (!whole || next >= CHUNKS_PER_SEGMENT || target.length - offset < plaintext.length + TAG_SIZE)
      throw new RangeError('The chunk does not fit into its segment.');
    const nonce = chunkNonce({ segment, chunk: next, final });
    const end = sealInto(target, offset, object.fields.suite, key, nonce, plaintext);
    next = final ? CHUNKS_PER_SEGMENT : next + 1;
    if (next === CHUNKS_PER_SEGMENT) key.wipe();
    return end;
  };
  return {
    salt,
    head,
    sealChunkInto,
    sealChunk(plaintext, final) {
      const sealed = Buffer.allocUnsafe(plaintext.length + TAG_SIZE);
      sealChunkInto(sealed, 0, plaintext, final);
      return sealed;
    },
    close() {
      next = CHUNKS_PER_SEGMENT;
      key.wipe();
    },
  };
}

/**
 * Seals a whole segment: exactly 16 MiB, or less when it ends the object (an empty object is one empty final
 * segment). Throws a RangeError for other sizes.
 */
export function sealSegment(
  object: EnvelopeObject,
  segment: number,
  plaintext: Uint8Array,
  final: boolean,
): SealedSegment {
  const fits = final ? plaintext.length <= SEGMENT_SIZE : plaintext.length === SEGMENT_SIZE;
  if (!fits) throw new RangeError('A segment holds 16 MiB, and less only at the end of the object.');
  const sealer = startSegment(object, segment);
  const chunks = Math.max(1, Math.ceil(plaintext.length / CHUNK_SIZE));
  const pieces = [sealer.head];
  for (let i = 0; i < chunks; i += 1) {
    const piece = plaintext.subarray(i * CHUNK_SIZE, (i + 1) * CHUNK_SIZE);
    pieces.push(sealer.sealChunk(piece, final && i === chunks - 1));
  }
  return { salt: sealer.salt, ciphertext: Buffer.concat(pieces) };
}
