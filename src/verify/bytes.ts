/** Bytes as hex, numbers and strict UTF-8 (custody-log, head: hex is lower case, `u64` is big-endian). */

const digits: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);
const nibbles = new Uint8Array(128).fill(255);
for (let value = 0; value < 16; value += 1) nibbles[value.toString(16).charCodeAt(0)] = value;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Lower-case hex of `length` bytes from `at`. */
export function toHex(bytes: Uint8Array, at = 0, length: number = bytes.length - at): string {
  let text = '';
  for (let index = at; index < at + length; index += 1) text += digits[bytes[index] ?? 0];
  return text;
}

/** Writes the bytes of lower-case `hex` to `out` from `at`; false if a character is no lower-case hex digit. */
export function hexInto(hex: string, out: Uint8Array, at: number): boolean {
  for (let index = 0; index < hex.length; index += 2) {
    const high = nibbles[hex.charCodeAt(index)] ?? 255;
    const low = nibbles[hex.charCodeAt(index + 1)] ?? 255;
    if (high === 255 || low === 255) return false;
    out[at + index / 2] = high * 16 + low;
  }
  return hex.length % 2 === 0;
}

/** Whether `value` is 64 lower-case hex digits. */
export function isHash(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== 64) return false;
  for (let index = 0; index < 64; index += 1) {
    if ((nibbles[value.charCodeAt(index)] ?? 255) === 255) return false;
  }
  return true;
}

/** The 32 bytes of 64 lower-case hex digits, or undefined for any other text. */
export function hashFromHex(hex: unknown): Uint8Array | undefined {
  if (typeof hex !== 'string' || hex.length !== 64) return undefined;
  const out = new Uint8Array(32);
  return hexInto(hex, out, 0) ? out : undefined;
}

/** The text of well-formed UTF-8 (a BOM stays a character), or undefined. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** UTF-8 of `text`. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Gives the UTF-8 of `text` piece by piece in `buffer` (at least four bytes), each lent until the next. */
export function eachPiece(text: string, buffer: Uint8Array, take: (piece: Uint8Array) => void): void {
  let rest = text;
  while (rest.length > 0) {
    const { read, written } = encoder.encodeInto(rest, buffer);
    take(buffer.subarray(0, written));
    rest = rest.slice(read);
  }
}

/** Writes `value`, an integer from 0 to 2^53 − 1, as eight bytes, most significant first. */
export function u64Into(value: number, out: Uint8Array, at: number): void {
  let rest = value;
  for (let index = at + 7; index >= at; index -= 1) {
    out[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** Whether `a` stands in `b` at `at`. */
export function standsAt(a: Uint8Array, b: Uint8Array, at: number): boolean {
  if (at + a.length > b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (a[index] !== b[at + index]) return false;
  }
  return true;
}

/** Whether `a` and `b` are the same bytes, and as many. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && standsAt(a, b, 0);
}

/** The pieces, one after the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
