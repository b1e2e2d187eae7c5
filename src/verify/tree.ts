/**
 * The tree of RFC 6962, unmodified (custody-log L3.1, L3.2): leaf and node hashes, proofs by the loops of
 * RFC 9162 sections 2.1.3.2 and 2.1.4.2, and a frontier that leaves are pushed onto.
 * Sizes and indices use arithmetic only: never an operator that cuts a number to 32 bits.
 */
import { sameBytes } from './bytes.ts';
import type { Primitives } from './primitives.ts';

const half = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;

/** A size or index as a number, or undefined for what is negative or over 2^53 − 1. */
function safe(value: number | bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) &&
    number >= 0 &&
    (typeof value !== 'bigint' || BigInt(number) === value)
    ? number
    : undefined;
}

/** SHA-256 over `01 ‖ left ‖ right`, 32 bytes each. */
export function nodeHash(primitives: Primitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(65);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 33);
  const out = new Uint8Array(32);
  primitives.sha256Into(input, out, 0);
  return out;
}

/** SHA-256 over `00 ‖ entry` as 64 hex. */
export function leafHashHex(primitives: Primitives, entry: Uint8Array): string {
  const input = new Uint8Array(entry.length + 1);
  input.set(entry, 1);
  return primitives.sha256Hex(input);
}

/** Whether `path` proves that `leaf` is at `index` in the tree of `size` leaves with `root` (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(
  primitives: Primitives,
  index: number | bigint,
  size: number | bigint,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const place = safe(index);
  const leaves = safe(size);
  if (place === undefined || leaves === undefined || place >= leaves) return false;
  if (leaf.length !== 32 || root.length !== 32 || path.some((hash) => hash.length !== 32)) return false;
  let fn = place;
  let sn = leaves - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = nodeHash(primitives, sibling, hash);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      hash = nodeHash(primitives, hash, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameBytes(hash, root);
}

/**
 * Whether `path` proves that the tree of `second` leaves begins with the tree of `first` leaves (RFC 9162 section
 * 2.1.4.2). Sizes 0 are refused; equal sizes need an empty path.
 */
export function verifyConsistency(
  primitives: Primitives,
  first: number | bigint,
  second: number | bigint,
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  const from = safe(first);
  const to = safe(second);
  if (from === undefined || to === undefined || from === 0 || from > to) return false;
  if (from === to) return path.length === 0 && sameBytes(firstRoot, secondRoot);
  if (firstRoot.length !== 32 || secondRoot.length !== 32 || path.some((hash) => hash.length !== 32))
    return false;
  if (path.length === 0) return false;
  let fn = from - 1;
  let sn = to - 1;
  while (isOdd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  // `first` is a power of two exactly when its last leaf closes one subtree: then its root opens the path.
  const [start, ...rest] = fn === 0 ? [firstRoot, ...path] : path;
  if (start === undefined) return false;
  let fr = start;
  let sr = start;
  for (const hash of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(primitives, hash, fr);
      sr = nodeHash(primitives, hash, sr);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeHash(primitives, sr, hash);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameBytes(fr, firstRoot) && sameBytes(sr, secondRoot);
}
