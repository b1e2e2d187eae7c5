/** Uploads that end unfinished leave nothing behind, and those that became items lose only their working state (K5, R59). */
import { expect, test } from 'vitest';
import { accessionItem } from '../../src/acts/intake/accession-item.ts';
import { beginIntake } from '../../src/acts/intake/begin-intake.ts';
import { blobName } from '../../src/acts/ports/blob.ts';
import { Punctured } from '../../src/crypto/puncture.ts';
import type { Acting } from '../../src/jobs/acting.ts';
import { expireIntakes, sweepUploads } from '../../src/jobs/intakes.ts';
import { deliverOutbox, type Effects, oldestMs } from '../../src/jobs/outbox.ts';
import { newWorld, type World } from '../acts/world.ts';
import { once } from './turned.ts';

const day = 24 * 3_600_000;

const effectsOf = (world: World, gaveUp: Effects['gaveUp'] = () => undefined): Effects => ({
  uploads: world.uploads,
  async destroyKey({ collection, keyIndex }) {
    await world.keyring.puncture(collection, keyIndex);
  },
  gaveUp,
});

const outboxOf = (world: World, effects = effectsOf(world)) =>
  deliverOutbox(world, world.store.working.outbox, effects);

async function names(world: World): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of world.blob.list('')) found.push(name);
  for await (const { name } of world.blob.unfinished()) found.push(`unfinished ${name}`);
  return found;
}

test('K5: an upload unfinished after 24 h ends in the log, and its bytes and its key are gone after delivery', async () => {
  const world = await newWorld();
  const custodian = await world.member({ offices: ['custodian'] });
  const { intake } = await world.must(beginIntake, custodian, {
    centre: custodian.centre,
    kind: 'recording',
    class: 'ordinary',
    title: 'half',
    source: 'gate',
    place: 'gate',
    size: 2,
  });
  await world.send(intake, Uint8Array.of(1));
  const key = await world.reads.one('subjectKey', { id: `item:${intake}` });
  if (!key) throw new Error('The intake has no key.');
  world.clock.turn(day - 1);
  expect(await once(expireIntakes(world))).toBe(0);
  world.clock.turn(1);
  const from = await world.next();
  expect([await once(expireIntakes(world)), await once(expireIntakes(world))]).toEqual([1, 0]);
  expect((await world.log(from)).map(({ kind, facts }) => [kind, facts.reason])).toEqual([
    ['intake.ended', 'expired'],
  ]);
  expect(await names(world)).not.toEqual([]);
  expect([await once(outboxOf(world)), await once(outboxOf(world))]).toEqual([1, 0]);
  expect(await names(world)).toEqual([]);
  expect(() => world.keyring.leaf(key.collection, key.keyIndex)).toThrow(Punctured);
});

test('K5: an accepted upload loses its working state and keeps object, recovery file and key', async () => {
  const world = await newWorld();
  const custodian = await world.member({ offices: ['custodian'] });
  const intake = await world.upload(custodian);
  await world.must(accessionItem, custodian, { intake });
  await once(outboxOf(world));
  const kept = await names(world);
  expect(kept.map((name) => name.split('/')[0]).sort()).toEqual(['objects', 'recovery']);
  const key = await world.reads.one('subjectKey', { id: `item:${intake}` });
  world.keyring.leaf(key?.collection ?? '', key?.keyIndex ?? 0).wipe();
});

test('R59: what cannot be delivered is tried again at growing pauses, given up after a week, and that is told', async () => {
  const world = await newWorld();
  const custodian = await world.member({ offices: ['custodian'] });
  await world.takeIn(custodian);
  const told: [string, number][] = [];
  const broken = { settle: () => Promise.reject(new Error('no store')), remove: world.uploads.remove };
  const effects = { ...effectsOf(world, (topic, age) => told.push([topic, age])), uploads: broken };
  const job = outboxOf(world, effects);
  const row = async () => (await world.reads.all('outbox', { topic: 'intake-settle' }))[0];
  const begun = world.clock.wall;
  const tries: number[] = [];
  for (let turns = 0; (await row())?.doneAt === null && turns < 400; turns += 1) {
    await once(job);
    const { dueAt = 0, doneAt = null } = (await row()) ?? {};
    tries.push(world.clock.wall - begun);
    if (doneAt === null) world.clock.turn(dueAt - world.clock.wall);
  }
  expect(tries.slice(0, 4)).toEqual([0, 5_000, 15_000, 35_000]);
  const pauses = tries.map((at, index) => at - (tries[index - 1] ?? 0));
  expect(Math.max(...pauses)).toBe(3_600_000);
  expect(told).toEqual([['intake-settle', tries.at(-1)]]);
  expect(tries.at(-1)).toBeGreaterThanOrEqual(oldestMs);
  expect((await row())?.lastError).toBe('gave up: Error');
});

test('P7: what a crash left in the store is swept after two days, and an upload under way is not', async () => {
  const world = await newWorld({ settings: { intakeTtlMs: 30 * day } });
  const custodian = await world.member({ offices: ['custodian'] });
  await world.upload(custodian);
  await world.blob.begin(blobName('objects/left-behind'));
  const before = await names(world);
  const acting: Acting = world;
  // The store dates by the machine's clock, which the test does not turn: the world's clock goes past it instead.
  const ahead = Date.now() - world.clock.wall;
  world.clock.turn(ahead + 2 * day - 60_000);
  expect(await once(sweepUploads(acting, world.blob))).toBe(0);
  world.clock.turn(120_000);
  expect(await once(sweepUploads(acting, world.blob))).toBe(1);
  expect(await names(world)).toEqual(before.filter((name) => !name.includes('left-behind')));
});
