/**
 * The subject map as a server keeps it (custody-log L3.3–L3.5): the top 17 levels in memory, 2^16 buckets below
 * whose members stay in the database. A changed subject costs its bucket and 16 parents.
 * It holds no member: whoever calls hands in a whole bucket, and proofs read one.
 */
import { LogError } from './log-error.ts';
import {
  checkMembers,
  emptyMapHash,
  type Fullness,
  joinSubtrees,
  keyBit,
  type MapMember,
  mapLeafHash,
  mapNodeHash,
  type Subtree,
  splitMembers,
  subtreeOf,
} from './map-hash.ts';

/** Levels above the buckets. */
const bucketDepth = 16;
/** How many buckets there are. */
export const bucketCount = 65_536;

/** All members whose keys begin with the bucket's 16 bits, ascending by key. */
export type BucketReader = (bucket: number) => readonly MapMember[] | Promise<readonly MapMember[]>;

/** What `SubjectMap.prove` found: siblings from the root's child downwards, and the leaf where the path ends in one. */
export interface MapPath {
  readonly siblings: readonly Uint8Array[];
  readonly leaf: MapMember | undefined;
}

/** Bucket of a key: its first 16 bits. */
export function bucketOf(key: Uint8Array): number {
  const [high, low] = key;
  if (high === undefined || low === undefined || key.length !== 32)
    throw new LogError('map', 'A key is 32 bytes.');
  return high * 256 + low;
}

/** Root and fullness of one bucket. Throws `LogError` unless the members ascend and belong to it. */
export function hashBucket(bucket: number, members: readonly MapMember[]): Subtree {
  checkMembers(members);
  if (members.some((member) => bucketOf(member.key) !== bucket)) {
    throw new LogError('map', 'A member lies in another bucket.');
  }
  return subtreeOf(members, bucketDepth);
}

function checkBucket(bucket: number): void {
  if (!Number.isInteger(bucket) || bucket < 0 || bucket >= bucketCount)
    throw new LogError('map', 'No such bucket.');
}

/** The map's upper levels. Nodes lie as in a heap: the root is 1, the children of i are 2i and 2i + 1. */
export class SubjectMap {
  readonly #hashes = Buffer.alloc(2 * bucketCount * 32);
  readonly #fullness = new Uint8Array(2 * bucketCount);
  readonly #counts = new Map<number, number>();
  #keys = 0;

