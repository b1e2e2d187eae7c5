import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BlobMissing, type BlobName } from '../../src/acts/ports/blob.ts';
import { openS3Store, type S3Store } from '../../src/blob/s3.ts';
import { all, bytesOf, fresh, openDescriptors, store } from '../conformance/blob-parts.ts';
import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts';
import { describeWith, notRun } from '../servers/needs.ts';
import { findProgram } from '../servers/process.ts';
import { makeBucket } from '../servers/s3.ts';
import { openBucket } from './bucket.ts';

/** Short enough to wait for, long enough for a busy machine. */
const HASTY = { stall: 1_000, total: 2_500 };
const HANGS = /hang|trickle/;
const openssl = findProgram('openssl');
if (openssl === undefined) console.warn(notRun('openssl'));

describeWith('s3', 'faults of an S3 store', (s3) => {
  let proxy: FaultProxy;
  let blobs: S3Store;
  let hasty: S3Store;
  let name: BlobName;
  const bytes = randomBytes(300_000);
  beforeAll(async () => {
    proxy = await startFaultProxy(s3.endpoint);
    const bucket = await makeBucket(s3);
    blobs = openBucket(s3, bucket, { endpoint: proxy.endpoint });
    hasty = openBucket(s3, bucket, { endpoint: proxy.endpoint, patience: HASTY });
    name = fresh();
    await blobs.put(name, bytes);
  });
  afterAll(async () => {
    blobs?.close();
    hasty?.close();
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
      const reading = bytesOf(HANGS.test(fault) ? hasty : blobs, name, { from: 1_000, to: 250_000 });
      await expect(reading).rejects.toMatchObject({ name: 'BlobFault', code });
      expect(performance.now() - since).toBeLessThan(HASTY.total * 3);
    },
  );

  test('P7: an object of unknown length is a fault', async () => {
    proxy.spoil('long-body', { method: 'GET' });
    await expect(bytesOf(blobs, name, 'all')).rejects.toMatchObject({ code: 'damaged' });
  });

  test.each(['reset', 'status-500', 'status-503', 'hang'] as const)(
    'P7: one "%s" is tried again with the same bytes',
    async (fault) => {
      const client = HANGS.test(fault) ? hasty : blobs;
      const [written, deleted] = [fresh(), fresh()];
      await blobs.put(deleted, bytes);
      for (const method of ['PUT', 'GET', 'DELETE']) proxy.spoil(fault, { method });
      const reading = bytesOf(client, name, { from: 7, to: 77 });
      await Promise.all([client.put(written, bytes), client.delete(deleted), reading]);
      expect((await reading).equals(bytes.subarray(7, 77))).toBe(true);
      expect((await bytesOf(blobs, written, 'all')).equals(bytes)).toBe(true);
      await expect(blobs.read(deleted, 'all')).rejects.toThrow(BlobMissing);
    },
  );

  test.each(['reset', 'status-500', 'hang'] as const)(
    'P7: a store that only does "%s" is given up soon',
    async (fault) => {
      const other = fresh();
      for (const method of ['PUT', 'GET', 'DELETE', 'POST']) proxy.spoil(fault, { method, times: 100 });
      const client = HANGS.test(fault) ? hasty : blobs;
      const since = performance.now();
      const code = HANGS.test(fault) ? 'timeout' : 'unreachable';
      const tried = [
        client.put(other, bytes),
        client.read(name, 'all'),
        client.delete(other),
        client.begin(other),
      ];
      for (const one of await Promise.allSettled(tried)) {
        expect(one).toMatchObject({ status: 'rejected', reason: { code } });
      }
      expect(performance.now() - since).toBeLessThan(HASTY.total * 2);
      proxy.heal();
      expect((await bytesOf(blobs, name, 'all')).equals(bytes)).toBe(true);
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
    proxy.heal();
  });

  test('P7: faults leave no descriptor behind', async () => {
    const before = openDescriptors();
    for (const fault of ['hang-body', 'short-length', 'ignore-range', 'redirect', 'cut-body'] as const) {
      for (let round = 0; round < (HANGS.test(fault) ? 1 : 3); round += 1) {
        proxy.spoil(fault, { method: 'GET' });
        await bytesOf(hasty, name, { from: 0, to: 200_000 }).catch(() => undefined);
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

  test.skipIf(openssl === undefined)(
    'S6: over TLS a store is believed only under the authority that was named',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'custos-tls-'));
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
      const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      execFileSync(openssl ?? '', [...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      const ca = await readFile(cert, 'utf8');
      const secure = await startFaultProxy(s3.endpoint, { key: await readFile(key, 'utf8'), cert: ca });
      const bucket = await makeBucket(s3);
      const options = { ...s3, endpoint: secure.endpoint, bucket, secretKey: () => s3.secretKey };
      const trusting = openS3Store({ ...options, ca });
      const other = fresh();
      await store(trusting, other, [bytes]);
      const read = await bytesOf(trusting, other, { from: 1, to: 299_999 });
      expect(read.equals(bytes.subarray(1, 299_999))).toBe(true);
      const doubting = openS3Store(options);
      await expect(doubting.put(other, bytes)).rejects.toMatchObject({ code: 'unreachable' });
      await expect(doubting.delete(other)).rejects.toMatchObject({ code: 'unreachable' });
      secure.spoil('cut-body', { method: 'GET' });
      await expect(bytesOf(trusting, other, 'all')).rejects.toMatchObject({ name: 'BlobFault' });
      trusting.close();
      doubting.close();
      await secure.stop();
      await rm(folder, { recursive: true });
    },
  );
});
