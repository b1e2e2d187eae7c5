/** Clear bytes in memory as the media tools see them, and a record of what was read. */
import type { MediaBytes } from '../../src/acts/ports/media.ts';

export interface Watched extends MediaBytes {
  /** Bytes handed out so far. */
  read: MediaBytes['read'];
  readonly handedOut: () => number;
}

export function inMemory(content: Uint8Array | string): Watched {
  const bytes = Buffer.from(content);
  let count = 0;
  return {
    size: bytes.byteLength,
    handedOut: () => count,
    async *read(from, to) {
      if (from < 0 || to > bytes.byteLength || from >= to) throw new RangeError('No such range.');
      for (let at = from; at < to; at += 65_536) {
        const piece = bytes.subarray(at, Math.min(at + 65_536, to));
        count += piece.byteLength;
        yield piece;
      }
    },
  };
}
