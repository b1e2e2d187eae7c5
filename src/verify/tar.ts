/**
 * A strict reader of one ustar archive (custody-log L9; docs/formats/export-package.md, Container), fed in pieces.
 * It takes plain files only, and each header must equal, byte for byte, the one header its name, size and time
 * allow: no link, no long name, no extension, no second spelling. Nothing may follow the two closing blocks.
 */
import { bytesOf, sameBytes } from './bytes.ts';
import { Malformed } from './findings.ts';

export interface Member {
  readonly name: string;
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
}

export interface MemberSink {
  open(member: Member): void;
  data(bytes: Uint8Array): void;
  close(): void;
}

const block = 512;
const namePattern = /^[A-Za-z0-9/.-]{1,100}$/;

/** The only header that a plain file of this name, size and time may have. */
function tarHeader({ name, size, mtime }: Member): Uint8Array {
  const header = new Uint8Array(block);
  const put = (text: string, at: number): void => header.set(bytesOf(text), at);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  put(name, 0);
  put('0000644\x000000000\x000000000\x00', 100);
  put(octal(size, 11) + octal(mtime, 11), 124);
  put(' '.repeat(8), 148);
  put('0', 156);
  put('ustar\x0000', 257);
  put('0000000\x000000000\x00', 329);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)} `, 148);
  return header;
}

function asciiAt(header: Uint8Array, at: number, length: number): string {
  let text = '';
  for (let index = at; index < at + length && header[index] !== 0; index += 1)
    text += String.fromCharCode(header[index] ?? 0);
  return text;
}

/** Reads a header; undefined for a block of zeros. Throws `Malformed` for any but the one allowed spelling. */
function parseTarHeader(header: Uint8Array): Member | undefined {
  if (header.every((byte) => byte === 0)) return undefined;
  const name = asciiAt(header, 0, 100);
  const size = asciiAt(header, 124, 12);
  const mtime = asciiAt(header, 136, 12);
  if (!namePattern.test(name) || name.startsWith('/') || name.split('/').some((step) => /^\.*$/.test(step)))
    throw new Malformed('a member name with characters or steps that no package has');
  if (!/^[0-7]{11}$/.test(size) || !/^[0-7]{11}$/.test(mtime))
    throw new Malformed('a member whose size or time is not eleven octal digits');
  const member = { name, size: Number.parseInt(size, 8), mtime: Number.parseInt(mtime, 8) };
  if (!sameBytes(tarHeader(member), header))
    throw new Malformed('a header that no plain file of a package has');
  return member;
}

export class TarReader {
  readonly #sink: MemberSink;
  readonly #header = new Uint8Array(block);
  #filled = 0;
  #left = 0;
  #padding = 0;
  #isOpen = false;
  #zeros = 0;

  constructor(sink: MemberSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes of the archive. Throws `Malformed`, or what the sink throws. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#zeros === 2) throw new Malformed('bytes after the end of the archive');
      if (this.#isOpen) at = this.#content(bytes, at);
      else if (this.#padding > 0) at = this.#pad(bytes, at);
      else at = this.#head(bytes, at);
    }
  }

  /** Says that no more bytes come. Throws `Malformed` unless the archive is complete. */
  end(): void {
    if (this.#zeros !== 2 || this.#filled !== 0) throw new Malformed('the archive breaks off');
  }

  #content(bytes: Uint8Array, at: number): number {
    const to = Math.min(bytes.length, at + this.#left);
    if (to > at) this.#sink.data(bytes.subarray(at, to));
    this.#left -= to - at;
    this.#closeIfDone();
    return to;
  }

  #closeIfDone(): void {
    if (!this.#isOpen || this.#left > 0) return;
    this.#isOpen = false;
    this.#sink.close();
  }

  #pad(bytes: Uint8Array, at: number): number {
    const to = Math.min(bytes.length, at + this.#padding);
    for (let index = at; index < to; index += 1) {
      if (bytes[index] !== 0) throw new Malformed('padding that is not zero');
    }
    this.#padding -= to - at;
    return to;
  }

  #head(bytes: Uint8Array, at: number): number {
    const to = Math.min(bytes.length, at + block - this.#filled);
    this.#header.set(bytes.subarray(at, to), this.#filled);
    this.#filled += to - at;
    if (this.#filled < block) return to;
    this.#filled = 0;
    const member = parseTarHeader(this.#header);
    if (member === undefined) {
      this.#zeros += 1;
      return to;
    }
    if (this.#zeros > 0) throw new Malformed('a member after a closing block');
    this.#isOpen = true;
    this.#left = member.size;
    this.#padding = (block - (member.size % block)) % block;
    this.#sink.open(member);
    this.#closeIfDone();
    return to;
  }
}
