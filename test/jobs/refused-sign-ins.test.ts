/** Failed sign-ins: counted under a name that the store cannot read, and told to the log once a minute. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signIn } from '../../src/acts/access/sign-in.ts';
import { perform } from '../../src/acts/perform.ts';
import { countedGuard } from '../../src/compose/sign-in-guard.ts';
import { recordRefusedSignIns } from '../../src/jobs/refused-sign-ins.ts';
import { newWorld } from '../acts/world.ts';

const key = Buffer.alloc(32, 7);
const stopping = new AbortController().signal;

test('L4.3: many failed sign-ins are one fact with their number, and a quiet minute none', async () => {
  const world = await newWorld();
  const guard = countedGuard(world.deps.signInGuard, key);
  const deps = { ...world.deps, signInGuard: guard };
  await world.setUp();
  for (let attempt = 0; attempt < 7; attempt += 1) {
    await perform(
      deps,
      signIn,
      { anonymous: true, requestId: 'r' },
      { name: `nobody${attempt}`, password: 'x' },
    );
  }
  const job = recordRefusedSignIns({ deps, perform: world.run }, () => guard.taken());
  const { next } = await deps.ledger.head();
  expect(await job.run(stopping)).toBe(7);
  expect(await job.run(stopping)).toBe(0);
  const { bytes } = await deps.ledger.entry(next);
  expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({
    kind: 'sign-in.refused',
    facts: { count: 7 },
  });
  expect((await deps.ledger.head()).next).toBe(next + 1);
});

test('P18: a password typed into the name field is nowhere in the database, and counts all the same', async () => {
  const world = await newWorld();
  const guard = countedGuard(world.deps.signInGuard, key);
  const typed = 'correcthorsebattery';
  for (let miss = 0; miss < 7; miss += 1) await guard.missed(typed, world.clock.wall);
  expect(await guard.blockedFor(typed, world.clock.wall + 1)).toBeGreaterThan(0);
  for (const file of ['custos.db', 'custos.db-wal']) {
    const bytes = await readFile(join(world.folder, file)).catch(() => Buffer.alloc(0));
    expect(bytes.includes(typed)).toBe(false);
  }
});
