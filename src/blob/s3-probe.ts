/**
 * What a store can do, tried and not assumed (K4.3, K4.4): settings are read, promises are tested with small objects
 * under `probe/`, which are removed again. A store that takes a retention and then deletes anyway is told apart.
 */
import { randomUUID } from 'node:crypto';
import {
  type BlobCapabilities,
  BlobFault,
  type BlobName,
  type BlobStore,
  blobName,
} from '../acts/ports/blob.ts';
import { drained } from './exchange.ts';
import type { S3Client } from './s3-client.ts';
import { versionsOf } from './s3-list.ts';

const DIGITS = Buffer.from('0123456789');
/** How long the probe's object is retained where a lock is tried. */
const RETAIN_MS = 5_000;

/** Throws when the bucket cannot be written at all. */
export async function probeS3(client: S3Client, store: BlobStore): Promise<BlobCapabilities> {
  await sweep(store);
  const name = blobName(`probe/${randomUUID()}`);
  await store.put(name, DIGITS);
  try {
    const range = await holds(async () => (await textOf(store, name, { from: 3, to: 7 })) === '3456');
    const multipart = await holds(() => assembles(store));
    const conditionalPut = await refusesToReplace(client, blobName(`probe/${randomUUID()}`));
    await store.put(name, DIGITS);
    const versions = (await versionsOf(client, name)).length > 1 ? 'on' : 'off';
    return { range, multipart, conditionalPut, versions, objectLock: await lockOf(client) };
  } finally {
    await store.delete(name);
  }
}

/** Whether a second `If-None-Match: *` of the same name is refused and leaves the first bytes (K4.3). */
export async function refusesToReplace(client: S3Client, name: BlobName): Promise<boolean> {
  const send = (text: string) =>
    client.attempt(async (budget) => {
      const url = await client.address('PUT', name);
      const headers = { 'if-none-match': '*' };
      await drained(
        await client.wire.send({ method: 'PUT', url, headers, body: Buffer.from(text) }, budget),
        client.wire.patience.stall,
      );
    });
  try {
    await send('first');
    await send('second');
    return false;
  } catch (error) {
    if (error instanceof BlobFault && error.code === 'exists') return true;
    if (error instanceof BlobFault && error.code === 'unsupported') return false;
    throw error;
  } finally {
    await client.minio.removeObject(client.bucket, name);
    for (const versionId of await versionsOf(client, name)) {
      await client.minio.removeObject(client.bucket, name, { versionId });
    }
  }
}

/** What an earlier probe had to leave; another one may be running, so nothing young. */
async function sweep(store: BlobStore): Promise<void> {
  for await (const { name, modifiedAt } of store.list('probe/')) {
    if (modifiedAt > Date.now() - 60_000) continue;
    await store.delete(name).catch(() => undefined);
  }
}

async function assembles(store: BlobStore): Promise<boolean> {
  const name = blobName(`probe/${randomUUID()}`);
  const upload = await store.begin(name);
  try {
    const part = await store.putPart({ name, upload, number: 1, offset: 0, bytes: DIGITS });
    await store.complete(name, upload, [part]);
    return (await textOf(store, name, 'all')) === DIGITS.toString();
  } finally {
    await store.abort(name, upload);
    await store.delete(name);
  }
}

async function lockOf(client: S3Client): Promise<BlobCapabilities['objectLock']> {
  const { minio, bucket } = client;
  const config: unknown = await readLock(client).then(
    (found: unknown) => found,
    () => undefined,
  );
  if (
    !(config instanceof Object && 'objectLockEnabled' in config && config.objectLockEnabled === 'Enabled')
  ) {
    return 'off';
  }
  const name = `probe/${randomUUID()}`;
  const { versionId } = await minio.putObject(bucket, name, DIGITS, DIGITS.length);
  if (!versionId) return 'broken';
  const retainUntilDate = new Date(Date.now() + RETAIN_MS).toISOString();
  await minio.putObjectRetention(bucket, name, { versionId, mode: 'GOVERNANCE' as never, retainUntilDate });
  const deleted = await minio.removeObject(bucket, name, { versionId }).then(
    () => true,
    () => false,
  );
  if (deleted) return 'broken';
  // Without the right to bypass, the object stays until its five seconds are over; the next probe sweeps it.
  await minio.removeObject(bucket, name, { versionId, governanceBypass: true }).catch(() => undefined);
  return 'kept';
}

/** The client's types hide that this one answers a promise. */
async function readLock({ minio, bucket }: S3Client): Promise<unknown> {
  return await minio.getObjectLockConfig(bucket);
}

async function textOf(
  store: BlobStore,
  name: BlobName,
  range: Parameters<BlobStore['read']>[1],
): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await store.read(name, range)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function holds(tried: () => Promise<boolean>): Promise<boolean> {
  try {
    return await tried();
  } catch (error) {
    if (error instanceof BlobFault && error.code !== 'unreachable' && error.code !== 'timeout') return false;
    throw error;
  }
}
