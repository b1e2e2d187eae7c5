import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBlobStore } from '../../src/blob/open.ts';

const credentials = { accessKey: 'a', secretKey: () => 'b' };

test('K4.2: the address says which store it is', async () => {
  const root = await mkdtemp(join(tmpdir(), 'custos-open-'));
  expect((await openBlobStore(`folder:${root}`)).kind).toBe('folder');
  const s3 = 's3://bucket?endpoint=http://127.0.0.1:7480&region=cn-1&style=host';
  expect((await openBlobStore(s3, credentials)).kind).toBe('s3');
  await rm(root, { recursive: true });
});

test.each([
  'folder:relative/path',
  '/bare/path',
  'ftp://bucket',
  's3://bucket',
  's3://?endpoint=https://s3',
  's3://key:secret@bucket?endpoint=https://s3',
  's3://bucket/folder?endpoint=https://s3',
  's3://bucket?endpoint=https://s3&secretKey=x',
  's3://bucket?endpoint=https://s3&style=virtual',
  's3://bucket?endpoint=http://s3.example',
])(
  'S6: an address that is not understood in full, carries a secret or leaves TLS is refused: %s',
  async (address) => {
    await expect(openBlobStore(address, credentials)).rejects.toThrow();
  },
);

test('S6: an S3 store without credentials is refused', async () => {
  await expect(openBlobStore('s3://bucket?endpoint=https://s3')).rejects.toThrow(RangeError);
});
