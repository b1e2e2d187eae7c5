import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BlobMissing, type BlobName } from '../../src/acts/ports/blob.ts';
import { openS3Store, type S3Store } from '../../src/blob/s3.ts';
import { all, bytesOf, describeBlobStore, fresh, openDescriptors, store } from '../conformance/blob-store.ts';
import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts';
import { describeWith, type S3Address } from '../servers/needs.ts';
import { makeBucket, minioOf } from '../servers/s3.ts';

const SHORT = { stall: 300, total: 1_000 };

async function open(
  s3: S3Address,
  bucket: string,
  endpoint = s3.endpoint,
  patience?: typeof SHORT,
): Promise<S3Store> {
  const { region, accessKey, secretKey } = s3;
  return openS3Store({
    endpoint,
    region,
    bucket,
    accessKey,
    secretKey: () => secretKey,
    ...(patience && { patience }),
  });
}

describeWith('s3', 'S3', (s3) => {
  const real = s3.kind === 'radosgw';

  describeBlobStore('a bucket keeps the contract', async () => {
    const blobs = await open(s3, await makeBucket(s3));
    return {
      store: blobs,
      known: { range: true, multipart: true, conditionalPut: real, versions: 'off', objectLock: 'off' },
      canListUnfinished: real,
      close: async () => blobs.close(),
    };
  });

  describe.runIf(real)('with versions', () => versioned(s3));
  describe('faults of the store', () => faults(s3));

  test('S6: plain http is refused to any other machine', async () => {
    for (const endpoint of ['http://10.0.0.5:9000', 'http://s3.gov.cn', 'ftp://127.0.0.1']) {
      await expect(open(s3, 'bucket', endpoint)).rejects.toThrow(RangeError);
    }
  });

  test('P18: a refusal repeats neither address, bucket nor key', async () => {
    const blobs = await open({ ...s3, secretKey: 'canary-secret-0123456789' }, 'canary-bucket');
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
    const blobs = await open(s3, bucket);
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
    const blobs = await open(s3, bucket);
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

function faults(s3: S3Address): void {
  let proxy: FaultProxy;
  let blobs: S3Store;
  let name: BlobName;
  const bytes = randomBytes(300_000);
  beforeAll(async () => {
    proxy = await startFaultProxy(s3.endpoint);
    blobs = await open(s3, await makeBucket(s3), proxy.endpoint, SHORT);
    name = fresh();
    await blobs.put(name, bytes);
  });
  afterAll(async () => {
    blobs?.close();
    await proxy?.stop();
  });

  const broken = [
    ['cut-body', 'unreachable'],
    ['short-length', 'damaged'],
    ['long-body', 'damaged'],
    ['ignore-range', 'damaged'],
    ['hang-body', 'timeout'],
    ['trickle', 'timeout'],
    ['redirect', 'refused'],
    ['status-403', 'refused'],
  ] as const;
  test.each(broken)(
    'P7: reading a range from a store that does "%s" is a fault (%s), never a clean end',
    async (fault, code) => {
      proxy.spoil(fault, { method: 'GET' });
      const since = performance.now();
      const reading = bytesOf(blobs, name, { from: 1_000, to: 250_000 });
      await expect(reading).rejects.toMatchObject({ name: 'BlobFault', code });
      expect(performance.now() - since).toBeLessThan(SHORT.total * 3);
    },
  );

  test('P7: an object of unknown length is a fault', async () => {
    proxy.spoil('long-body', { method: 'GET' });
    await expect(bytesOf(blobs, name, 'all')).rejects.toMatchObject({ code: 'damaged' });
  });

  test.each(['reset', 'status-500', 'status-503', 'hang'] as const)(
    'P7: one "%s" is tried again with the same bytes',
    async (fault) => {
      const other = fresh();
      for (const method of ['PUT', 'GET', 'DELETE']) proxy.spoil(fault, { method });
      await blobs.put(other, bytes);
      expect((await bytesOf(blobs, other, 'all')).equals(bytes)).toBe(true);
      await blobs.delete(other);
      await expect(blobs.read(other, 'all')).rejects.toThrow(BlobMissing);
    },
  );

  test.each(['reset', 'status-500', 'hang'] as const)(
    'P7: a store that only does "%s" is given up soon',
    async (fault) => {
      const other = fresh();
      for (const method of ['PUT', 'GET', 'DELETE', 'POST']) proxy.spoil(fault, { method, times: 3 });
      const since = performance.now();
      const code = fault === 'hang' ? 'timeout' : 'unreachable';
      const all = [blobs.put(other, bytes), blobs.read(name, 'all'), blobs.delete(other), blobs.begin(other)];
      for (const one of await Promise.allSettled(all)) {
        expect(one).toMatchObject({ status: 'rejected', reason: { code } });
      }
      expect(performance.now() - since).toBeLessThan(SHORT.total * 2);
      // The spoilings that were not used up must not meet the next test.
      await expect
        .poll(() =>
          blobs.delete(other).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await expect
        .poll(() =>
          blobs.put(other, bytes).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await expect
        .poll(() =>
          blobs.begin(other).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await expect.poll(() => blobs.read(name, 'all').then(bytesOfNothing, () => false)).toBe(true);
    },
  );

  test('P7: completing survives a lost answer, and a 200 that holds an error or nothing is a fault', async () => {
    const begun = async () => {
      const other = fresh();
      const upload = await blobs.begin(other);
      const tags = [await blobs.putPart({ name: other, upload, number: 1, offset: 0, bytes })];
      return { other, upload, tags };
    };
    const address = /uploadId=/;
    for (const fault of ['error-in-200', 'empty-200', 'redirect'] as const) {
      const { other, upload, tags } = await begun();
      proxy.spoil(fault, { method: 'POST', address, times: 3 });
      await expect(blobs.complete(other, upload, tags)).rejects.toThrow();
      await expect(bytesOf(blobs, other, 'all')).rejects.toThrow(BlobMissing);
      for (let spent = 0; spent < 3; spent += 1)
        await blobs.complete(other, upload, tags).catch(() => undefined);
      expect((await bytesOf(blobs, other, 'all')).equals(bytes)).toBe(true);
    }
    const { other, upload, tags } = await begun();
    proxy.spoil('lost-answer', { method: 'POST', address });
    await blobs.complete(other, upload, tags);
    expect((await bytesOf(blobs, other, 'all')).equals(bytes)).toBe(true);
  });

  test('P7: an object that is gone after completing is a fault', async () => {
    const other = fresh();
    const upload = await blobs.begin(other);
    const tags = [await blobs.putPart({ name: other, upload, number: 1, offset: 0, bytes })];
    proxy.spoil('status-404', { method: 'HEAD' });
    await expect(blobs.complete(other, upload, tags)).rejects.toMatchObject({ code: 'damaged' });
  });

  test('P7: a listing that is cut off is a fault', async () => {
    proxy.spoil('cut-body', { method: 'GET', address: /list-type=2/, times: 3 });
    await expect(all(blobs.list(''))).rejects.toMatchObject({ name: 'BlobFault' });
  });

  test('P7: faults leave no descriptor behind', async () => {
    const before = openDescriptors();
    for (const fault of ['hang-body', 'short-length', 'ignore-range', 'redirect', 'cut-body'] as const) {
      for (let round = 0; round < 3; round += 1) {
        proxy.spoil(fault, { method: 'GET' });
        await bytesOf(blobs, name, { from: 0, to: 200_000 }).catch(() => undefined);
      }
    }
    await expect.poll(openDescriptors, { timeout: 5_000 }).toBeLessThanOrEqual(before + 2);
  });

  test('K4.2: a parted upload through the same connections is whole', async () => {
    const other = fresh();
    const pieces = [randomBytes(5 * 1024 * 1024), randomBytes(10)];
    await store(blobs, other, pieces);
    expect((await bytesOf(blobs, other, 'all')).equals(Buffer.concat(pieces))).toBe(true);
  });
}

async function bytesOfNothing(body: Awaited<ReturnType<S3Store['read']>>): Promise<boolean> {
  await body.return?.();
  return true;
}
