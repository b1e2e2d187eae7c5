/**
 * A light S3 stand-in for machines without Ceph: no versions, no conditional put, no list of unfinished uploads. What
 * passes against it has been tried less than against the real one; setup.ts says which one ran.
 */
import { buildApp } from 'fauxqs';
import type { S3Server } from './radosgw.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Starts it in this process, on loopback only. */
export async function startS3Fallback(): Promise<S3Server> {
  const app = buildApp({ logger: false });
  // A part is a segment of 16 MiB and its header (K3.1); the server's own limit is lower.
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => {
    done(null, body);
  });
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
