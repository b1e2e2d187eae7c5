/**
 * One request's bytes into an open upload (K5): hashes, seals and sends them while they come, and saves what became
 * durable. With a checksum, all of the request counts or none of it. Never goes past the declared length.
 */
import { createHash, type Hash } from 'node:crypto';
import { type BlobStore, blobName } from '../acts/ports/blob.ts';
import type { UploadRow, WriteOptions, WriteRefusal } from '../acts/ports/content.ts';
import { SEGMENT_SIZE } from '../crypto/geometry.ts';
import type { OpenUpload } from './open-upload.ts';
import { segmentWriter } from './segment-writer.ts';
import type { StoredSegment } from './upload-state.ts';

/** Answers how many bytes of the whole are durable. Rejects when the store failed; what was saved before stays. */
export async function receive(
  blob: BlobStore,
  row: UploadRow,
  { object, state, tail, hash, save }: OpenUpload,
  body: AsyncIterable<Uint8Array>,
  { signal, checksum }: WriteOptions,
): Promise<{ offset: number } | { refused: WriteRefusal }> {
  const segments: StoredSegment[] = [...state.segments];
  const { upload, header } = state;
  const marks = new Map<number, Hash | undefined>();
  let saved = state.offset;
  const writer = segmentWriter(
    {
      blob,
      name: blobName(row.objectName),
      upload,
      object,
      size: row.size,
      async stored(segment, index) {
        segments.push(segment);
        const offset = Math.min(segments.length * SEGMENT_SIZE, row.size);
        // With a checksum, nothing counts before all of it was verified.
        if (checksum) return;
        await save({ offset, upload, header, segments: [...segments] }, Buffer.alloc(0), marks.get(index));
        marks.delete(index);
        saved = offset;
      },
    },
    state.segments.length,
    await tail(),
  );
  const digest = checksum && createHash(checksum.algorithm);
  let received = state.offset;

  /** Hashes up to each end of a segment by itself, so that the hash is known wherever the upload may stand. */
  const take = async (bytes: Uint8Array): Promise<void> => {
    digest?.update(bytes);
    for (let from = 0; from < bytes.length; ) {
      const piece = bytes.subarray(from, from + SEGMENT_SIZE - (received % SEGMENT_SIZE));
      hash?.update(piece);
      received += piece.length;
      from += piece.length;
      if (received % SEGMENT_SIZE === 0) marks.set(received / SEGMENT_SIZE - 1, hash?.copy());
      await writer.take(piece);
    }
  };

  try {
    const over = await pour(body, signal, (bytes) => {
      if (received + bytes.length > row.size) return undefined;
      return take(bytes);
    });
    if (over === 'past') return { refused: 'too-large' };
    if (digest && checksum) {
      if (over === 'broken') return { offset: state.offset };
      if (!digest.digest().equals(checksum.digest)) return { refused: 'checksum-mismatch' };
    }
    const complete = received === row.size;
    if (complete) {
      marks.set(Math.ceil(row.size / SEGMENT_SIZE) - 1, hash);
      await writer.seal();
    }
    await writer.settled();
    if (received !== saved) {
      const rest = complete ? Buffer.alloc(0) : writer.tail();
      await save({ offset: received, upload, header, segments }, rest, hash);
    }
    return { offset: received };
  } finally {
    // Parts under way must end before the lock is given up, whatever happened.
    await writer.settled().catch(() => undefined);
    writer.close();
  }
}

/**
 * Feeds `take` until the body ends. `broken`: it ended early, by an abort or a lost connection. `past`: `take` did not
 * want the bytes. A fault of `take` itself is thrown.
 */
async function pour(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  take: (bytes: Uint8Array) => Promise<void> | undefined,
): Promise<'whole' | 'broken' | 'past'> {
  const source = body[Symbol.asyncIterator]();
  let wake: () => void = () => undefined;
  const onAbort = () => wake();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Uint8Array> | 'broken'>((resolve) => {
        wake = () => resolve('broken');
        if (signal?.aborted) resolve('broken');
        else source.next().then(resolve, wake);
      });
      if (next === 'broken') return 'broken';
      if (next.done) return 'whole';
      const taking = take(next.value);
      if (!taking) return 'past';
      await taking;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // The source may be waiting for bytes that never come; its end is not waited for.
    source.return?.().catch(() => undefined);
  }
}
