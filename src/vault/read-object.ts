/**
 * Clear bytes of a stored object, chunk by chunk (K3.6): fetches only the chunks that the range touches, in one read
 * from the first to the last, and yields nothing of a chunk before the whole chunk was verified. Salts and positions come
 * from the manifest and geometry, never from the store. The store's body is released on every way out.
 */
import type { BlobName, BlobStore } from '../acts/ports/blob.ts';
import type { EnvelopeObject } from '../crypto/envelope-keys.ts';
import { openSegment, type SegmentOpener } from '../crypto/envelope-open.ts';
import {
  CHUNKS_PER_SEGMENT,
  chunkCount,
  chunkPosition,
  chunkRange,
  chunkSize,
  SEALED_CHUNK_SIZE,
  SEGMENT_HEAD_SIZE,
  TAG_SIZE,
} from '../crypto/geometry.ts';
import { EnvelopeRejected } from '../crypto/header.ts';
import { releaseBytes } from '../crypto/release.ts';

/** An object whose keys are open and whose shape is known from its manifest. */
export interface OpenObject {
  readonly name: BlobName;
  readonly object: EnvelopeObject;
  /** Plaintext bytes. */
  readonly size: number;
  /** One salt of 16 bytes a segment. */
  readonly salts: readonly Buffer[];
}

/** Plaintext bytes `from` to `to` (not included). Throws `EnvelopeRejected`, `BlobFault` or `BlobMissing`. */
export async function* readObject(
  blob: BlobStore,
  opened: OpenObject,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, undefined, undefined> {
  for await (const chunks of readChunks(blob, opened, from, to, signal)) yield* chunks;
}

/**
 * The same, with all chunks of one piece of the store's body at a time, so that a caller pays for one turn of the event
 * loop a MiB and not one a chunk.
 */
export async function* readChunks(
  blob: BlobStore,
  opened: OpenObject,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer[], undefined, undefined> {
  const range = chunkRange(from, to, opened.size);
  const body = await blob.read(opened.name, { from: range.ciphertextFrom, to: range.ciphertextTo }, signal);
  const cutter = chunkCutter(opened, range.firstChunk, range.lastChunk);
  try {
    let skip = range.skip;
    let left = range.take;
    // One piece is asked for while the one before is opened.
    let coming = body.next();
    for (let piece = await coming; !piece.done; piece = await coming) {
      coming = body.next();
      coming.catch(() => undefined);
      const chunks: Buffer[] = [];
      for (const chunk of cutter.feed(piece.value)) {
        const wanted = chunk.subarray(skip, Math.min(chunk.length, skip + left));
        skip = 0;
        left -= wanted.length;
        chunks.push(wanted);
      }
      releaseBytes(piece.value);
      if (chunks.length > 0) yield chunks;
    }
    if (!cutter.done()) throw new EnvelopeRejected();
  } finally {
    cutter.close();
    await body.return?.();
  }
}

/** Opens the last chunk as the final one and forgets it: an end-relative range trusts the length only then (K3.6). */
export async function verifyEnd(blob: BlobStore, opened: OpenObject, signal?: AbortSignal): Promise<void> {
  const last = chunkCount(opened.size) - 1;
  const start = opened.size - chunkSize(last, opened.size);
  for await (const chunk of readObject(blob, opened, start, opened.size, signal)) chunk.fill(0);
}

/** Cuts a run of stored bytes into chunks, steps over segment heads, and opens each. */
function chunkCutter({ object, size, salts }: OpenObject, first: number, last: number) {
  let index = first;
  /** Holds a chunk that comes in more than one piece; `have` bytes of it are here. */
  let begun: Buffer | undefined;
  let have = 0;
  let head = 0;

  let segment: { readonly number: number; readonly opener: SegmentOpener } | undefined;

  const openerOf = (number: number): SegmentOpener => {
    // Looked at for every chunk: it throws once the object's key was wiped, and nothing more opens.
    void object.key.bytes;
    if (segment?.number === number) return segment.opener;
    segment?.opener.close();
    const salt = salts[number];
    if (salt === undefined) throw new EnvelopeRejected();
    segment = { number, opener: openSegment(object, number, salt) };
    return segment.opener;
  };

  const open = (sealed: Uint8Array): Buffer => {
    const position = chunkPosition(index, size);
    const plain = openerOf(position.segment).openChunk(position, sealed);
    index += 1;
    head = index % CHUNKS_PER_SEGMENT === 0 ? SEGMENT_HEAD_SIZE : 0;
    return plain;
  };

  return {
    *feed(piece: Uint8Array): Generator<Buffer> {
      let at = 0;
      while (at < piece.length && index <= last) {
        const over = Math.min(head, piece.length - at);
        head -= over;
        at += over;
        if (head > 0) return;
        const need = chunkSize(index, size) + TAG_SIZE;
        const end = Math.min(piece.length, at + need - have);
        const part = piece.subarray(at, end);
        at = end;
        if (part.length === need) {
          yield open(part);
          continue;
        }
        begun ??= Buffer.allocUnsafeSlow(SEALED_CHUNK_SIZE);
        begun.set(part, have);
        have += part.length;
        if (have < need) return;
        have = 0;
        yield open(begun.subarray(0, need));
      }
    },
    done: () => index > last,
    close: () => segment?.opener.close(),
  };
}
