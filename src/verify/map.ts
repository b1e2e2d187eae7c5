/**
 * The subject map's hashes and proofs (custody-log L3.1, L3.3, L3.4): a compact sparse Merkle tree over the
 * SHA-256 of subject ids, in which a lone key rises to the top of its subtree.
 */
import { bytesOf, hashFromHex, sameBytes, u64Into } from './bytes.ts';
import { isCount, isObject, parseCanonical } from './canonical.ts';
import { Malformed } from './findings.ts';
import type { Hashes } from './primitives.ts';
import { isSubjectId } from './subject-id.ts';

/** The hash of an empty subtree: SHA-256 over the byte `10`. */
export function emptyMapHash(primitives: Hashes): Uint8Array {
  const out = new Uint8Array(32);
  primitives.sha256Into(Uint8Array.of(0x10), out, 0);
  return out;
}

/** A buffer for `11 ‖ key(32) ‖ u64 count ‖ head(32)`; fill key, count and head, then hash all 73 bytes. */
export function mapLeafInput(): Uint8Array {
  const input = new Uint8Array(73);
  input[0] = 0x11;
  return input;
}

/** The key of a subject: SHA-256 over the UTF-8 of its id. */
export function mapKey(primitives: Hashes, id: string): Uint8Array {
  const out = new Uint8Array(32);
  primitives.sha256Into(bytesOf(id), out, 0);
  return out;
}

/** Bit `depth` of `key`: bit 0 is the top bit of byte 0. */
export function keyBit(key: Uint8Array, depth: number, at = 0): number {
  const byte = key[at + Math.floor(depth / 8)] ?? 0;
  return Math.floor(byte / 2 ** (7 - (depth % 8))) % 2;
}

export interface MapProof {
  readonly id: string;
  readonly leaf?: { readonly count: number; readonly head: Uint8Array; readonly key: Uint8Array };
  readonly siblings: readonly Uint8Array[];
}

/** Reads `map.json`. Throws `Malformed` for anything but L3.4's form. */
export function parseMapProof(text: string): MapProof {
  const value = parseCanonical(text);
  const names = isObject(value) ? Object.keys(value).join() : '';
  if (!isObject(value) || (names !== 'id,leaf,siblings' && names !== 'id,siblings'))
    throw new Malformed('a map proof is id, leaf and siblings');
  const { id, leaf, siblings } = value;
  if (!isSubjectId(id)) throw new Malformed('a map proof names a subject');
  if (!Array.isArray(siblings) || siblings.length > 256)
    throw new Malformed('a map proof has at most 256 hashes');
  const hashes = siblings.map((sibling) => hashFromHex(sibling));
  if (!hashes.every((hash) => hash !== undefined)) throw new Malformed('a sibling of a map proof is no hash');
  if (leaf === undefined) return { id, siblings: hashes };
  if (!isObject(leaf) || Object.keys(leaf).join() !== 'count,head,key' || !isCount(leaf.count, 1))
    throw new Malformed('the leaf of a map proof is count, head and key');
  const head = hashFromHex(leaf.head);
  const key = hashFromHex(leaf.key);
  if (head === undefined || key === undefined) throw new Malformed('head and key of a map proof are hashes');
  return { id, leaf: { count: leaf.count, head, key }, siblings: hashes };
}

export type MapAnswer =
  | { readonly state: 'present'; readonly count: number; readonly head: Uint8Array }
  | { readonly state: 'absent' }
  | { readonly state: 'false' };

/** L3.4: what `proof` shows about its subject under the map root `root`. */
export function answerMapProof(primitives: Hashes, proof: MapProof, root: Uint8Array): MapAnswer {
  const key = mapKey(primitives, proof.id);
  const { leaf, siblings } = proof;
  const hash = emptyMapHash(primitives);
  if (leaf !== undefined) {
    for (let depth = 0; depth < siblings.length; depth += 1) {
      if (keyBit(key, depth) !== keyBit(leaf.key, depth)) return { state: 'false' };
    }
    const input = mapLeafInput();
    input.set(leaf.key, 1);
    u64Into(leaf.count, input, 33);
    input.set(leaf.head, 41);
    primitives.sha256Into(input, hash, 0);
  }
  const node = new Uint8Array(65);
  node[0] = 0x12;
  for (let depth = siblings.length - 1; depth >= 0; depth -= 1) {
    const isRight = keyBit(key, depth) === 1;
    node.set(siblings[depth] ?? hash, isRight ? 1 : 33);
    node.set(hash, isRight ? 33 : 1);
    primitives.sha256Into(node, hash, 0);
  }
  if (!sameBytes(hash, root)) return { state: 'false' };
  if (leaf === undefined || !sameBytes(leaf.key, key)) return { state: 'absent' };
  return { state: 'present', count: leaf.count, head: leaf.head };
}
