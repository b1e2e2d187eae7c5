/**
 * What is known of an upload under way (K5), as one small sealed object `uploads/<id>/state`, replaced atomically:
 * a head (offset, header, segment salts, the store's receipts) and the tail of the unfinished segment.
 * Not trusted: whoever can write there can at most roll the upload back or end it. The head names the tail's hash,
 * so a head never meets another tail.
 */
import { randomBytes } from 'node:crypto';
import { type BlobName, blobName, type PartTag, type UploadId } from '../acts/ports/blob.ts';
import { equalBytes, sha256 } from '../crypto/digest.ts';
import {
  CHUNK_SIZE,
  ciphertextSize,
  HEADER_SIZE,
  SEALED_SEGMENT_SIZE,
  SEGMENT_SIZE,
} from '../crypto/geometry.ts';
import { EnvelopeRejected } from '../crypto/header.ts';
import type { Secret } from '../crypto/secret.ts';
import { openTailRecord, sealTailRecord, TAIL_RECORD_SIZE } from '../crypto/tail.ts';
import { openBound, sealBound } from '../crypto/wrap.ts';

/** A segment that is durable in the store. */
export interface StoredSegment {
  /** 32 hex digits. */
  readonly salt: string;
  /** The store's own mark for the part. */
  readonly tag: string;
}

export interface UploadState {
  /** Changes with every save, so that what is kept in memory is known to belong to what is stored. */
  readonly stamp: string;
  /** Plaintext bytes that are durable: 16 MiB for each segment and the tail, or the whole. */
  readonly offset: number;
  readonly upload: UploadId;
  /** 128 bytes. */
  readonly header: Buffer;
  readonly segments: readonly StoredSegment[];
}

/** The name of an upload's state; throws a RangeError for what cannot be an id. */
export function stateName(id: string): BlobName {
  return blobName(`uploads/${id}/state`);
}

/** The receipts of the stored parts: number, offset and size follow from the geometry. */
export function partTags(segments: readonly StoredSegment[], size: number): PartTag[] {
  return segments.map(({ tag }, index) => {
    const { from, to } = partRange(index, size);
    return { number: index + 1, offset: from, size: to - from, tag };
  });
}

/** Where segment `index` lies in the stored object; the first part begins with the header (K3.1). */
export function partRange(index: number, size: number): { from: number; to: number } {
  const from = index === 0 ? 0 : HEADER_SIZE + index * SEALED_SEGMENT_SIZE;
  return { from, to: Math.min(HEADER_SIZE + (index + 1) * SEALED_SEGMENT_SIZE, ciphertextSize(size)) };
}

const MAGIC = Buffer.from('CUSU\x01', 'latin1');
/** Bytes before the sealed head: a mark and the head's length. */
export const STATE_FRONT = MAGIC.length + 4;

/** The stored bytes of a state and its tail, sealed chunk by chunk under fresh nonces; yields between chunks. */
export async function sealState(
  key: Secret,
  id: string,
  state: Omit<UploadState, 'stamp'>,
  tail: Uint8Array,
): Promise<{ stamp: string; bytes: Buffer }> {
  const objectId = state.header.subarray(8, 24);
  const segment = state.segments.length;
  const count = Math.ceil(tail.length / CHUNK_SIZE);
  const records: Buffer[] = [];
  for (let chunk = 0; chunk < count; chunk += 1) {
    const piece = tail.subarray(chunk * CHUNK_SIZE, (chunk + 1) * CHUNK_SIZE);
    records.push(sealTailRecord(key, objectId, { segment, chunk, last: chunk === count - 1 }, piece));
    await turn(chunk);
  }
  const stamp = randomBytes(16).toString('hex');
  const head = JSON.stringify({
    stamp,
    offset: state.offset,
    upload: state.upload,
    header: state.header.toString('base64'),
    segments: state.segments,
    tail: sha256(...records).toString('hex'),
  });
  const sealed = sealBound(key, bound(id), Buffer.from(head));
  const front = Buffer.alloc(STATE_FRONT);
  MAGIC.copy(front);
  front.writeUInt32BE(sealed.length, MAGIC.length);
  return { stamp, bytes: Buffer.concat([front, sealed, ...records]) };
}

/** How many bytes the front and the sealed head take, from the first {@link STATE_FRONT} bytes of a state. */
export function stateHeadSize(front: Buffer): number {
  if (front.length < STATE_FRONT || !front.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new EnvelopeRejected();
  }
  return STATE_FRONT + front.readUInt32BE(MAGIC.length);
}

/**
 * Opens what `sealState` made, or as much of it as holds the head; `tail` needs the whole. Throws `EnvelopeRejected` or
 * `Unopened` for anything else.
 */
export function openState(
  key: Secret,
  id: string,
  bytes: Buffer,
): { state: UploadState; tail: () => Promise<Buffer> } {
  const end = stateHeadSize(bytes);
  const text = openBound(key, bound(id), bytes.subarray(STATE_FRONT, end)).toString('utf8');
  const head = JSON.parse(text) as {
    stamp: string;
    offset: number;
    upload: UploadId;
    header: string;
    segments: StoredSegment[];
    tail: string;
  };
  const { stamp, offset, upload, segments } = head;
  const header = Buffer.from(head.header, 'base64');
  return {
    state: { stamp, offset, upload, header, segments },
    async tail() {
      const records = bytes.subarray(end);
      if (!equalBytes(sha256(records), Buffer.from(head.tail, 'hex'))) throw new EnvelopeRejected();
      return openRecords(key, header.subarray(8, 24), segments.length, records);
    },
  };
}

async function openRecords(key: Secret, objectId: Buffer, segment: number, records: Buffer): Promise<Buffer> {
  const count = Math.ceil(records.length / TAIL_RECORD_SIZE);
  const pieces: Buffer[] = [];
  if (count > SEGMENT_SIZE / CHUNK_SIZE) throw new EnvelopeRejected();
  for (let chunk = 0; chunk < count; chunk += 1) {
    const record = records.subarray(chunk * TAIL_RECORD_SIZE, (chunk + 1) * TAIL_RECORD_SIZE);
    pieces.push(openTailRecord(key, objectId, { segment, chunk, last: chunk === count - 1 }, record));
    await turn(chunk);
  }
  return Buffer.concat(pieces);
}

/** Lets the event loop turn every 2 MiB: the sealing of a whole tail takes some 40 ms. */
export function turn(chunk: number): Promise<void> | undefined {
  return chunk % 8 === 7 ? new Promise((resolve) => setImmediate(resolve)) : undefined;
}

function bound(id: string) {
  return { item: id, role: 'upload' };
}
