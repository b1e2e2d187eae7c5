/**
 * The right edge of a growing RFC 6962 tree (custody-log L9 `range.json`, L3.2): the roots of its complete
 * subtrees. Leaves are pushed; the root at the present size can be read at any time.
 */
import type { Primitives } from './primitives.ts';

const levels = 54;

export class Frontier {
  readonly #primitives: Primitives;
  readonly #roots = new Uint8Array(levels * 32);
  readonly #node = new Uint8Array(65);
  #size = 0;

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
    this.#node[0] = 1;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Starts with `size` leaves whose complete subtrees have `roots`, largest first. False unless there is exactly
   * one root for each 1 bit of `size`.
   */
  start(size: number, roots: readonly Uint8Array[]): boolean {
    let next = roots.length - 1;
    for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const root = roots[next];
      if (root === undefined || root.length !== 32) return false;
      this.#roots.set(root, level * 32);
      next -= 1;
    }
    this.#size = size;
    return next === -1;
  }

  /** Adds the leaf whose hash is `leaf[at]` … `leaf[at + 31]`. */
  push(leaf: Uint8Array, at = 0): void {
    let level = 0;
    let rest = this.#size;
    const node = this.#node;
    // `right` travels upwards in the node's right half, joined with each complete left neighbour it meets.
    for (let index = 0; index < 32; index += 1) node[33 + index] = leaf[at + index] ?? 0;
    while (rest % 2 === 1) {
      node.set(this.#roots.subarray(level * 32, level * 32 + 32), 1);
      this.#primitives.sha256Into(node, node, 33);
      level += 1;
      rest = (rest - 1) / 2;
    }
    this.#roots.set(node.subarray(33, 65), level * 32);
    this.#size += 1;
  }

  /** The root at the present size; for size 0 the hash of nothing. */
  root(): Uint8Array {
    const node = new Uint8Array(65);
    node[0] = 1;
    if (this.#size === 0) {
      this.#primitives.sha256Into(new Uint8Array(0), node, 33);
      return node.slice(33);
    }
    let seen = false;
    for (let level = 0, rest = this.#size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const root = this.#roots.subarray(level * 32, level * 32 + 32);
      if (seen) {
        node.set(root, 1);
        this.#primitives.sha256Into(node, node, 33);
      } else {
        node.set(root, 33);
        seen = true;
      }
    }
    return node.slice(33);
  }
}
