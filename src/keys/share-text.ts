/**
 * A share as it is printed and typed again (K2.5): groups of letters and digits, and a check word at the end that
 * shows a slip of the pen before anybody relies on the paper.
 * Never tells anything about the other shares or about the key.
 */
import { sha256 } from '../crypto/digest.ts';

/** One of n shares, any k of which open the seal. */
export type Share = {
  /** 4 bytes: the printing that the share belongs to. */
  readonly set: Buffer;
  readonly threshold: number;
  readonly total: number;
  readonly bytes: Buffer;
};

// Crockford's base 32: no I, L, O or U, so that nothing is read as something else.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aiou';
const HEAD_SIZE = 6;
const SHARE_SIZE = 33;
const TEXT_SIZE = Math.ceil(((HEAD_SIZE + SHARE_SIZE) * 8) / 5);
const GROUP = /.{5}(?=.)/g;

/** The printed form: `XXXXX-XXXXX-…  word-word`. */
export function formatShare({ set, threshold, total, bytes }: Share): string {
  const payload = Buffer.concat([set, Buffer.of(threshold, total), bytes]);
  return `${encode(payload).replace(GROUP, '$&-')} ${checkWord(payload)}`;
}

/**
 * Reads a share as typed: letters of any case, blanks and hyphens anywhere, O for 0, I and L for 1. Undefined when
 * it is not a share or its check word does not fit.
 */
export function parseShare(text: string): Share | undefined {
  const [, typed = '', word = ''] = /^(.*?)[\s-]*([a-z]{5}-[a-z]{5})\s*$/is.exec(text) ?? [];
  const letters = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const payload = decode(letters);
  if (payload === undefined || checkWord(payload) !== word.toLowerCase()) return undefined;
  return {
    set: payload.subarray(0, 4),
    threshold: payload.readUInt8(4),
    total: payload.readUInt8(5),
    bytes: payload.subarray(HEAD_SIZE),
  };
}

/** 32 bits of a hash as two words that can be read aloud: consonants carry 4 bits, vowels 2. */
function checkWord(payload: Buffer): string {
  const bits = sha256('custos/1/share', payload).readUInt32BE(0);
  const word = (half: number): string =>
    [12, 10, 6, 4, 0]
      .map((shift, i) =>
        i % 2 === 0 ? CONSONANTS.charAt((half >>> shift) & 15) : VOWELS.charAt((half >>> shift) & 3),
      )
      .join('');
  return `${word(bits >>> 16)}-${word(bits & 0xffff)}`;
}

function encode(payload: Buffer): string {
  let value = BigInt(`0x${payload.toString('hex')}`);
  let text = '';
  for (let i = 0; i < TEXT_SIZE; i += 1) {
    text = ALPHABET.charAt(Number(value % 32n)) + text;
    value /= 32n;
  }
  return text;
}

function decode(letters: string): Buffer | undefined {
  if (letters.length !== TEXT_SIZE) return undefined;
  let value = 0n;
  for (const letter of letters) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return undefined;
    value = value * 32n + BigInt(digit);
  }
  const size = HEAD_SIZE + SHARE_SIZE;
  const hex = value.toString(16).padStart(size * 2, '0');
  // 63 letters hold three bits more than 39 bytes; they are zero in every share.
  return hex.length === size * 2 ? Buffer.from(hex, 'hex') : undefined;
}
