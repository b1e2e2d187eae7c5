/**
 * Bytes of an upload on their way into sealed segments (K3.1, K3.4, K5): fills one segment in memory, seals it under a
 * fresh salt and sends it as one part, two parts in flight. Memory is bounded by four segments: one being filled and
 * three sealed. Never writes plaintext anywhere; overwrites what it held when it is closed.
 */
import type { BlobName, BlobStore, UploadId } from '../acts/ports/blob.ts';
import type { EnvelopeObject } from '../crypto/envelope-keys.ts';
import { startSegment } from '../crypto/envelope-seal.ts';
import {
  CHUNK_SIZE,
  HEADER_SIZE,
  SEALED_CHUNK_SIZE,
  SEGMENT_HEAD_SIZE,
  SEGMENT_SIZE,
  segmentCount,
  TAG_SIZE,
} from '../crypto/geometry.ts';
import { borrowBuffer, giveBack } from './segment-buffers.ts';
import { partRange, type StoredSegment, turn } from './upload-state.ts';

/** How many parts may be on their way to the store at once (K4.2). */
const IN_FLIGHT = 2;

export interface SegmentTarget {
  readonly blob: BlobStore;
  readonly name: BlobName;
  readonly upload: UploadId;
  readonly object: EnvelopeObject;
  /** Declared plaintext bytes of the whole. */
  readonly size: number;
  /** Called in order, one after another, as segments become durable. */
  stored(segment: StoredSegment, index: number): Promise<void>;
}

export interface SegmentWriter {
  /** Takes bytes, and waits while two parts are under way. Rejects when the store refused a part. */
  take(bytes: Uint8Array): Promise<void>;
  /** Seals what there is as the last segment of the object. */
  seal(): Promise<void>;
  /** Resolves when every part is durable and `stored` has returned for it. */
  settled(): Promise<void>;
  /** The bytes of the unfinished segment; valid until the next call. */
  tail(): Uint8Array;
  /** Overwrites the plaintext at hand; the writer takes nothing any more. Call it when all is settled. */
  close(): void;
}

/** A writer that goes on after `done` whole segments and the bytes of `tail`. */
export function segmentWriter(target: SegmentTarget, done: number, tail: Uint8Array): SegmentWriter {
  const last = segmentCount(target.size) - 1;
  const room = Math.min(SEGMENT_SIZE, target.size - done * SEGMENT_SIZE);
  const plain = borrowBuffer(room);
  /** How much of it ever held plaintext. */
  let touched = tail.length;
  let closed = false;
  plain.set(tail);
  let filled = tail.length;
  let index = done;
  let failure: { readonly reason: unknown } | undefined;
  const flying: Promise<void>[] = [];
  let order: Promise<void> = Promise.resolve();

  const send = async (part: Buffer, salt: string, segment: number, before: Promise<void>): Promise<void> => {
    try {
      const { blob, name, upload, size } = target;
      const offset = partRange(segment, size).from;
      const { tag } = await blob.putPart({ name, upload, number: segment + 1, offset, bytes: part });
      // Only after success: a connection that failed may still hold the bytes.
      giveBack(part);
      await before;
      if (!failure) await target.stored({ salt, tag }, segment);
    } catch (reason) {
      failure ??= { reason };
    }
  };

  const closeSegment = async (): Promise<void> => {
    while (flying.length >= IN_FLIGHT) await flying.shift();
    if (failure) throw failure.reason;
    const { part, salt } = await sealPart(target.object, index, plain.subarray(0, filled), index === last);
    order = send(part, salt, index, order);
    flying.push(order);
    index += 1;
    filled = 0;
  };

  return {
    async take(bytes) {
      for (let taken = 0; taken < bytes.length; ) {
        const piece = bytes.subarray(taken, taken + plain.length - filled);
        plain.set(piece, filled);
        filled += piece.length;
        touched = Math.max(touched, filled);
        taken += piece.length;
        if (filled === SEGMENT_SIZE && index < last) await closeSegment();
        else if (filled === plain.length && taken < bytes.length) throw new RangeError('Past the length.');
      }
    },
    seal: closeSegment,
    async settled() {
      await Promise.all(flying.splice(0));
      if (failure) throw failure.reason;
    },
    tail: () => plain.subarray(0, filled),
    close() {
      if (closed) return;
      closed = true;
      plain.fill(0, 0, touched);
      giveBack(plain);
    },
  };
}

/** One part as it is stored: the object's header before the first, the segment's head, the sealed chunks. */
async function sealPart(
  object: EnvelopeObject,
  index: number,
  plain: Buffer,
  final: boolean,
): Promise<{ part: Buffer; salt: string }> {
  const chunks = Math.max(1, Math.ceil(plain.length / CHUNK_SIZE));
  const front = index === 0 ? HEADER_SIZE : 0;
  const length = front + SEGMENT_HEAD_SIZE + plain.length + chunks * TAG_SIZE;
  const part = borrowBuffer(length);
  const sealer = startSegment(object, index);
  if (index === 0) object.header.copy(part, 0);
  sealer.head.copy(part, front);
  try {
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const piece = plain.subarray(chunk * CHUNK_SIZE, (chunk + 1) * CHUNK_SIZE);
      const offset = front + SEGMENT_HEAD_SIZE + chunk * SEALED_CHUNK_SIZE;
      sealer.sealChunkInto(part, offset, piece, final && chunk === chunks - 1);
      await turn(chunk);
    }
  } finally {
    sealer.close();
  }
  return { part, salt: sealer.salt.toString('hex') };
}
