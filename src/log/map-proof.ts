/** `map.json` (custody-log L3.4): the proof of one subject's count and head, or that the log does not know it. */
import { canonical } from '../crypto/canonical.ts';
import { type BucketReader, rootOfMapPath, type SubjectMap } from './map.ts';
import type { MapMember } from './map-hash.ts';
import { mapKey } from './map-hash.ts';

/** The proof's members, hashes in hex. Without `leaf` the path ends in an empty place. */
export interface MapProof {
  readonly id: string;
  readonly leaf?: { readonly count: number; readonly head: string; readonly key: string };
  readonly siblings: readonly string[];
}

/** What a proof shows. */
export type MapFinding = 'absent' | { readonly count: number; readonly head: string };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Proof of `id` against the map as it stands: present or absent. */
export async function proveSubject(id: string, map: SubjectMap, readBucket: BucketReader): Promise<MapProof> {
  const { siblings, leaf } = await map.prove(mapKey(id), readBucket);
  const path = siblings.map(hex);
  if (leaf === undefined) return { id, siblings: path };
  return { id, leaf: { count: leaf.count, head: hex(leaf.head), key: hex(leaf.key) }, siblings: path };
}

/** The exact text of `map.json`. */
export function formatMapProof(proof: MapProof): string {
  return canonical(proof);
}

/** What the proof shows under the root `map` (32 bytes), or undefined if it does not verify. */
export function verifyMapProof(proof: MapProof, map: Uint8Array): MapFinding | undefined {
  const key = mapKey(proof.id);
  const leaf: MapMember | undefined = proof.leaf && {
    key: Buffer.from(proof.leaf.key, 'hex'),
    count: proof.leaf.count,
    head: Buffer.from(proof.leaf.head, 'hex'),
  };
  const root = rootOfMapPath(key, { siblings: proof.siblings.map((one) => Buffer.from(one, 'hex')), leaf });
  if (root === undefined || Buffer.compare(root, map) !== 0) return undefined;
  if (leaf === undefined || Buffer.compare(leaf.key, key) !== 0) return 'absent';
  return { count: leaf.count, head: hex(leaf.head) };
}
