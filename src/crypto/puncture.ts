/**
 * A puncturable key tree of depth 32 (K2.1): a Goldreich–Goldwasser–Micali tree whose state is the set of
 * nodes that cover every live leaf. child(node, b) = HMAC-SHA-256(node, byte b).
 * Puncturing forgets: what was punctured cannot be derived from the state, nor from anything merged into it.
 *
 * Nodes are numbered like a heap: the root is 1, the children of n are 2n and 2n+1, leaf i is 2³²+i. Numbers
 * reach 2³³, so only arithmetic is used, never 32-bit operators.
 */
import { equalBytes, hmacSha256 } from './digest.ts';
import { Secret } from './secret.ts';

/** Leaves of a tree: indices 0 to 2³²−1. */
export const LEAF_COUNT = 4_294_967_296;

/** The state: node number → its 32 bytes. No node lies below another. */
export type KeyTree = Map<number, Buffer>;

/** Thrown when a leaf was punctured: nothing can derive it any more. */
export class Punctured extends Error {
  override readonly name = 'Punctured';
  constructor() {
    super('This key was destroyed.');
  }
}

/** Thrown when two states do not come from one root. */
export class ForeignTree extends Error {
  override readonly name = 'ForeignTree';
  constructor() {
    super('The two key states do not belong together.');
  }
}

/** A whole tree under a 32-byte root, of which it keeps a copy. */
export function newTree(root: Secret): KeyTree {
  if (root.bytes.length !== 32) throw new RangeError('A root has 32 bytes.');
  return new Map([[1, Buffer.from(root.bytes)]]);
}

/** The 32-byte key of leaf `index`. Throws `Punctured`, and a RangeError for an index outside the tree. */
export function leaf(tree: KeyTree, index: number): Secret {
  const target = leafNumber(index);
  const cover = findCover(tree, target);
  if (cover === undefined) throw new Punctured();
  let key: Buffer = Buffer.from(cover.node);
  for (const child of pathDown(cover.number, target)) {
    const next = childKey(key, child % 2);
    key.fill(0);
    key = next;
  }
  return new Secret(key);
}

/** True when the leaf can still be derived. */
export function isLive(tree: KeyTree, index: number): boolean {
  return findCover(tree, leafNumber(index)) !== undefined;
}

/**
 * Destroys leaf `index` in place: the covering node is replaced by the siblings along the path and overwritten.
 * Returns false when it was already gone (idempotent).
 */
export function puncture(tree: KeyTree, index: number): boolean {
  const target = leafNumber(index);
  const cover = findCover(tree, target);
  if (cover === undefined) return false;
  tree.delete(cover.number);
  let key = cover.node;
  for (const child of pathDown(cover.number, target)) {
    const side = child % 2;
    tree.set(side === 0 ? child + 1 : child - 1, childKey(key, 1 - side));
    const next = childKey(key, side);
    key.fill(0);
    key = next;
  }
  key.fill(0);
  return true;
}

/**
 * The state in which everything is punctured that is punctured in either: what two replicas agree on. Neither
 * is changed; nodes are copied. Throws `ForeignTree` when a node that both hold differs.
 */
export function merge(a: KeyTree, b: KeyTree): KeyTree {
  const merged: KeyTree = new Map();
  for (const [from, other] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const [number, node] of from) {
      const cover = findCover(other, number);
      if (cover === undefined) continue;
      if (cover.number === number && !equalBytes(cover.node, node)) throw new ForeignTree();
      merged.set(number, Buffer.from(node));
    }
  }
  return merged;
}

/** Overwrites and empties a state that is no longer needed. */
export function wipeTree(tree: KeyTree): void {
  for (const node of tree.values()) node.fill(0);
  tree.clear();
}

function childKey(node: Buffer, bit: number): Buffer {
  return hmacSha256(node, Buffer.of(bit));
}

function leafNumber(index: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= LEAF_COUNT) {
    throw new RangeError('A leaf index lies between 0 and 4,294,967,295.');
  }
  return LEAF_COUNT + index;
}

/** The node of the state at or above `number`, if there is one. */
function findCover(tree: KeyTree, number: number): { number: number; node: Buffer } | undefined {
  for (let n = number; n >= 1; n = Math.floor(n / 2)) {
    const node = tree.get(n);
    if (node !== undefined) return { number: n, node };
  }
  return undefined;
}

/** The numbers below `from` on the way down to `to`. */
function pathDown(from: number, to: number): number[] {
  const path: number[] = [];
  for (let n = to; n !== from; n = Math.floor(n / 2)) path.unshift(n);
  return path;
}
