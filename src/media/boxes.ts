/**
 * Finds what a decoder needs of an MP4 (ISO/IEC 14496-12) without its samples: `ftyp` and `moov`, wherever they lie. A pipe
 * cannot seek, so the header boxes are fetched by range and put first. Bounded: a file can claim anything.
 */
import type { MediaBytes } from '../acts/ports/media.ts';

const MAX_BOXES = 4_096;
const MAX_MOOV_BYTES = 64 * 1024 * 1024;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The byte ranges of `ftyp` and `moov`, in the order to feed them; undefined when there is no usable `moov`. */
export async function headerBoxes(bytes: MediaBytes): Promise<readonly Range[] | undefined> {
  let type: Range | undefined;
  let at = 0;
  for (let count = 0; count < MAX_BOXES && at + 8 <= bytes.size; count += 1) {
    const head = await collect(bytes, at, Math.min(at + 16, bytes.size));
    const name = head.toString('latin1', 4, 8);
    const length = lengthOf(head, bytes.size - at);
    if (length === undefined) return undefined;
    const box = { from: at, to: at + length };
    if (name === 'ftyp' && length <= 4_096) type = box;
    if (name === 'moov') {
      if (length > MAX_MOOV_BYTES) return undefined;
      return type ? [type, box] : [box];
    }
    at += length;
  }
  return undefined;
}

/** 0 means "to the end", 1 means "64 bits follow"; undefined for a length that cannot be. */
function lengthOf(head: Buffer, left: number): number | undefined {
  const short = head.readUInt32BE(0);
  if (short === 0) return left;
  if (short === 1 && head.byteLength < 16) return undefined;
  const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
  return length >= (short === 1 ? 16 : 8) && length <= left ? length : undefined;
}

/** All bytes of a range that is known to be small. */
export async function collect(bytes: MediaBytes, from: number, to: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  if (from < to) for await (const piece of bytes.read(from, to)) pieces.push(piece);
  return Buffer.concat(pieces);
}
