/**
 * The chain of `custos demo --once` over real servers, each started for this one run and ended by its process id:
 *
 *     node bench/chain.ts [--postgres] [--s3] [--file FILE | --mib 1024]
 *
 * PostgreSQL runs with fsync on, and radosgw keeps its objects in memory. Needs what test/servers needs.
 */
import { parseArgs } from 'node:util';
import { runOnce } from '../src/cli/demo/once.ts';
import { startPostgres } from '../test/servers/postgres.ts';
import { startRadosgw } from '../test/servers/radosgw.ts';
import { makeBucket } from '../test/servers/s3.ts';
import { videoOf } from './draw-video.ts';

const { values } = parseArgs({
  options: {
    postgres: { type: 'boolean', default: false },
    s3: { type: 'boolean', default: false },
    file: { type: 'string' },
    mib: { type: 'string', default: '1024' },
  },
});

const stops: (() => Promise<void>)[] = [];

/** The address of a new bucket; its keys go the way an operator gives them. */
async function newBucket(): Promise<string> {
  const s3 = await startRadosgw();
  stops.push(() => s3.stop());
  process.env.CUSTOS_STORE__ACCESS_KEY = s3.accessKey;
  process.env.CUSTOS_STORE__SECRET_KEY = s3.secretKey;
  const endpoint = encodeURIComponent(s3.endpoint);
  return `s3://${await makeBucket(s3)}?endpoint=${endpoint}&region=${s3.region}`;
}

async function newDatabase(): Promise<string> {
  const postgres = await startPostgres({ fsync: true });
  stops.push(() => postgres.stop());
  return postgres.url;
}

try {
  const file = values.file ?? (await videoOf(Number(values.mib)));
  const database = values.postgres ? await newDatabase() : undefined;
  const store = values.s3 ? await newBucket() : undefined;
  console.log(`${database ? 'PostgreSQL' : 'SQLite'} + ${store ? 'radosgw' : 'folder'}: ${file}`);
  await runOnce({ file, database, store }, console.log);
} finally {
  for (const stop of stops) await stop();
}
