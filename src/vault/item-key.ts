/**
 * The random data key of an item, wrapped under its leaf's KEK (K2, K2.6), and the object's random name. Never
 * leaves the vault unwrapped.
 */
import { randomUUID } from 'node:crypto';
import { type BlobName, blobName } from '../acts/ports/blob.ts';
import type { ObjectRow } from '../acts/ports/content.ts';
import { Secret } from '../crypto/secret.ts';
import { unwrapKey, type WrapContext, wrapKey } from '../crypto/wrap.ts';
import { type KeyLeaves, type KeyPlace, leafKey } from './leaves.ts';

/** The version of the wrapped key that this service writes. */
export const KEY_VERSION = 1;

const OBJECT_NAME = /^objects\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** A new random name for an object and a new data key for it, wrapped. */
export async function newItemKey(
  leaves: KeyLeaves,
  id: string,
  place: KeyPlace,
): Promise<{ objectName: string; wrappedDek: Buffer }> {
  const objectName = `objects/${randomUUID()}`;
  const kek = await leafKey(leaves, place, 'kek');
  const dek = Secret.random(32);
  try {
    return { objectName, wrappedDek: wrapKey(kek, dek, wrapContext({ ...place, id, objectName })) };
  } finally {
    kek.wipe();
    dek.wipe();
  }
}

/** The item's data key; the caller wipes it. Throws `Unopened`, and `Punctured` once it was shredded. */
export async function openItemKey(leaves: KeyLeaves, row: ObjectRow): Promise<Secret> {
  const kek = await leafKey(leaves, row, 'kek');
  try {
    return unwrapKey(kek, row.wrappedDek, wrapContext(row));
  } finally {
    kek.wipe();
  }
}

/** Where the wrapped key belongs: what it is bound to, and what the recovery file says (K3.5). */
export function wrapContext(row: Omit<ObjectRow, 'wrappedDek'>): WrapContext {
  return {
    collection: row.collection,
    index: row.keyIndex,
    item: row.id,
    object: objectIdOf(row.objectName),
    role: 'content',
    version: KEY_VERSION,
  };
}

/** The 32 hex digits of the object's random id, as in its header and manifest. */
export function objectIdOf(objectName: string): string {
  const uuid = OBJECT_NAME.exec(objectName)?.[1];
  if (uuid === undefined) throw new RangeError('Not an object name.');
  return uuid.replaceAll('-', '');
}

/** Where the object's recovery file lies: in the same store (K3.5). */
export function recoveryName(objectName: string): BlobName {
  objectIdOf(objectName);
  return blobName(objectName.replace('objects/', 'recovery/'));
}
