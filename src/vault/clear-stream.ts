/**
 * Clear bytes as a byte stream (K6, R37–R39): pulled, never pushed; a MiB at a time; the lease is tested in the same
 * synchronous step as each hand-over. Cancelling releases the store's body at once. Every other end than the last wanted
 * byte is an error, on which the door resets the connection.
 */
import { BlobFault, BlobMissing, type BlobStore } from '../acts/ports/blob.ts';
import type { LiveLease, Pacing } from '../acts/ports/content.ts';
import { EnvelopeRejected } from '../crypto/header.ts';
import { type OpenObject, readChunks, verifyEnd } from './read-object.ts';

/** The stream's lease ended: nothing more leaves. */
export class LeaseOver extends Error {
  override readonly name = 'LeaseOver';
  constructor() {
    super('The lease of this stream is over.');
  }
}

interface Wanted {
  readonly from: number;
  readonly to: number;
  readonly pacer?: Pacing;
  readonly endRelative?: boolean;
}

/** Bytes `from` to `to` (not included). `alarm` is called when a chunk is missing, altered or damaged. */
export function clearStream(
  blob: BlobStore,
  opened: OpenObject,
  lease: LiveLease,
  { from, to, pacer, endRelative }: Wanted,
  alarm: () => void,
): ReadableStream<Uint8Array> {
  const over = new AbortController();
  let ready: Buffer[] = [];
  const chunks = from < to ? chunksOf() : undefined;

  async function* chunksOf(): AsyncGenerator<Buffer[], undefined, undefined> {
    if (endRelative) await verifyEnd(blob, opened, over.signal);
    yield* readChunks(blob, opened, from, to, over.signal);
  }

  const fail = (controller: ReadableByteStreamController, error: unknown): void => {
    if (over.signal.aborted) return;
    over.abort();
    ready = [];
    if (isAlteredContent(error)) alarm();
    controller.error(error);
  };

  /** False when the lease is over; otherwise the bytes were handed on in this very step. */
  const handOver = (controller: ReadableByteStreamController, bytes: Buffer): boolean => {
    if (!lease.live()) return false;
    controller.enqueue(owned(bytes));
    return true;
  };

  const pull = async (controller: ReadableByteStreamController): Promise<void> => {
    if (ready.length === 0) {
      const next = await chunks?.next();
      if (over.signal.aborted) return;
      if (!next || next.done) {
        over.abort();
        return close(controller);
      }
      ready = next.value;
    }
    while (ready.length > 0) {
      const piece = pacer ? await paced(pacer, ready, over.signal) : ready.shift();
      if (over.signal.aborted || piece === undefined) return;
      while (!handOver(controller, piece)) {
        const again = await lease.regained?.(over.signal);
        if (over.signal.aborted) return;
        if (!again) throw new LeaseOver();
      }
      if (pacer) return;
    }
  };

  return new ReadableStream({
    type: 'bytes',
    pull: (controller) => pull(controller).catch((error: unknown) => fail(controller, error)),
    cancel() {
      over.abort();
      ready = [];
      // The generator's own end closes the body; it may be waiting for the store just now.
      chunks?.return(undefined).catch(() => undefined);
    },
  });
}

/** As much of the first chunk as may go now, after waiting for its turn. */
async function paced(pacer: Pacing, ready: Buffer[], signal: AbortSignal): Promise<Buffer | undefined> {
  const first = ready[0];
  if (first === undefined) return undefined;
  const size = await pacer.admit(first.length, signal);
  if (size >= first.length) ready.shift();
  else ready[0] = first.subarray(size);
  return first.subarray(0, size);
}

/**
 * A byte stream takes the buffer of what it is given. A piece of a chunk whose rest is still to go must be copied, or the
 * rest would go with it.
 */
function owned(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return whole ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

function close(controller: ReadableByteStreamController): void {
  controller.close();
  // A pending read into a caller's own buffer is answered only by this (Streams, 4.7.4).
  controller.byobRequest?.respond(0);
}

function isAlteredContent(error: unknown): boolean {
  const altered = error instanceof EnvelopeRejected || error instanceof BlobMissing;
  return altered || (error instanceof BlobFault && error.code === 'damaged');
}
