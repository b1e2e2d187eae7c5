/** The S3 server of the tests: the real one, else a light stand-in that is named as such. */
import { randomUUID } from 'node:crypto';
import { Client } from 'minio';
import type { S3Address } from './needs.ts';
import { Missing } from './process.ts';
import { type S3Server, startRadosgw } from './radosgw.ts';
import { startS3Fallback } from './s3-fallback.ts';

export interface RunningS3 {
  readonly kind: S3Address['kind'];
  readonly server: S3Server;
  /** Why the real one does not run. */
  readonly reason?: string;
}

/**
 * radosgw where it is installed, else the stand-in, which TEST_S3=stand-in asks for. Other faults than a missing
 * program are thrown.
 */
export async function startS3(): Promise<RunningS3> {
  try {
    if (process.env.TEST_S3 === 'stand-in') throw new Missing('unset TEST_S3');
    return { kind: 'radosgw', server: await startRadosgw() };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    return { kind: 'stand-in', server: await startS3Fallback(), reason: error.message };
  }
}

/** A new bucket for one test file, and its name. */
export async function makeBucket(
  s3: Omit<S3Server, 'stop'>,
  how: { versions?: boolean; objectLock?: boolean } = {},
): Promise<string> {
  const bucket = `t-${randomUUID()}`;
  const client = minioOf(s3);
  await client.makeBucket(bucket, s3.region, { ObjectLocking: how.objectLock ?? false });
  if (how.versions) await client.setBucketVersioning(bucket, { Status: 'Enabled' });
  return bucket;
}

/** A client of the tests' own, to look at a store from outside the code under test. */
export function minioOf(s3: Omit<S3Server, 'stop'>): Client {
  const { hostname, port } = new URL(s3.endpoint);
  const { accessKey, secretKey, region } = s3;
  return new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey, region });
}
