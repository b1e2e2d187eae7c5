import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BlobMissing, type BlobName, blobName } from '../../src/acts/ports/blob.ts';
import { openFolderStore } from '../../src/blob/folder.ts';
import { all, bytesOf, fresh, store } from '../conformance/blob-parts.ts';
import { describeBlobStore } from '../conformance/blob-store.ts';

async function openTemporary() {
  const root = join(await mkdtemp(join(tmpdir(), 'custos-blob-')), 'blobs');
  return { root, blobs: await openFolderStore(root), close: () => rm(join(root, '..'), { recursive: true }) };
}

describeBlobStore('a folder keeps the contract', async () => {
  const { blobs, close } = await openTemporary();
  return {
    store: blobs,
    known: { range: true, multipart: true, conditionalPut: true, versions: 'off', objectLock: 'off' },
    canListUnfinished: true,
    close,
  };
});

test('K4.2: folders are 0700, files 0600, and nothing temporary stays beside them', async () => {
  const { root, blobs, close } = await openTemporary();
  await store(blobs, fresh('a/b'), [Buffer.from('object')]);
  await blobs.put(fresh('a/b'), Buffer.from('small'));
  const entries = await readdir(root, { recursive: true });
  expect(entries.filter((entry) => /(^|\/)\./.test(entry))).toEqual([]);
  for (const entry of ['', ...entries]) {
    const found = await stat(join(root, entry));
    expect(found.mode & 0o777).toBe(found.isDirectory() ? 0o700 : 0o600);
  }
  await close();
});

test('K1: a link that someone laid into the folder is not followed, and what is not ours is not listed', async () => {
  const { root, blobs, close } = await openTemporary();
  await blobs.put(blobName('objects/mine'), Buffer.from('mine'));
  await writeFile(join(root, '..', 'secret'), 'outside');
  await symlink(join(root, '..', 'secret'), join(root, 'objects', 'link'));
  await writeFile(join(root, 'objects', 'README.txt'), 'foreign');
  await expect(blobs.read(blobName('objects/link'), 'all')).rejects.toThrow();
  expect((await all(blobs.list(''))).map(({ name }) => name)).toEqual(['objects/mine']);
  await expect(blobs.read('objects' as BlobName, 'all')).rejects.toThrow(BlobMissing);
  await close();
});

test('K11: a writing that was cut off leaves the old bytes, and what is left of it can be swept', async () => {
  const { root, blobs, close } = await openTemporary();
  const name = blobName('uploads/u1/state');
  await blobs.put(name, Buffer.from('old'));
  const left = '.state.01234567-89ab-cdef-0123-456789abcdef.part';
  await writeFile(join(root, 'uploads/u1', left), 'half a new');
  const again = await openFolderStore(root);
  expect((await bytesOf(again, name, 'all')).toString()).toBe('old');
  for await (const { name: of, upload } of again.unfinished()) await again.abort(of, upload);
  expect(await readdir(join(root, 'uploads/u1'))).toEqual(['state']);
  await close();
});
