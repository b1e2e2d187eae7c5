/**
 * The Merkle tree of RFC 6962, unmodified: leaf and node hashes, and a compact frontier that grows by one leaf
 * at a time (custody-log L3.1, L3.2). Sizes go beyond 2^32: arithmetic only, never a 32-bit operator.
 */
import { hash } from 'node:crypto';
import { LogError } from './log-error.ts';

/** Leaf hash: SHA-256 of `00 ‖ entry` (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(1 + entry.length);
  input[0] = 0x00;
  input.set(entry, 1);
  return hash('sha256', input, 'buffer');
}

/** Node hash: SHA-256 of `01 ‖ left ‖ right` (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(65);
  input[0] = 0x01;
  input.set(left, 1);
  input.set(right, 33);
  return hash('sha256', input, 'buffer');
}

/** Root of the empty tree: SHA-256 of nothing. */
export function emptyRoot(): Buffer {
  return hash('sha256', '', 'buffer');
}

/** Largest power of two strictly below `n`; `n` ≥ 2. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** How many 1 bits `n` has: the number of hashes in a frontier of size `n`. */
function ones(n: number): number {
  let count = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/**
 * A tree of `size` leaves, known by the roots of its complete subtrees, largest first: one for each 1 bit of
 * `size`. Grows by `append`; a copy is taken with `Frontier.of(size, hashes)`.
 */
export class Frontier {
  #size = 0;
  #hashes: Buffer[] = [];

  /** Throws `LogError` if the number of hashes does not belong to `size` or one is not 32 bytes. */
  static of(size: number, hashes: readonly Uint8Array[]): Frontier {
    if (!Number.isSafeInteger(size) || size < 0) throw new LogError('tree', 'A size is an integer from 0.');
    if (hashes.length !== ones(size) || hashes.some((one) => one.length !== 32)) {
      throw new LogError('tree', 'A frontier has one 32-byte hash for each 1 bit of its size.');
    }
    const frontier = new Frontier();
    frontier.#size = size;
    frontier.#hashes = hashes.map((one) => Buffer.from(one));
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  /** Roots of the complete subtrees, largest first. */
  get hashes(): readonly Buffer[] {
    return this.#hashes;
  }

  /** Adds the next leaf by its hash. */
  append(leaf: Uint8Array): void {
    let full = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) full += 1;
    const lefts = this.#hashes.splice(this.#hashes.length - full);
    let node: Buffer = Buffer.from(leaf);
    for (const left of lefts.toReversed()) node = nodeHash(left, node);
    this.#hashes.push(node);
    this.#size += 1;
  }

  /** Root of the tree at `size`. */
  root(): Buffer {
    let root: Buffer | undefined;
    for (const one of this.#hashes.toReversed()) root = root === undefined ? one : nodeHash(one, root);
    return root ?? emptyRoot();
  }
}
