/** Names, bytes and counts that the tests of blob stores share. */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import {
  type BlobName,
  type BlobStore,
  type ByteRange,
  blobName,
  type PartTag,
} from '../../src/acts/ports/blob.ts';

/** Ciphertext of one full segment, and the object's header that the first part carries (K3.1). */
export const SEGMENT = 16_778_272;
export const HEADER = 128;

/** Collects a body. */
export async function bytesOf(store: BlobStore, name: BlobName, range: ByteRange | 'all'): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await store.read(name, range)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A fresh name. */
export function fresh(folder = 'objects'): BlobName {
  return blobName(`${folder}/${randomUUID()}`);
}

/** Stores the pieces as one object. */
export async function store(
  store: BlobStore,
  name: BlobName,
  pieces: readonly Uint8Array[],
): Promise<PartTag[]> {
  const upload = await store.begin(name);
  const tags: PartTag[] = [];
  let offset = 0;
  for (const [index, bytes] of pieces.entries()) {
    tags.push(await store.putPart({ name, upload, number: index + 1, offset, bytes }));
    offset += bytes.byteLength;
  }
  await store.complete(name, upload, tags);
  return tags;
}

/** Collects what is listed. */
export async function all<T>(listed: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of listed) found.push(one);
  return found;
}

export async function namesUnder(subject: BlobStore, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of subject.list(prefix)) names.push(name);
  return names.sort();
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Open descriptors of this process; 0 where the system does not tell. */
export function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
