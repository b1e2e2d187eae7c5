/**
 * Every subject seen so far with its newest entry, in under 200 bytes each (custody-log L10.1, L11): flat arrays in
 * pieces and an open hash table over the ids' 128 bits. 32-bit operators touch words of ids only, never a size.
 */
import { mapKey } from './map.ts';
import type { Primitives } from './primitives.ts';

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

/** The value of four hex digits. */
function quarter(id: string, at: number): number {
  let word = 0;
  for (let index = at; index < at + 4; index += 1) {
    const code = id.charCodeAt(index);
    word = word * 16 + (code < 58 ? code - 48 : code - 87);
  }
  return word;
}

export class SubjectTable {
  readonly #primitives: Primitives;
  readonly #hasKeys: boolean;
  readonly #pieces: Piece[] = [];
  readonly #prefixes = new Map<string, number>();
  // Chosen anew each run, so that nobody can prepare ids that all fall into one slot.
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  readonly #wanted = new Uint32Array(4);
  #slots = new Int32Array(4096);
  #size = 0;

  /** `hasKeys`: keep each subject's map key too. */
  constructor(primitives: Primitives, hasKeys: boolean) {
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
    const colon = id.length - 37;
    const name = id.slice(0, colon);
    let prefix = this.#prefixes.get(name);
    if (prefix === undefined) {
      prefix = this.#prefixes.size;
      this.#prefixes.set(name, prefix);
    }
    const wanted = this.#wanted;
    wanted[0] = quarter(id, colon + 1) * 65_536 + quarter(id, colon + 5);
    wanted[1] = quarter(id, colon + 10) * 65_536 + quarter(id, colon + 15);
    wanted[2] = quarter(id, colon + 20) * 65_536 + quarter(id, colon + 25);
    wanted[3] = quarter(id, colon + 29) * 65_536 + quarter(id, colon + 33);
    const [a = 0, b = 0, c = 0, d = 0] = wanted;
    let slot = this.#hash(a, b, c, d, prefix) % this.#slots.length;
    for (let found = this.#slots[slot] ?? 0; found !== 0; found = this.#slots[slot] ?? 0) {
      const { words, prefixes } = this.#piece(found - 1);
      const at = ((found - 1) % pieceSize) * 4;
      if (
        words[at] === a &&
        words[at + 1] === b &&
        words[at + 2] === c &&
        words[at + 3] === d &&
        prefixes[at / 4] === prefix
      )
        return found - 1;
      slot = (slot + 1) % this.#slots.length;
    }
    return this.#add(id, slot, prefix);
  }

  #add(id: string, slot: number, prefix: number): number {
    const index = this.#size;
    if (index % pieceSize === 0) this.#pieces.push(newPiece(this.#hasKeys));
    const piece = this.#piece(index);
    const at = index % pieceSize;
    piece.words.set(this.#wanted, at * 4);
    piece.prefixes[at] = prefix;
    if (this.#hasKeys) piece.keys.set(mapKey(this.#primitives, id), at * 32);
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
