/**
 * Every subject seen so far with its newest entry, in under 200 bytes each (custody-log L10.1, L11): flat arrays in
 * pieces and an open hash table over the ids' 128 bits. 32-bit operators touch words of ids only, never a size.
 */
import { standsAt } from './bytes.ts';
import type { Hashes } from './primitives.ts';

const pieceSize = 8192;

interface Piece {
  readonly words: Uint32Array;
  readonly prefixes: Uint16Array;
  readonly keys: Uint8Array;
  readonly heads: Uint8Array;
  readonly counts: Float64Array;
  readonly next: Int32Array;
}

function newPiece(hasKeys: boolean): Piece {
  return {
    words: new Uint32Array(pieceSize * 4),
    prefixes: new Uint16Array(pieceSize),
    keys: new Uint8Array(hasKeys ? pieceSize * 32 : 0),
    heads: new Uint8Array(pieceSize * 32),
    counts: new Float64Array(pieceSize),
    next: new Int32Array(hasKeys ? pieceSize : 0),
  };
}

/** Prefixes that are found by comparing bytes; a log has about ten, the rest go through a map of texts. */
const fewPrefixes = 16;

/** The value of eight hex digits, of which the fifth may stand behind a hyphen. */
function word(id: Uint8Array, at: number, skip: 0 | 1): number {
  let value = 0;
  for (let index = at; index < at + 8 + skip; index += 1) {
    const code = id[index] ?? 0;
    if (code !== 45) value = (value << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return value >>> 0;
}

export class SubjectTable {
  readonly #primitives: Hashes;
  readonly #hasKeys: boolean;
  readonly #pieces: Piece[] = [];
  readonly #prefixes = new Map<string, number>();
  readonly #first: Uint8Array[] = [];
  readonly #id = new Uint8Array(64);
  // Chosen anew each run, so that nobody can prepare ids that all fall into one slot.
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  readonly #wanted = new Uint32Array(4);
  #slots = new Int32Array(4096);
  #size = 0;

  /** `hasKeys`: keep each subject's map key too. */
  constructor(primitives: Hashes, hasKeys: boolean) {
    this.#primitives = primitives;
    this.#hasKeys = hasKeys;
  }

  get size(): number {
    return this.#size;
  }

  #hash(a: number, b: number, c: number, d: number, prefix: number): number {
    let hash = this.#seed ^ prefix;
    for (const word of [a, b, c, d]) {
      hash = Math.imul(hash ^ word, 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    return Math.imul(hash, 0x85eb_ca6b) >>> 0;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    for (let index = 0; index < this.#size; index += 1) {
      const { words, prefixes } = this.#piece(index);
      const at = (index % pieceSize) * 4;
      let slot =
        this.#hash(
          words[at] ?? 0,
          words[at + 1] ?? 0,
          words[at + 2] ?? 0,
          words[at + 3] ?? 0,
          prefixes[at / 4] ?? 0,
        ) % slots.length;
      while (slots[slot] !== 0) slot = (slot + 1) % slots.length;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }

  #piece(index: number): Piece {
    const piece = this.#pieces[Math.floor(index / pieceSize)];
    if (piece === undefined) throw new RangeError('no such subject');
    return piece;
  }

  /** The number of the subject `id` (a valid subject id), which is added with count 0 if it is new. */
  place(id: string): number {
    for (let index = 0; index < id.length; index += 1) this.#id[index] = id.charCodeAt(index);
    return this.placeAt(this.#id, 0, id.length);
  }

  #prefix(bytes: Uint8Array, at: number, length: number): number {
    for (let index = 0; index < this.#first.length; index += 1) {
      const name = this.#first[index];
      if (name?.length === length && standsAt(name, bytes, at)) return index;
    }
    const name = bytes.slice(at, at + length);
    const text = String.fromCharCode(...name);
    let prefix = this.#prefixes.get(text);
    if (prefix === undefined) {
      prefix = this.#prefixes.size;
      this.#prefixes.set(text, prefix);
      if (prefix < fewPrefixes) this.#first.push(name);
    }
    return prefix;
  }

  /** As `place`, for the id in `length` bytes of `bytes` from `at`. */
  placeAt(bytes: Uint8Array, at: number, length: number): number {
    const first = at + length - 36;
    const prefix = this.#prefix(bytes, at, length - 37);
    const wanted = this.#wanted;
    wanted[0] = word(bytes, first, 0);
    wanted[1] = word(bytes, first + 9, 1);
    wanted[2] = word(bytes, first + 19, 1);
    wanted[3] = word(bytes, first + 28, 0);
    const [a = 0, b = 0, c = 0, d = 0] = wanted;
    let slot = this.#hash(a, b, c, d, prefix) % this.#slots.length;
    for (let found = this.#slots[slot] ?? 0; found !== 0; found = this.#slots[slot] ?? 0) {
      const { words, prefixes } = this.#piece(found - 1);
      const own = ((found - 1) % pieceSize) * 4;
      if (
        words[own] === a &&
        words[own + 1] === b &&
        words[own + 2] === c &&
        words[own + 3] === d &&
        prefixes[own / 4] === prefix
      )
        return found - 1;
      slot = (slot + 1) % this.#slots.length;
    }
    return this.#add(bytes.subarray(at, at + length), slot, prefix);
  }

  #add(id: Uint8Array, slot: number, prefix: number): number {
    const index = this.#size;
    if (index % pieceSize === 0) this.#pieces.push(newPiece(this.#hasKeys));
    const piece = this.#piece(index);
    const at = index % pieceSize;
    piece.words.set(this.#wanted, at * 4);
    piece.prefixes[at] = prefix;
    if (this.#hasKeys) this.#primitives.sha256Into(id, piece.keys, at * 32);
    this.#slots[slot] = index + 1;
    this.#size += 1;
    if (this.#size * 3 > this.#slots.length * 2) this.#grow();
    return index;
  }

  count(index: number): number {
    return this.#piece(index).counts[index % pieceSize] ?? 0;
  }

  setCount(index: number, count: number): void {
    this.#piece(index).counts[index % pieceSize] = count;
  }

  /** The array that holds the subject's newest leaf hash, at `offset(index)`; may be written. */
  heads(index: number): Uint8Array {
    return this.#piece(index).heads;
  }

  /** The array that holds the subject's map key, at `offset(index)`. */
  keys(index: number): Uint8Array {
    return this.#piece(index).keys;
  }

  offset(index: number): number {
    return (index % pieceSize) * 32;
  }

  /** The subject after `index` in its bucket's list, or −1. */
  next(index: number): number {
    return (this.#piece(index).next[index % pieceSize] ?? 0) - 1;
  }

  setNext(index: number, next: number): void {
    this.#piece(index).next[index % pieceSize] = next + 1;
  }
}
