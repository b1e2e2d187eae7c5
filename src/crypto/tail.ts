/**
 * The tail of an unfinished segment (K5): what was acknowledged and is not yet a whole segment.
 * Chunk by chunk XChaCha20-Poly1305 under the tail key, every record with a fresh random nonce, so that a
 * chunk that grows is sealed again without repeating one. Never part of a finished object.
 */
import { CHUNK_SIZE, SEGMENT_SIZE } from './geometry.ts';
import { EnvelopeRejected } from './header.ts';
import type { Secret } from './secret.ts';
import { XCHACHA_OVERHEAD, xchachaOpen, xchachaSeal } from './xchacha.ts';

/** Where a record of a tail belongs: segment, chunk within it, and whether the tail ends with it. */
export type TailPosition = { readonly segment: number; readonly chunk: number; readonly last: boolean };

/** Stored bytes of a full record: nonce, 256 KiB, tag. */
export const TAIL_RECORD_SIZE = CHUNK_SIZE + XCHACHA_OVERHEAD;

const LABEL = Buffer.from('custos/1/tail');

/**
 * Seals one record for one object: nonce ‖ ciphertext ‖ tag. Takes 0 to 256 KiB; only the last record of a
 * tail may be short. Throws a RangeError otherwise.
 */
export function sealTailRecord(
  key: Secret,
  objectId: Uint8Array,
  position: TailPosition,
  plaintext: Uint8Array,
): Buffer {
  const fits = position.last ? plaintext.length <= CHUNK_SIZE : plaintext.length === CHUNK_SIZE;
  if (!fits) throw new RangeError('Only the last record of a tail may be short.');
  return xchachaSeal(key, bound(objectId, position), plaintext);
}

/** Opens one record. Throws `EnvelopeRejected`. */
export function openTailRecord(
  key: Secret,
  objectId: Uint8Array,
  position: TailPosition,
  record: Uint8Array,
): Buffer {
  const fits = position.last ? record.length <= TAIL_RECORD_SIZE : record.length === TAIL_RECORD_SIZE;
  const plaintext = fits ? xchachaOpen(key, bound(objectId, position), record) : undefined;
  if (plaintext === undefined) throw new EnvelopeRejected();
  return plaintext;
}

/** Seals a whole tail of 0 bytes to 16 MiB as records one after another. Throws a RangeError beyond that. */
export function sealTail(key: Secret, objectId: Uint8Array, segment: number, plaintext: Uint8Array): Buffer {
  if (plaintext.length > SEGMENT_SIZE) throw new RangeError('A tail is at most one segment.');
  const count = Math.max(1, Math.ceil(plaintext.length / CHUNK_SIZE));
  const records = Array.from({ length: count }, (_, chunk) =>
    sealTailRecord(
      key,
      objectId,
      { segment, chunk, last: chunk === count - 1 },
      plaintext.subarray(chunk * CHUNK_SIZE, (chunk + 1) * CHUNK_SIZE),
    ),
  );
  return Buffer.concat(records);
}

/** The plaintext of a whole tail; a cut, reordered or foreign one is refused. Throws `EnvelopeRejected`. */
export function openTail(key: Secret, objectId: Uint8Array, segment: number, tail: Uint8Array): Buffer {
  const count = Math.max(1, Math.ceil(tail.length / TAIL_RECORD_SIZE));
  if (tail.length > (SEGMENT_SIZE / CHUNK_SIZE) * TAIL_RECORD_SIZE) throw new EnvelopeRejected();
  const chunks = Array.from({ length: count }, (_, chunk) =>
    openTailRecord(
      key,
      objectId,
      { segment, chunk, last: chunk === count - 1 },
      tail.subarray(chunk * TAIL_RECORD_SIZE, (chunk + 1) * TAIL_RECORD_SIZE),
    ),
  );
  return Buffer.concat(chunks);
}

function bound(objectId: Uint8Array, { segment, chunk, last }: TailPosition): Buffer {
  const place = Buffer.alloc(9);
  place.writeUInt32BE(segment, 0);
  place.writeUInt32BE(chunk, 4);
  place.writeUInt8(last ? 1 : 0, 8);
  return Buffer.concat([LABEL, objectId, place]);
}
