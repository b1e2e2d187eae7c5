/**
 * Bytes on their way out of a store (K4.2, P7): counts what arrives against what was promised. A short or long
 * body never ends cleanly, and every way out (end, fault, return, abort) closes the source exactly once.
 */
import { type BlobBody, BlobFault } from '../acts/ports/blob.ts';

/** A connection or descriptor. `pull` answers undefined at the end; `close` never throws. */
export interface BodySource {
  pull(): Promise<Uint8Array | undefined>;
  /** `drained` is true when the source ended by itself and may be used again. */
  close(drained: boolean): Promise<void>;
}

/** Wraps a source that must yield exactly `expected` bytes. */
export function exactBody(source: BodySource, expected: number, signal?: AbortSignal): BlobBody {
  let left = expected;
  let over: Promise<void> | undefined;
  let failure: unknown;

  const finish = (drained: boolean): Promise<void> => {
    over ??= source.close(drained);
    signal?.removeEventListener('abort', onAbort);
    return over;
  };
  const fail = async (error: unknown): Promise<never> => {
    failure ??= error;
    await finish(false);
    throw failure;
  };
  function onAbort(): void {
    failure ??= signal?.reason;
    // Nobody awaits an abort; `close` does not throw.
    void finish(false);
  }
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (failure !== undefined) throw failure;
      if (over) return { done: true, value: undefined };
      let bytes: Uint8Array | undefined;
      try {
        bytes = await source.pull();
      } catch (error) {
        return fail(error);
      }
      if (failure !== undefined) throw failure;
      if (bytes === undefined) {
        if (left > 0) return fail(new BlobFault('damaged', 'The store sent fewer bytes than it promised.'));
        await finish(true);
        return { done: true, value: undefined };
      }
      left -= bytes.byteLength;
      if (left < 0) return fail(new BlobFault('damaged', 'The store sent more bytes than it promised.'));
      return { done: false, value: bytes };
    },
    async return() {
      await finish(false);
      return { done: true, value: undefined };
    },
  };
}
