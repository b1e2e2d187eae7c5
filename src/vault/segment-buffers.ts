/**
 * Buffers of a whole segment, lent to uploads one after another. A new one for every request would cost more time in the
 * garbage collector than sealing does: memory outside the heap makes it run over the whole heap. Kept for a moment only, and
 * never handed on with plaintext in it: who gives one back has overwritten it, or held nothing but ciphertext there.
 */
import { HEADER_SIZE, SEALED_SEGMENT_SIZE } from '../crypto/geometry.ts';

const size = HEADER_SIZE + SEALED_SEGMENT_SIZE;
/** Below this a buffer of its own is cheaper than a whole one at rest. */
const worthKeeping = size / 8;
/** One that is filled, one that is sealed, two on their way. */
const most = 4;
const restMs = 2_000;

const resting: Buffer[] = [];
let timer: NodeJS.Timeout | undefined;

/** A buffer of exactly `length` bytes, with whatever it last held; `length` is at most a sealed segment with a header. */
export function borrowBuffer(length: number): Buffer {
  if (length > size) throw new RangeError('A segment is not so long.');
  if (length < worthKeeping) return Buffer.allocUnsafeSlow(length);
  return (resting.pop() ?? Buffer.allocUnsafeSlow(size)).subarray(0, length);
}

/** Gives back what was borrowed. It must not be used any more, and must hold no plaintext. */
export function giveBack(buffer: Buffer): void {
  if (buffer.buffer.byteLength !== size || resting.length >= most) return;
  resting.push(Buffer.from(buffer.buffer, 0, size));
  clearTimeout(timer);
  timer = setTimeout(() => {
    resting.length = 0;
  }, restMs).unref();
}
