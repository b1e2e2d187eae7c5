/**
 * The copies of one collection's keyring (K2.3): read from every folder and merged, written to every folder.
 * A missing or damaged copy is made good from the others; if none opens, there is no keyring. Never takes a write
 * as done before every folder holds it.
 */
import { join } from 'node:path';
import { isLive } from '../crypto/puncture.ts';
import type { Secret } from '../crypto/secret.ts';
import { fileMark, readIfThere, replaceFile } from './durable.ts';
import { KeyringRejected, mergeRings, openRing, type Ring, sameState, sealRing } from './ring-file.ts';

/** One copy as it was found. */
export type Replica = {
  readonly folder: string;
  readonly found: 'good' | 'missing' | 'rejected';
  readonly sequence: number;
};

/** What all copies together say. */
export type Loaded = {
  /** Undefined when no folder has a file. */
  readonly ring: Ring | undefined;
  readonly replicas: readonly Replica[];
  /** True when every folder holds exactly this state and number. */
  readonly agreed: boolean;
};

/** Where a collection's copies lie, and the key that opens them. */
export type Place = {
  readonly folders: readonly string[];
  readonly collection: string;
  readonly key: Secret;
};

/** A text that changes whenever any copy is replaced. */
export function markOf(place: Place): string {
  return place.folders.map((folder) => fileMark(pathIn(folder, place.collection))).join(' ');
}

/** Reads and merges the copies. Throws `KeyringRejected` when there are copies and none opens, or they are foreign. */
export function loadReplicas(place: Place): Loaded {
  const copies = place.folders.map((folder) => readCopy(place, folder));
  const rings = copies.flatMap((copy) => (copy.ring === undefined ? [] : [copy.ring]));
  if (rings.length === 0 && copies.some((copy) => copy.found === 'rejected')) throw new KeyringRejected();
  const ring = rings.length === 0 ? undefined : mergeAll(rings);
  return {
    ring,
    replicas: copies.map(({ folder, found, ring: own }) => ({ folder, found, sequence: own?.sequence ?? 0 })),
    agreed:
      ring !== undefined && copies.every((copy) => copy.ring !== undefined && equalRings(copy.ring, ring)),
  };
}

/** Writes one state to every folder, one after another; durable everywhere when it resolves. */
export async function writeReplicas(place: Place, ring: Ring): Promise<void> {
  const bytes = sealRing(place.key, place.collection, ring);
  for (const folder of place.folders) await replaceFile(pathIn(folder, place.collection), bytes);
}

/** The copies, opened again from disk, from which a leaf can still be derived; none after a puncture (K9). */
export function foldersWithLeaf(place: Place, index: number): string[] {
  return place.folders.filter((folder) => {
    const { ring } = readCopy(place, folder);
    return ring === undefined || isLive(ring.tree, index);
  });
}

function readCopy(place: Place, folder: string): { folder: string; found: Replica['found']; ring?: Ring } {
  const bytes = readIfThere(pathIn(folder, place.collection));
  if (bytes === undefined) return { folder, found: 'missing' };
  try {
    return { folder, found: 'good', ring: openRing(place.key, place.collection, bytes) };
  } catch {
    return { folder, found: 'rejected' };
  }
}

function mergeAll(rings: readonly Ring[]): Ring {
  try {
    return rings.reduce(mergeRings);
  } catch {
    // Copies of two different trees: neither can be preferred.
    throw new KeyringRejected();
  }
}

function equalRings(a: Ring, b: Ring): boolean {
  return a.sequence === b.sequence && sameState(a, b);
}

function pathIn(folder: string, collection: string): string {
  return join(folder, `${collection}.keyring`);
}
