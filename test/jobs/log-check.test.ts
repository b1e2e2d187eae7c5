/** The daily look at the stored log (L4.7, L5.4): says what it found sound, and raises what is not. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { checkSignedLog } from '../../src/compose/log-check.ts';
import { checkLogDaily } from '../../src/jobs/log-check.ts';
import { readCheckpoint } from '../../src/log/checkpoint.ts';
import { newWorld } from '../acts/world.ts';
import { once } from './turned.ts';

test('L4.7: the check reads every signed entry and puts size and root into the log', async () => {
  const world = await newWorld();
  await world.setUp();
  const from = await world.next();
  const check = (stopping: AbortSignal) => checkSignedLog(world.store.ledger, stopping);
  expect(await once(checkLogDaily(world, { check }))).toBe(from + 1);
  const { size, root } = readCheckpoint(readFileSync(join(world.folder, 'head'), 'utf8')).checkpoint;
  expect(size).toBe(from + 1);
  expect((await world.log(from)).map(({ kind, facts }) => [kind, facts])).toEqual([
    ['log.checked', { size, root: Buffer.from(root).toString('hex') }],
  ]);
});

test('L4.7: an entry that was changed under the running service is found, and nothing is said to be sound', async () => {
  const world = await newWorld();
  await world.setUp();
  await world.deps.ledger.seal();
  const from = await world.next();
  const db = new Database(join(world.folder, 'custos.db'));
  for (const { name } of db.prepare("select name from sqlite_master where type = 'trigger'").all() as {
    name: string;
  }[]) {
    db.exec(`drop trigger "${name}"`);
  }
  db.prepare(
    'update log_entry set bytes = replace(cast(bytes as text), \'"ordinary"\', \'"Ordinary"\') where seq = 5',
  ).run();
  db.close();
  const check = (stopping: AbortSignal) => checkSignedLog(world.store.ledger, stopping);
  await expect(once(checkLogDaily(world, { check }))).rejects.toThrow(
    'Entry 5 is missing or not as it was written.',
  );
  expect(await world.log(from)).toEqual([]);
});
