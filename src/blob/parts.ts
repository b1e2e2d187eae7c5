/** The rules of parts that both stores share (K3.1, K4.1): refused here, so that no store guesses. */
import { BlobFault, type BlobPart, type ByteRange, MAX_PARTS, type PartTag } from '../acts/ports/blob.ts';

/** Throws a `RangeError` for a number or offset that no object can have. */
export function checkPart(part: BlobPart): void {
  const numbered = Number.isInteger(part.number) && part.number >= 1 && part.number <= MAX_PARTS;
  const placed =
    Number.isSafeInteger(part.offset) && part.offset >= 0 && (part.number > 1 || part.offset === 0);
  if (!numbered || !placed || part.bytes.byteLength === 0) throw new RangeError('Not a part of an object.');
}

/** The size of the object that the parts make. Throws when they leave a gap, overlap or are out of order. */
export function sizeOf(parts: readonly PartTag[]): number {
  let size = 0;
  for (const [index, part] of parts.entries()) {
    if (part.number !== index + 1 || part.offset !== size) {
      throw new BlobFault('damaged', 'The parts of the object do not follow each other.');
    }
    size += part.size;
  }
  if (size === 0) throw new BlobFault('damaged', 'An object has at least one part.');
  return size;
}

/** Throws a `RangeError` for what is not a range. */
export function checkRange(range: ByteRange | 'all'): void {
  if (range === 'all') return;
  const whole = Number.isSafeInteger(range.from) && Number.isSafeInteger(range.to);
  if (!whole || range.from < 0 || range.to <= range.from) throw new RangeError('Not a byte range.');
}
