/**
 * Opens the store that the configuration names: `folder:/absolute/path` or `s3://bucket?endpoint=…&region=…`.
 * Credentials never stand in the address: it is printed, they are not.
 */
import { isAbsolute } from 'node:path';
import type { BlobStore } from '../acts/ports/blob.ts';
import { openFolderStore } from './folder.ts';

/** What the address leaves out. */
export interface BlobCredentials {
  readonly accessKey: string;
  readonly secretKey: () => string;
  /** PEM of the authority behind the store's certificate. */
  readonly ca?: string;
}

/** Throws a `RangeError` for an address that is not understood in full, or an S3 store without credentials. */
export async function openBlobStore(address: string, credentials?: BlobCredentials): Promise<BlobStore> {
  if (address.startsWith('folder:')) {
    const root = address.slice('folder:'.length);
    if (!isAbsolute(root)) throw new RangeError('The folder of the blob store is an absolute path.');
    return openFolderStore(root);
  }
  if (address.startsWith('s3://')) {
    const options = s3Options(new URL(address), credentials);
    // Read only where it is used: the client of S3 takes 30 MB.
    return (await import('./s3.ts')).openS3Store(options);
  }
  throw new RangeError('The blob store is folder:/path or s3://bucket?endpoint=…&region=….');
}

function s3Options(url: URL, credentials: BlobCredentials | undefined) {
  const { endpoint, region = 'us-east-1', style = 'path', ...rest } = Object.fromEntries(url.searchParams);
  const strange = [...Object.keys(rest), url.username, url.password, url.port, url.pathname.replace('/', '')];
  if (strange.some(Boolean))
    throw new RangeError('The address of the S3 store has a part that has no meaning.');
  if (!endpoint || !url.hostname) throw new RangeError('The S3 store needs a bucket and an endpoint.');
  if (style !== 'path' && style !== 'host') throw new RangeError('The style is path or host.');
  if (!credentials) throw new RangeError('The S3 store needs credentials.');
  return { ...credentials, endpoint, region, bucket: url.hostname, pathStyle: style === 'path' };
}
