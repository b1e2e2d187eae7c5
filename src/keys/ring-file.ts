/**
 * One keyring file (K2.2, K2.3; docs/formats/keyring.md): the punctured key tree of a collection, its counter and
 * its sequence number, with a hash inside, sealed under a key that only the root key makes.
 * Not trusted: whoever can write here can at most withhold the file or put an older one back, which the
 * sequence number shows.
 */
import { randomBytes } from 'node:crypto';
import type { Json } from '../crypto/canonical.ts';
import { equalBytes, sha256 } from '../crypto/digest.ts';
import { ForeignTree, type KeyTree, merge, newTree } from '../crypto/puncture.ts';
import { parseTree, serialiseTree } from '../crypto/puncture-state.ts';
import { Secret } from '../crypto/secret.ts';
import { openBound, sealBound } from '../crypto/wrap.ts';

/** What a keyring file holds. */
export type Ring = {
  /** 16 random bytes: which tree this is. Replicas of another tree never merge. */
  readonly id: Buffer;
  /** Counts every write, from 1. */
  readonly sequence: number;
  /** The first index that was not reserved yet. */
  readonly next: number;
  readonly tree: KeyTree;
};

/** Thrown when no copy of a keyring opens under this root key. Never says why. */
export class KeyringRejected extends Error {
  override readonly name = 'KeyringRejected';
  constructor() {
    super('The keyring was rejected.');
  }
}

const MAGIC = Buffer.from('CUKR\x01\0\0\0', 'latin1');
const ID_SIZE = 16;
const HASH_SIZE = 32;
const TREE_AT = ID_SIZE + 16;

/** A new keyring with every leaf live and none reserved. */
export function newRing(): Ring {
  const root = Secret.random(32);
  const tree = newTree(root);
  root.wipe();
  return { id: randomBytes(ID_SIZE), sequence: 0, next: 0, tree };
}

/** The file's bytes: `CUKR`, version 1, zeros ‖ sealed (id ‖ u64 sequence ‖ u64 next ‖ tree ‖ SHA-256 of all that). */
export function sealRing(key: Secret, collection: string, ring: Ring): Buffer {
  const head = Buffer.alloc(TREE_AT);
  ring.id.copy(head);
  head.writeBigUInt64BE(BigInt(ring.sequence), ID_SIZE);
  head.writeBigUInt64BE(BigInt(ring.next), ID_SIZE + 8);
  const tree = serialiseTree(ring.tree);
  const plain = Buffer.concat([head, tree, sha256(head, tree)]);
  const file = Buffer.concat([MAGIC, sealBound(key, bound(collection), plain)]);
  tree.fill(0);
  plain.fill(0);
  return file;
}

/** Reads a file of exactly this collection. Throws `KeyringRejected`. */
export function openRing(key: Secret, collection: string, file: Buffer): Ring {
  try {
    if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new KeyringRejected();
    const plain = openBound(key, bound(collection), file.subarray(MAGIC.length));
    const body = plain.subarray(0, -HASH_SIZE);
    if (!equalBytes(sha256(body), plain.subarray(-HASH_SIZE))) throw new KeyringRejected();
    const ring = {
      id: Buffer.from(body.subarray(0, ID_SIZE)),
      sequence: Number(body.readBigUInt64BE(ID_SIZE)),
      next: Number(body.readBigUInt64BE(ID_SIZE + 8)),
      tree: parseTree(body.subarray(TREE_AT)),
    };
    plain.fill(0);
    return ring;
  } catch {
    throw new KeyringRejected();
  }
}

/** What two replicas agree on: punctures of both, the higher counter and number. Throws `ForeignTree`. */
export function mergeRings(a: Ring, b: Ring): Ring {
  if (!a.id.equals(b.id)) throw new ForeignTree();
  return {
    id: a.id,
    sequence: Math.max(a.sequence, b.sequence),
    next: Math.max(a.next, b.next),
    tree: merge(a.tree, b.tree),
  };
}

/** True when both hold the same state, whatever their sequence numbers. */
export function sameState(a: Ring, b: Ring): boolean {
  return a.next === b.next && equalBytes(serialiseTree(a.tree), serialiseTree(b.tree));
}

function bound(collection: string): Json {
  return { collection, format: 'custos-keyring/1' };
}
