/**
 * Any S3 store as a blob store (K4.2): parts and small objects by presigned PUT, ranges by presigned GET, the rest by
 * the `minio` client. What a store answers is checked: length, range, the object after completing, the list after
 * deleting.
 * Not trusted: whoever holds the bucket can at most withhold, delete or roll back (K1).
 */
import { randomUUID } from 'node:crypto';
import {
  type BlobBody,
  BlobFault,
  BlobMissing,
  type BlobName,
  type BlobPart,
  type BlobStore,
  type ByteRange,
  blobName,
  blobPrefix,
  type PartTag,
  type UploadId,
} from '../acts/ports/blob.ts';
import { exactBody } from './body.ts';
import { answerSource, drained } from './exchange.ts';
import { checkPart, checkRange, sizeOf } from './parts.ts';
import { openS3Client, type S3Client, type S3Options, s3FaultOf } from './s3-client.ts';
import { listObjects, listUploads, versionsOf } from './s3-list.ts';
import { probeS3, refusesToReplace } from './s3-probe.ts';

/** A store that speaks S3; `close` ends its idle connections. */
export interface S3Store extends BlobStore {
  readonly kind: 's3';
  close(): void;
}

/** Connects to nothing yet: `probe` says whether the bucket is there. */
export function openS3Store(options: S3Options): S3Store {
  const client = openS3Client(options);
  const { minio, bucket } = client;
  let conditional: Promise<boolean> | undefined;

  const store: S3Store = {
    kind: 's3',
    begin: async (name) =>
      client.attempt(async () => {
        return (await minio.initiateNewMultipartUpload(bucket, blobName(name), {})) as UploadId;
      }),
    putPart: (part) => putPart(client, part),
    complete: async (name, upload, parts) => complete(client, blobName(name), upload, parts),
    abort: async (name, upload) =>
      absent(client.attempt(() => minio.abortMultipartUpload(bucket, blobName(name), upload))),

    async put(name, bytes, how) {
      blobName(name);
      if (how?.onlyIfAbsent) {
        conditional ??= refusesToReplace(client, blobName(`probe/${randomUUID()}`));
        conditional.catch(() => {
          conditional = undefined;
        });
        if (!(await conditional)) throw new BlobFault('unsupported', 'The store has no conditional put.');
      }
      await putObject(client, name, bytes, how?.onlyIfAbsent ?? false);
    },

    read: async (name, range, signal) => read(client, blobName(name), range, signal),
    list: (prefix) => listObjects(client, blobPrefix(prefix)),
    delete: async (name) => remove(client, blobName(name)),
    unfinished: () => listUploads(client),
    probe: () => probeS3(client, store),
    close: () => client.wire.close(),
  };
  return store;
}

async function putPart(client: S3Client, part: BlobPart): Promise<PartTag> {
  checkPart(part);
  const query = { partNumber: `${part.number}`, uploadId: part.upload };
  const tag = await client.attempt(async (budget) => {
    const url = await client.address('PUT', blobName(part.name), query);
    const answer = await client.wire.send({ method: 'PUT', url, body: part.bytes }, budget);
    await drained(answer, client.wire.patience.stall);
    return answer.headers.etag;
  });
  if (!tag) throw new BlobFault('damaged', 'The store gave no receipt for the part.');
  return { number: part.number, offset: part.offset, size: part.bytes.byteLength, tag };
}

async function complete(
  client: S3Client,
  name: BlobName,
  upload: UploadId,
  parts: readonly PartTag[],
): Promise<void> {
  const size = sizeOf(parts);
  const etags = parts.map((part) => ({ part: part.number, etag: part.tag }));
  let failure: unknown;
  try {
    await client.attempt(() => client.minio.completeMultipartUpload(client.bucket, name, upload, etags));
  } catch (error) {
    failure = error;
  }
  // Whatever was answered: the object is there whole, or it is not. An answer can be lost, and 200 can be a lie.
  const found = await client
    .attempt(() => client.minio.statObject(client.bucket, name))
    .catch((error: unknown) => {
      if (error instanceof BlobMissing) return undefined;
      throw failure ?? error;
    });
  if (found?.size === size) return;
  throw failure ?? new BlobFault('damaged', 'The store said that it completed the object, but it did not.');
}

async function putObject(
  client: S3Client,
  name: BlobName,
  bytes: Uint8Array,
  onlyIfAbsent: boolean,
): Promise<void> {
  const headers: Record<string, string> = onlyIfAbsent ? { 'if-none-match': '*' } : {};
  let tries = 0;
  try {
    await client.attempt(async (budget) => {
      tries += 1;
      const url = await client.address('PUT', name);
      const answer = await client.wire.send({ method: 'PUT', url, headers, body: bytes }, budget);
      await drained(answer, client.wire.patience.stall);
    });
  } catch (error) {
    // The first try may have written what the second one met.
    if (tries > 1 && error instanceof BlobFault && error.code === 'exists') {
      throw new BlobFault('unreachable', 'The connection to the store failed.', { cause: error });
    }
    throw error;
  }
}

async function read(
  client: S3Client,
  name: BlobName,
  range: ByteRange | 'all',
  signal: AbortSignal | undefined,
): Promise<BlobBody> {
  checkRange(range);
  const headers: Record<string, string> =
    range === 'all' ? {} : { range: `bytes=${range.from}-${range.to - 1}` };
  const answer = await client.attempt(async (budget) => {
    const url = await client.address('GET', name);
    return client.wire.send({ method: 'GET', url, headers, signal }, budget);
  }, signal);
  const source = answerSource(answer, client.wire.patience);
  const size = Number(answer.headers['content-length'] ?? Number.NaN);
  const promised =
    range === 'all'
      ? answer.statusCode === 200 && Number.isSafeInteger(size)
      : answer.statusCode === 206 &&
        size === range.to - range.from &&
        answer.headers['content-range']?.startsWith(`bytes ${range.from}-${range.to - 1}/`) === true;
  if (!promised || answer.headers['content-encoding'] !== undefined) {
    await source.close(false);
    throw new BlobFault('damaged', 'The store did not answer with the bytes asked for.');
  }
  return exactBody(source, size, signal);
}

/** The newest first, so that it is gone at once; then what versioning keeps of it. */
async function remove(client: S3Client, name: BlobName): Promise<void> {
  await absent(client.attempt(() => client.minio.removeObject(client.bucket, name)));
  let before = Number.POSITIVE_INFINITY;
  for (;;) {
    const versions = await versionsOf(client, name);
    if (versions.length === 0) return;
    // A page is 1,000 versions: a full page may follow a full page, anything else must shrink.
    if (versions.length >= before && versions.length < 1000) {
      throw new BlobFault('refused', 'The store keeps versions that it was told to delete.');
    }
    before = versions.length;
    for (const versionId of versions) {
      await absent(client.attempt(() => client.minio.removeObject(client.bucket, name, { versionId })));
    }
  }
}

async function absent(deleting: Promise<unknown>): Promise<void> {
  try {
    await deleting;
  } catch (error) {
    if (!(s3FaultOf(error) instanceof BlobMissing)) throw error;
  }
}
