/**
 * The root of the subject map over all subjects of a table (custody-log L3.3), kept up to date: 65,536 buckets by
 * the first two bytes of the key and their parents stay in memory; only what changed is hashed again (L3.5).
 */
import { u64Into } from './bytes.ts';
import { emptyMapHash, keyBit, mapLeafInput } from './map.ts';
import type { Hashes } from './primitives.ts';
import type { SubjectTable } from './subject-table.ts';

const buckets = 65_536;
/** What lies below a node: a lone key rises, so a parent must know whether there are none, one or more. */
const none = 0;
const one = 1;
const more = 2;

export class SubjectMap {
  readonly #primitives: Hashes;
  readonly #table: SubjectTable;
  readonly #empty: Uint8Array;
  /** Node 1 is the root, nodes 2i and 2i + 1 are below i, bucket b is node 65,536 + b. */
  readonly #hashes = new Uint8Array(2 * buckets * 32);
  readonly #below = new Uint8Array(2 * buckets);
  readonly #first = new Int32Array(buckets);
  readonly #isDirty = new Uint8Array(buckets);
  #dirty: number[] = [];
  readonly #leaf = mapLeafInput();
  readonly #node = new Uint8Array(65);

  /** `table` must keep keys. */
  constructor(primitives: Hashes, table: SubjectTable) {
    this.#primitives = primitives;
    this.#table = table;
    this.#empty = emptyMapHash(primitives);
    this.#hashes.set(this.#empty, 32);
    this.#node[0] = 0x12;
  }

  /** Says that the count and head of subject `index` changed; `isNew` the first time. */
  touch(index: number, isNew: boolean): void {
    const keys = this.#table.keys(index);
    const at = this.#table.offset(index);
    const bucket = (keys[at] ?? 0) * 256 + (keys[at + 1] ?? 0);
    if (isNew) {
      this.#table.setNext(index, (this.#first[bucket] ?? 0) - 1);
      this.#first[bucket] = index + 1;
    }
    if (this.#isDirty[bucket] === 1) return;
    this.#isDirty[bucket] = 1;
    this.#dirty.push(bucket);
  }

  /** The root over the subjects as they are now: 32 bytes that the next call may overwrite. */
  root(): Uint8Array {
    const nodes = Uint32Array.from(this.#dirty).sort();
    for (let index = 0; index < nodes.length; index += 1) {
      const bucket = nodes[index] ?? 0;
      this.#hashBucket(bucket);
      this.#isDirty[bucket] = 0;
      nodes[index] = buckets + bucket;
    }
    // Sorted nodes have sorted parents: each level shrinks in place.
    for (let count = nodes.length; count > 0 && (nodes[0] ?? 0) > 1; ) {
      let kept = 0;
      for (let index = 0; index < count; index += 1) {
        const parent = Math.floor((nodes[index] ?? 0) / 2);
        if (kept > 0 && nodes[kept - 1] === parent) continue;
        nodes[kept] = parent;
        kept += 1;
        this.#hashParent(parent);
      }
      count = kept;
    }
    this.#dirty = [];
    return this.#hashes.subarray(32, 64);
  }

  #hashBucket(bucket: number): void {
    const node = buckets + bucket;
    const first = (this.#first[bucket] ?? 0) - 1;
    const second = this.#table.next(first);
    this.#below[node] = second === -1 ? one : more;
    if (second === -1) {
      this.#hashLeaf(first, this.#hashes, node * 32);
      return;
    }
    const members = [first];
    for (let index = second; index !== -1; index = this.#table.next(index)) members.push(index);
    this.#hashSubtree(members, 16, this.#hashes, node * 32);
  }

  #hashParent(parent: number): void {
    const left = this.#below[parent * 2] ?? none;
    const right = this.#below[parent * 2 + 1] ?? none;
    const hashes = this.#hashes;
    if (left + right <= one) {
      const lone = parent * 2 + (right === one ? 1 : 0);
      this.#below[parent] = left + right;
      hashes.copyWithin(parent * 32, lone * 32, lone * 32 + 32);
      return;
    }
    const node = this.#node;
    const at = parent * 64;
    const lower = left === none || right === none ? this.#empty : undefined;
    for (let index = 0; index < 32; index += 1) {
      node[index + 1] = (left === none ? lower?.[index] : hashes[at + index]) ?? 0;
      node[index + 33] = (right === none ? lower?.[index] : hashes[at + 32 + index]) ?? 0;
    }
    this.#primitives.sha256Into(node, hashes, parent * 32);
    this.#below[parent] = more;
  }

  #hashLeaf(index: number, out: Uint8Array, to: number): void {
    const leaf = this.#leaf;
    const keys = this.#table.keys(index);
    const heads = this.#table.heads(index);
    const at = this.#table.offset(index);
    for (let step = 0; step < 32; step += 1) {
      leaf[step + 1] = keys[at + step] ?? 0;
      leaf[step + 41] = heads[at + step] ?? 0;
    }
    u64Into(this.#table.count(index), leaf, 33);
    this.#primitives.sha256Into(leaf, out, to);
  }

  /** L3.3 `root(S, depth)` by its definition, into `out`; at most 256 deep, since no two keys are equal. */
  #hashSubtree(members: readonly number[], depth: number, out: Uint8Array, to: number): void {
    const [lone] = members;
    if (lone === undefined) {
      out.set(this.#empty, to);
    } else if (members.length === 1) {
      this.#hashLeaf(lone, out, to);
    } else {
      const sides: [number[], number[]] = [[], []];
      for (const index of members)
        sides[keyBit(this.#table.keys(index), depth, this.#table.offset(index)) === 1 ? 1 : 0].push(index);
      const node = new Uint8Array(65);
      node[0] = 0x12;
      this.#hashSubtree(sides[0], depth + 1, node, 1);
      this.#hashSubtree(sides[1], depth + 1, node, 33);
      this.#primitives.sha256Into(node, out, to);
    }
  }
}
