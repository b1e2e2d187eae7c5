/**
 * A ustar archive of plain files, written exactly as docs/formats/export-package.md fixes it (custody-log L9).
 * Streams: holds one chunk at a time. Writes nothing but plain files, so a package cannot carry a link or a path
 * that leaves its folder.
 */
import { LogError } from './log-error.ts';

/** A file for the archive. `content` must give exactly `size` bytes. */
export interface Member {
  readonly name: string;
  readonly size: number;
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

const block = 512;
// Eleven octal digits hold a size or a time below this.
const numberLimit = 8 ** 11;

function octal(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0 || value >= numberLimit) {
    throw new LogError('export', 'A size or time does not fit an archive header.');
  }
  return `${value.toString(8).padStart(11, '0')}\0`;
}

/** The 512-byte header of one file; `mtime` in whole seconds since 1970 UTC. */
export function ustarHeader(name: string, size: number, mtime: number): Buffer {
  const inside = name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!/^[A-Za-z0-9/.-]{1,100}$/.test(name) || !inside)
    throw new LogError('export', 'A member name is malformed.');
  const header = Buffer.alloc(block);
  header.write(name, 0, 'latin1');
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100, 'latin1');
  header.write(octal(size) + octal(mtime), 124, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\0' + '00', 257, 'latin1');
  header.write('0000000\0' + '0000000\0', 329, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** The archive's bytes, member by member. Throws `LogError` if a content is not as long as it said. */
export async function* packUstar(
  members: Iterable<Member> | AsyncIterable<Member>,
  mtime: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { name, size, content } of members) {
    yield ustarHeader(name, size, mtime);
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== size)
      throw new LogError('export', `The member ${name} is not as long as its header says.`);
    const rest = size % block;
    if (rest > 0) yield Buffer.alloc(block - rest);
  }
  yield Buffer.alloc(2 * block);
}
