/** Vitest's global set-up: PostgreSQL and the S3 server once for all service tests, ended when the run ends. */
import type { TestProject } from 'vitest/node';
import type { Provided } from './needs.ts';
import { startPostgres } from './postgres.ts';
import { Missing } from './process.ts';
import { startS3 } from './s3.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const started = await Promise.allSettled([
    provided(async () => {
      const { url, stop } = await startPostgres();
      stops.push(stop);
      return { url };
    }),
    provided(async () => {
      const { kind, server, reason } = await startS3();
      stops.push(server.stop);
      console.log(`S3 server: ${kind}${reason === undefined ? '' : ` (for the real one: ${reason})`}`);
      const { endpoint, region, accessKey, secretKey } = server;
      return { kind, endpoint, region, accessKey, secretKey };
    }),
  ]);
  const stopAll = async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
  const [postgres, s3] = started;
  if (postgres.status === 'rejected' || s3.status === 'rejected') {
    await stopAll();
    throw postgres.status === 'rejected' ? postgres.reason : (s3 as PromiseRejectedResult).reason;
  }
  project.provide('postgres', postgres.value);
  project.provide('s3', s3.value);
  return stopAll;
}

/** What is not installed is no fault; what is installed and does not start is. */
async function provided<Address>(start: () => Promise<Address>): Promise<Provided<Address>> {
  try {
    return { address: await start(), install: null };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    return { address: null, install: error.message };
  }
}
