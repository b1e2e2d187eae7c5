import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { BlobName } from '../../src/acts/ports/blob.ts';
import { fresh } from '../conformance/blob-parts.ts';
import { describeBlobStore } from '../conformance/blob-store.ts';
import { describeWith, type S3Address } from '../servers/needs.ts';
import { makeBucket, minioOf } from '../servers/s3.ts';
import { openBucket } from './bucket.ts';

describeWith('s3', 'S3', (s3) => {
  const real = s3.kind === 'radosgw';

  describeBlobStore('a bucket keeps the contract', async () => {
    const blobs = openBucket(s3, await makeBucket(s3));
    return {
      store: blobs,
      known: { range: true, multipart: true, conditionalPut: real, versions: 'off', objectLock: 'off' },
      canListUnfinished: real,
      close: async () => blobs.close(),
    };
  });

  describe.runIf(real)('with versions', () => versioned(s3));

  test('S6: plain http is refused to any other machine', () => {
    for (const endpoint of ['http://10.0.0.5:9000', 'http://s3.gov.cn', 'ftp://127.0.0.1']) {
      expect(() => openBucket(s3, 'bucket', { endpoint })).toThrow(RangeError);
    }
  });

  test('P18: a refusal repeats neither address, bucket nor key', async () => {
    const blobs = openBucket({ ...s3, secretKey: 'canary-secret-0123456789' }, 'canary-bucket');
    const fault = await blobs.put(fresh(), randomBytes(3)).catch((error: unknown) => error);
    const seen = JSON.stringify(fault, Object.getOwnPropertyNames(fault));
    expect(fault).toBeInstanceOf(Error);
    for (const secret of ['canary', s3.accessKey, '127.0.0.1', 'X-Amz']) expect(seen).not.toContain(secret);
    blobs.close();
  });
});

function versioned(s3: S3Address): void {
  test('K9: deleting removes every version and marker', async () => {
    const bucket = await makeBucket(s3, { versions: true });
    const blobs = openBucket(s3, bucket);
    const name = fresh();
    const neighbour = `${name}-2` as BlobName;
    for (let round = 0; round < 3; round += 1) await blobs.put(name, randomBytes(10 + round));
    await blobs.put(neighbour, Buffer.from('stays'));
    await minioOf(s3).removeObject(bucket, name);
    await blobs.put(name, randomBytes(9));
    await blobs.delete(name);
    await blobs.delete(name);
    const options = { Delimiter: '', MaxKeys: 1000, IncludeVersion: true };
    const left = await minioOf(s3).listObjectsQuery(bucket, '', '', options);
    expect(left.objects.map((object) => object.name)).toEqual([neighbour]);
    expect(await blobs.probe()).toMatchObject({ versions: 'on', objectLock: 'off' });
    blobs.close();
  });

  test('K4.4: a retention that the store keeps is found, and deleting under it is refused', async () => {
    const bucket = await makeBucket(s3, { objectLock: true });
    const blobs = openBucket(s3, bucket);
    expect(await blobs.probe()).toMatchObject({ versions: 'on', objectLock: 'kept' });
    const name = fresh();
    const { versionId } = await minioOf(s3).putObject(bucket, name, 'held');
    const retainUntilDate = new Date(Date.now() + 60_000).toISOString();
    const mode = 'COMPLIANCE' as never;
    await minioOf(s3).putObjectRetention(bucket, name, { versionId: versionId ?? '', mode, retainUntilDate });
    await expect(blobs.delete(name)).rejects.toMatchObject({ code: 'refused' });
    blobs.close();
  });
}
