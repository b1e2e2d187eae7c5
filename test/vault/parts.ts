/** Real parts for the vault's tests: a folder store, a key tree in memory, and rows as acts would have made them. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { BlobStore } from '../../src/acts/ports/blob.ts';
import type { UploadRow } from '../../src/acts/ports/content.ts';
import type { Examination } from '../../src/acts/ports/media.ts';
import { openFolderStore } from '../../src/blob/folder.ts';
import { leaf, newTree, puncture } from '../../src/crypto/puncture.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { asId } from '../../src/domain/ids.ts';
import type { Intake } from '../../src/domain/item.ts';
import { intakeVault } from '../../src/vault/finish.ts';
import { intakeStore } from '../../src/vault/intake-store.ts';
import { newItemKey } from '../../src/vault/item-key.ts';
import type { KeyLeaves, KeyPlace } from '../../src/vault/leaves.ts';
import { uploadLocks } from '../../src/vault/upload-lock.ts';

/** A key tree with a counter: the keyring without its files. */
export function keyTree(root = randomBytes(32)): KeyLeaves & { puncture(index: number): void } {
  const tree = newTree(new Secret(Buffer.from(root)));
  let next = 0;
  return {
    async reserve() {
      next += 1;
      return next - 1;
    },
    leaf: (_collection, index) => leaf(tree, index),
    puncture: (index) => void puncture(tree, index),
  };
}

/** A folder of its own, removed when the test ends. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'custos-vault-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of a file. */
export async function keptFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'custos-vault-'));
  kept.push(folder);
  return folder;
}
const kept: string[] = [];
afterAll(() => Promise.all(kept.map((folder) => rm(folder, { recursive: true, force: true }))));

export const plainFindings: Examination = {
  mediaType: 'application/octet-stream',
  durationMs: null,
  probe: '',
  scan: 'not-scanned',
  signature: null,
};

/** A vault over a store, with the row of a new intake of `size` bytes. */
export async function vaultOver(
  blob: BlobStore,
  leaves: KeyLeaves & { puncture(index: number): void } = keyTree(),
) {
  const places = new Map<string, KeyPlace>();
  const store = intakeStore(blob, leaves, uploadLocks(blob));
  const findKey = async (subject: string) => places.get(subject);
  const vault = intakeVault({ blob, leaves, store, findKey, examine: async () => plainFindings });
  return {
    blob,
    leaves,
    store,
    vault,
    findKey,
    async begin(size: number, declaredSha256 = ''): Promise<{ intake: Intake; row: UploadRow }> {
      const id = randomUUID();
      const place = { collection: 'centre', keyIndex: await leaves.reserve('centre') };
      places.set(`item:${id}`, place);
      const made = await newItemKey(leaves, id, place);
      const row: UploadRow = { id, size, ...place, ...made };
      await store.create(row);
      return { row, intake: intakeOf(row, declaredSha256) };
    },
  };
}
export type TestVault = Awaited<ReturnType<typeof vaultOver>>;

/** A vault over a folder of its own. */
export async function folderVault(): Promise<TestVault & { folder: string }> {
  const folder = await freshFolder();
  return { folder, ...(await vaultOver(await openFolderStore(folder))) };
}

export function intakeOf(row: UploadRow, declaredSha256 = ''): Intake {
  return {
    id: asId(row.id),
    centreId: asId('centre'),
    personId: asId('person'),
    size: row.size,
    declaredSha256,
    sealedDescription: Buffer.alloc(0),
    wrappedDek: row.wrappedDek,
    objectName: row.objectName,
    state: 'open',
    expiresAt: 0,
    createdAt: 0,
    createdSeq: 1,
  };
}

/** Pieces as a socket would bring them: 64 KiB each. */
export async function* pieces(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export async function gathered(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}
