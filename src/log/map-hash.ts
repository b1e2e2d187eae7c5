/**
 * Hashes of the subject map, a compact sparse Merkle tree over 256-bit keys (custody-log L3.1, L3.3).
 * The root depends on the set of members alone, never on the order in which they came.
 */
import { hash } from 'node:crypto';
import { LogError } from './log-error.ts';

/** One subject in the map: `key` = SHA-256 of the id, `count` and `head` = `n` and leaf hash of its newest entry. */
export interface MapMember {
  readonly key: Uint8Array;
  readonly count: number;
  readonly head: Uint8Array;
}

/** Whether a subtree holds no member, one or more: a lone member rises to the top of its subtree. */
export type Fullness = 0 | 1 | 2;

/** The root of a subtree and how full it is. */
export interface Subtree {
  readonly hash: Buffer;
  readonly fullness: Fullness;
}

/** Map key of a subject: SHA-256 of the UTF-8 of its id. */
export function mapKey(id: string): Buffer {
  return hash('sha256', id, 'buffer');
}

/** Hash of the empty subtree, `E`: SHA-256 of the byte `10`. */
export function emptyMapHash(): Buffer {
  return hash('sha256', Buffer.of(0x10), 'buffer');
}

/** SHA-256 of `11 ‖ key ‖ u64 count ‖ head`. */
export function mapLeafHash(member: MapMember): Buffer {
  const input = Buffer.allocUnsafe(73);
  input[0] = 0x11;
  input.set(member.key, 1);
  input.writeBigUInt64BE(BigInt(member.count), 33);
  input.set(member.head, 41);
  return hash('sha256', input, 'buffer');
}

/** SHA-256 of `12 ‖ left ‖ right`. */
export function mapNodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(65);
  input[0] = 0x12;
  input.set(left, 1);
  input.set(right, 33);
  return hash('sha256', input, 'buffer');
}

/** Bit `depth` of a key; bit 0 is the top bit of byte 0. */
export function keyBit(key: Uint8Array, depth: number): 0 | 1 {
  const byte = key[Math.floor(depth / 8)];
  if (byte === undefined) throw new LogError('map', 'A key has 256 bits.');
  return Math.floor(byte / 2 ** (7 - (depth % 8))) % 2 === 1 ? 1 : 0;
}

/** Joins two subtrees under one parent: nothing stays nothing, a lone member rises. */
export function joinSubtrees(left: Subtree, right: Subtree): Subtree {
  if (left.fullness === 0)
    return right.fullness === 2 ? { hash: mapNodeHash(left.hash, right.hash), fullness: 2 } : right;
  if (right.fullness === 0 && left.fullness === 1) return left;
  return { hash: mapNodeHash(left.hash, right.hash), fullness: 2 };
}

/** First index from `from` whose key has bit `depth` set; the members ascend and agree in all bits before. */
export function splitMembers(members: readonly MapMember[], depth: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const member = members[middle];
    if (member !== undefined && keyBit(member.key, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The subtree at `depth` over members[from … to − 1], ascending by key, which agree in the first `depth` bits. */
export function subtreeOf(
  members: readonly MapMember[],
  depth: number,
  from = 0,
  to: number = members.length,
): Subtree {
  const only = members[from];
  if (only === undefined || from >= to) return { hash: emptyMapHash(), fullness: 0 };
  if (to - from === 1) return { hash: mapLeafHash(only), fullness: 1 };
  const middle = splitMembers(members, depth, from, to);
  const left = subtreeOf(members, depth + 1, from, middle);
  const right = subtreeOf(members, depth + 1, middle, to);
  return { hash: mapNodeHash(left.hash, right.hash), fullness: 2 };
}

/** Throws `LogError` unless the members ascend strictly by key and every number and hash has its form. */
export function checkMembers(members: readonly MapMember[]): void {
  let before: Uint8Array | undefined;
  for (const member of members) {
    if (member.key.length !== 32 || member.head.length !== 32)
      throw new LogError('map', 'Keys and heads are 32 bytes.');
    if (!Number.isSafeInteger(member.count) || member.count < 1)
      throw new LogError('map', 'A count is at least 1.');
    if (before !== undefined && Buffer.compare(before, member.key) >= 0) {
      throw new LogError('map', 'Members ascend by key, none twice.');
    }
    before = member.key;
  }
}
