/** The store under test, over a bucket of a server that the set-up started. */
import type { Patience } from '../../src/blob/exchange.ts';
import { openS3Store, type S3Store } from '../../src/blob/s3.ts';
import type { S3Address } from '../servers/needs.ts';

export function openBucket(
  s3: S3Address,
  bucket: string,
  how: { endpoint?: string; patience?: Patience } = {},
): S3Store {
  const { endpoint, region, accessKey, secretKey } = s3;
  return openS3Store({ endpoint, region, bucket, accessKey, secretKey: () => secretKey, ...how });
}
