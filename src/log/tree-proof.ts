/**
 * Inclusion and consistency proofs of the tree: made from the hashes of complete subtrees (RFC 6962 §2.1.1,
 * §2.1.2) and verified with the loops of RFC 9162 §2.1.3.2 and §2.1.4.2 (custody-log L3.2).
 * Indices are Numbers up to 2^53 − 1; whatever is larger is refused before it becomes one.
 */
import { LogError } from './log-error.ts';
import { nodeHash, splitPoint } from './tree.ts';

/** Hash of the complete subtree of 2^`level` leaves that begins at leaf `index` · 2^`level`. */
export type NodeReader = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

const half = (n: number): number => Math.floor(n / 2);
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

/** Root over leaves `first` … `end` − 1, where `first` is a multiple of the largest power of two in the range. */
async function rangeRoot(first: number, end: number, nodes: NodeReader): Promise<Uint8Array> {
  const length = end - first;
  const split = length === 1 ? 1 : splitPoint(length);
  if (length === 1 || split * 2 === length) {
    const level = Math.round(Math.log2(length));
    return nodes(level, first / length);
  }
  return nodeHash(await rangeRoot(first, first + split, nodes), await rangeRoot(first + split, end, nodes));
}

/** The frontier's hashes for the first `size` leaves, largest subtree first (`range.json`, a restart). */
export async function frontierHashes(size: number, nodes: NodeReader): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  let first = 0;
  while (first < size) {
    const width = splitPoint(size - first + 1);
    hashes.push(await rangeRoot(first, first + width, nodes));
    first += width;
  }
  return hashes;
}

/** Path from leaf `index` to the root at `size`, leaf's sibling first. Throws `LogError` unless index < size. */
export async function inclusionProof(index: number, size: number, nodes: NodeReader): Promise<Uint8Array[]> {
  if (!isSize(index) || !isSize(size) || index >= size)
    throw new LogError('tree', 'No such leaf in this tree.');
  const path: Uint8Array[] = [];
  let first = 0;
  let end = size;
  while (end - first > 1) {
    const middle = first + splitPoint(end - first);
    if (index < middle) {
      path.unshift(await rangeRoot(middle, end, nodes));
      end = middle;
    } else {
      path.unshift(await rangeRoot(first, middle, nodes));
      first = middle;
    }
  }
  return path;
}

/** Proof that the tree at `size2` extends the one at `size1`; empty if equal. Throws `LogError` unless 0 < size1 ≤ size2. */
export async function consistencyProof(
  size1: number,
  size2: number,
  nodes: NodeReader,
): Promise<Uint8Array[]> {
  if (!isSize(size1) || !isSize(size2) || size1 === 0 || size1 > size2) {
    throw new LogError('tree', 'A consistency proof runs from a smaller tree, not empty, to a larger one.');
  }
  const path: Uint8Array[] = [];
  let first = 0;
  let end = size2;
  while (size1 !== end) {
    const middle = first + splitPoint(end - first);
    if (size1 <= middle) {
      path.unshift(await rangeRoot(middle, end, nodes));
      end = middle;
    } else {
      path.unshift(await rangeRoot(first, middle, nodes));
      first = middle;
    }
  }
  // The old tree is itself the left edge only if it is one complete subtree from leaf 0.
  if (first !== 0) path.unshift(await rangeRoot(first, end, nodes));
  return path;
}

/** Root that an inclusion path leads to, or undefined if its length is wrong (RFC 9162 §2.1.3.2). */
export function rootOfInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isSize(index) || !isSize(size) || index >= size) return undefined;
  let fn = index;
  let sn = size - 1;
  let node = leaf;
  for (const sibling of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      node = nodeHash(sibling, node);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      node = nodeHash(node, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 ? node : undefined;
}

/** Whether `leaf` is leaf number `index` of the tree with `size` leaves and this root. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (leaf.length !== 32 || path.some((one) => one.length !== 32)) return false;
  const found = rootOfInclusion(index, size, leaf, path);
  return found !== undefined && Buffer.compare(found, root) === 0;
}

/** Whether the tree (`size2`, `root2`) extends (`size1`, `root1`), by RFC 9162 §2.1.4.2. Size 0 proves nothing: false. */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(size1) || !isSize(size2) || size1 === 0 || size1 > size2) return false;
  if (proof.some((one) => one.length !== 32)) return false;
  if (size1 === size2) return proof.length === 0 && Buffer.compare(root1, root2) === 0;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  // fn is 0 here exactly if size1 is a power of two: then the old root begins the proof itself.
  const path = fn === 0 ? [root1, ...proof] : proof;
  const [seed, ...rest] = path;
  if (seed === undefined) return false;
  let old = seed;
  let now = seed;
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      old = nodeHash(sibling, old);
      now = nodeHash(sibling, now);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      now = nodeHash(now, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && Buffer.compare(old, root1) === 0 && Buffer.compare(now, root2) === 0;
}