  constructor() {
    const empty = emptyMapHash();
    for (let at = 0; at < this.#hashes.length; at += 32) this.#hashes.set(empty, at);
  }

  /** Builds the map from all members, ascending by key. Throws `LogError` if they do not ascend. */
  static async build(rows: AsyncIterable<MapMember> | Iterable<MapMember>): Promise<SubjectMap> {
    const map = new SubjectMap();
    let bucket = 0;
    let members: MapMember[] = [];
    for await (const row of rows) {
      const here = bucketOf(row.key);
      if (here < bucket) throw new LogError('map', 'Members ascend by key, none twice.');
      if (here > bucket) {
        map.#setBucket(bucket, members);
        bucket = here;
        members = [];
      }
      members.push(row);
    }
    map.#setBucket(bucket, members);
    for (let node = bucketCount - 1; node >= 1; node -= 1) map.#join(node);
    return map;
  }

  /** Number of members. */
  get keys(): number {
    return this.#keys;
  }

  /** Root over all members: `facts.map` of a seal. */
  root(): Buffer {
    return this.#node(1).hash;
  }

  /** Root of one bucket as remembered, to compare with one read again (L5.2 step 2). */
  bucketHash(bucket: number): Buffer {
    checkBucket(bucket);
    return this.#node(bucketCount + bucket).hash;
  }

  /** Replaces a bucket's members by `members` (all of them, ascending by key) and recomputes its 16 parents. */
  update(bucket: number, members: readonly MapMember[]): void {
    checkBucket(bucket);
    this.#setBucket(bucket, members);
    for (let node = Math.floor((bucketCount + bucket) / 2); node >= 1; node = Math.floor(node / 2))
      this.#join(node);
  }

  /** Path of `key`, whether it is in the map or not (L3.4). Throws `LogError` if a bucket read differs from the map. */
  async prove(key: Uint8Array, readBucket: BucketReader): Promise<MapPath> {
    const siblings: Uint8Array[] = [];
    const target = bucketOf(key);
    let node = 1;
    for (let depth = 0; depth < bucketDepth; depth += 1) {
      if (this.#fullness[node] !== 2) return { siblings, leaf: await this.#loneLeaf(node, readBucket) };
      const child = 2 * node + keyBit(key, depth);
      siblings.push(this.#node(child % 2 === 0 ? child + 1 : child - 1).hash);
      node = child;
    }
    return proveInBucket(key, await this.#read(target, readBucket), siblings);
  }

  async #loneLeaf(top: number, readBucket: BucketReader): Promise<MapMember | undefined> {
    if (this.#fullness[top] === 0) return undefined;
    let node = top;
    while (node < bucketCount) node = this.#fullness[2 * node] === 1 ? 2 * node : 2 * node + 1;
    const [leaf] = await this.#read(node - bucketCount, readBucket);
    return leaf;
  }

  async #read(bucket: number, readBucket: BucketReader): Promise<readonly MapMember[]> {
    const members = await readBucket(bucket);
    const found = hashBucket(bucket, members);
    if (Buffer.compare(found.hash, this.bucketHash(bucket)) !== 0)
      throw new LogError('map', 'A bucket is not as it was.');
    return members;
  }

  #node(node: number): Subtree {
    const fullness = this.#fullness[node];
    return {
      hash: Buffer.from(this.#hashes.subarray(node * 32, node * 32 + 32)),
      fullness: fullness === 0 || fullness === 1 ? fullness : 2,
    };
  }

  #set(node: number, { hash, fullness }: { hash: Uint8Array; fullness: Fullness }): void {
    this.#hashes.set(hash, node * 32);
    this.#fullness[node] = fullness;
  }

  #join(node: number): void {
    this.#set(node, joinSubtrees(this.#node(2 * node), this.#node(2 * node + 1)));
  }

  #setBucket(bucket: number, members: readonly MapMember[]): void {
    this.#set(bucketCount + bucket, hashBucket(bucket, members));
    this.#keys += members.length - (this.#counts.get(bucket) ?? 0);
    this.#counts.set(bucket, members.length);
  }
}

/** Goes on with a path below a bucket's top. */
function proveInBucket(
  key: Uint8Array,
  members: readonly MapMember[],
  above: readonly Uint8Array[],
): MapPath {
  const siblings = [...above];
  let from = 0;
  let to = members.length;
  for (let depth = bucketDepth; to - from > 1; depth += 1) {
    const middle = splitMembers(members, depth, from, to);
    if (keyBit(key, depth) === 0) {
      siblings.push(subtreeOf(members, depth + 1, middle, to).hash);
      to = middle;
    } else {
      siblings.push(subtreeOf(members, depth + 1, from, middle).hash);
      from = middle;
    }
  }
  return { siblings, leaf: from < to ? members[from] : undefined };
}

/** Root that a path leads to for `key` (L3.4 steps 1–3), or undefined where the path cannot belong to it. */
export function rootOfMapPath(key: Uint8Array, { siblings, leaf }: MapPath): Buffer | undefined {
  if (key.length !== 32 || siblings.length > 256) return undefined;
  if (leaf !== undefined) {
    if (leaf.key.length !== 32 || leaf.head.length !== 32 || leaf.count < 1) return undefined;
    for (let depth = 0; depth < siblings.length; depth += 1) {
      if (keyBit(leaf.key, depth) !== keyBit(key, depth)) return undefined;
    }
  }
  let node = leaf === undefined ? emptyMapHash() : mapLeafHash(leaf);
  let depth = siblings.length - 1;
  for (const sibling of siblings.toReversed()) {
    if (sibling.length !== 32) return undefined;
    node = keyBit(key, depth) === 1 ? mapNodeHash(sibling, node) : mapNodeHash(node, sibling);
    depth -= 1;
  }
  return node;
}
