/**
 * Listings of an S3 store, page by page. The client's own streams are not used: they follow a store that never
 * ends, and they do not escape a marker with a slash. Objects that are not ours (no blob name) are passed over.
 */
import {
  type BlobEntry,
  BlobFault,
  type BlobName,
  isBlobName,
  type UnfinishedUpload,
  type UploadId,
} from '../acts/ports/blob.ts';
import type { S3Client } from './s3-client.ts';

const PAGE = 1000;

/** Every object under the prefix. A truncated page without a new continuation is a fault, never an end. */
export async function* listObjects(client: S3Client, prefix: string): AsyncGenerator<BlobEntry> {
  let token = '';
  for (;;) {
    const page = await client.attempt(() =>
      client.minio.listObjectsV2Query(client.bucket, prefix, token, '', PAGE, ''),
    );
    for (const found of page.objects) {
      const { name } = found;
      if (name !== undefined && isBlobName(name))
        yield { name, size: found.size, modifiedAt: Number(found.lastModified) };
    }
    if (!page.isTruncated) return;
    if (!page.nextContinuationToken || page.nextContinuationToken === token) throw endless();
    token = page.nextContinuationToken;
  }
}

/** Every upload that was begun and not ended. */
export async function* listUploads(client: S3Client): AsyncGenerator<UnfinishedUpload> {
  let key = '';
  let mark = '';
  for (;;) {
    const page = await client.attempt(() =>
      client.minio.listIncompleteUploadsQuery(client.bucket, '', key, mark, ''),
    );
    for (const found of page.uploads) {
      const name = found.key;
      if (isBlobName(name))
        yield { name, upload: found.uploadId as UploadId, begunAt: new Date(found.initiated).getTime() };
    }
    if (!page.isTruncated) return;
    if (page.nextKeyMarker === key && page.nextUploadIdMarker === mark) throw endless();
    key = page.nextKeyMarker;
    mark = page.nextUploadIdMarker;
  }
}

/**
 * Up to 1,000 version ids of exactly this name, markers included. A store without versions answers none; one that
 * cannot list them keeps none.
 */
export async function versionsOf(client: S3Client, name: BlobName): Promise<string[]> {
  const query = { Delimiter: '', MaxKeys: PAGE, IncludeVersion: true };
  try {
    const page = await client.attempt(() => client.minio.listObjectsQuery(client.bucket, name, '', query));
    return page.objects.flatMap((found) => {
      const versionId = 'versionId' in found ? found.versionId : undefined;
      return found.name === name && typeof versionId === 'string' ? [versionId] : [];
    });
  } catch (error) {
    if (error instanceof BlobFault && error.code === 'unsupported') return [];
    throw error;
  }
}

function endless(): BlobFault {
  return new BlobFault('damaged', 'The store cut a listing short.');
}
