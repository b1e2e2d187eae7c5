/**
 * The keyring of a node (K2.1 to K2.3): one puncturable key tree per collection, which is `people` or a centre's
 * id. Indices come from its own counter, reserved in blocks before use, never from the database.
 * Never derives from a state older than the newest file: another process may have punctured meanwhile. Never
 * acknowledges a write that is not durable in every folder.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { leaf } from '../crypto/puncture.ts';
import type { Secret } from '../crypto/secret.ts';
import { ensureFolder } from './durable.ts';
import type { Replica } from './replicas.ts';
import type { RootKey } from './root.ts';
import { Shelf } from './shelf.ts';

/** The keys of all collections; methods throw `KeyringMissing` for a collection that was never created. */
export type Keyring = {
  /** Makes the keyring of a new collection; false when there is one already. */
  create(collection: string): Promise<boolean>;
  /** A fresh index that nobody was given before and nobody will be; durable before it resolves (K2.2). */
  reserve(collection: string): Promise<number>;
  /** The 32-byte key of an index, to be wiped by the caller. Throws `Punctured` once it was destroyed. */
  leaf(collection: string, index: number): Secret;
  /**
   * Destroys a key in every replica, proves it gone from each by opening it again, and gives the sequence number
   * after it. May be repeated: what failed half-way is completed. Throws `PunctureUnproven` or the write's error.
   */
  puncture(collection: string, index: number): Promise<number>;
  /** The number of the newest write. Compare with what database and log require before decrypting (K2.3). */
  sequence(collection: string): number;
  /** The copies as they lie on disk now. */
  replicas(collection: string): readonly Replica[];
  /** The collections that have a keyring file in any folder, in order. */
  collections(): Promise<string[]>;
  /** Wipes what this keyring holds in memory; later calls throw. */
  close(): void;
};

/** Where the copies lie: the first folder also holds the locks, every further one is another replica. */
export type KeyringPlace = { readonly root: RootKey; readonly folders: readonly [string, ...string[]] };

const COLLECTION = /^(?:people|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const SUFFIX = '.keyring';

/**
 * Opens the keyrings in these folders, which are made and closed to others if need be, and makes missing,
 * damaged or older copies good. Throws `KeyringRejected` when a keyring does not open under this root key.
 */
export async function openKeyring({ root, folders }: KeyringPlace): Promise<Keyring> {
  for (const folder of folders) await ensureFolder(folder);
  const shelves = new Map<string, Shelf>();
  const shelf = (collection: string): Shelf => {
    if (!COLLECTION.test(collection)) throw new RangeError('A collection is `people` or the id of a centre.');
    const known = shelves.get(collection);
    if (known) return known;
    const place = { folders, collection, key: root.derive(`keyring:${collection}`) };
    const made = new Shelf(place, join(folders[0], `${collection}.lock`));
    shelves.set(collection, made);
    return made;
  };
  for (const collection of await collectionsIn(folders)) await shelf(collection).heal();
  return {
    create: async (collection) => await shelf(collection).create(),
    reserve: async (collection) => await shelf(collection).reserve(),
    leaf: (collection, index) => leaf(shelf(collection).current().tree, index),
    puncture: async (collection, index) => await shelf(collection).puncture(index),
    sequence: (collection) => shelf(collection).current().sequence,
    replicas: (collection) => shelf(collection).replicas(),
    collections: async () => await collectionsIn(folders),
    close() {
      for (const open of shelves.values()) open.close();
    },
  };
}

async function collectionsIn(folders: readonly string[]): Promise<string[]> {
  const names = (await Promise.all(folders.map((folder) => readdir(folder)))).flat();
  const collections = names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .filter((name) => COLLECTION.test(name));
  return [...new Set(collections)].sort();
}
