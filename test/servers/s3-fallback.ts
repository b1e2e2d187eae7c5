/**
 * A light S3 stand-in for machines without Ceph: no versions, no conditional put, no list of unfinished uploads. What
 * passes against it has been tried less than against the real one; setup.ts says which one ran.
 */
import { buildApp } from 'fauxqs';
import type { S3Server } from './radosgw.ts';

/** Starts it in this process, on loopback only. */
export async function startS3Fallback(): Promise<S3Server> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    endpoint,
    region: 'us-east-1',
    accessKey: 'test',
    secretKey: 'test',
    stop: async () => {
      await app.close();
    },
  };
}
