/** Time ends what it should end, and a clock in doubt stops what runs (R16, R44, R46–R48, L7.1). */
import { expect, test } from 'vitest';
import { clockWatch } from '../../src/jobs/clock-watch.ts';
import { dueActs } from '../../src/jobs/due-acts.ts';
import { hour, newGranted, newOffice } from '../acts/application/office.ts';
import { once } from './turned.ts';

test('R44, R48: an application nobody decides is escalated at its due time and expires at its end, within one turn', async () => {
  const office = await newOffice();
  await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester);
  const job = dueActs(office);
  expect(await once(job)).toBe(0);
  const { stageDueAt } = (await office.reads.one('application', { id: sent.application })) ?? {};
  office.clock.turn((stageDueAt ?? 0) - office.clock.wall);
  const from = await office.next();
  expect(await once(job)).toBe(1);
  expect((await office.log(from)).map(({ kind, actor }) => [kind, actor])).toEqual([
    ['application.escalated', 'system:timer'],
  ]);
  for (let days = 0; days < 90 && (await office.stateOf(sent)) === 'pending'; days += 1) {
    office.clock.turn(24 * hour);
    await once(job);
  }
  expect(await office.stateOf(sent)).toBe('expired');
  expect(await once(job)).toBe(0);
});

test('R31: a grant that was never used ends at its last moment, and its end is in the log once', async () => {
  const office = await newGranted();
  const job = dueActs(office);
  const { activateBy = 0 } = (await office.grantOf(office.sent)) ?? {};
  office.clock.turn(activateBy - office.clock.wall - 1);
  const from = await office.next();
  expect(await once(job)).toBe(0);
  office.clock.turn(1);
  expect([await once(job), await once(job)]).toEqual([1, 0]);
  expect((await office.log(from)).map(({ kind }) => kind)).toEqual(['grant.ended']);
  expect(await office.grantOf(office.sent)).toMatchObject({ state: 'ended', endReason: 'unused' });
});

test('R46: a clock that steps back raises one fault, stops every running grant, and clears once', async () => {
  const office = await newGranted();
  await office.open(office.requester, office.grant);
  const job = clockWatch(office);
  const from = await office.next();
  expect(await once(job)).toBe(0);
  const mark = (await office.deps.ledger.head()).at;
  office.clock.jump(-hour);
  expect([await once(job), await once(job)]).toEqual([2, 0]);
  const raised = await office.log(from);
  expect(raised.map(({ kind, at }) => [kind, at >= mark])).toEqual([
    ['clock.fault-raised', true],
    ['grant.suspended', true],
  ]);
  expect(raised[0]?.facts).toMatchObject({ measured: office.clock.wall, mark });
  office.clock.jump(hour);
  expect([await once(job), await once(job)]).toEqual([1, 0]);
  expect((await office.log(from)).at(-1)?.kind).toBe('clock.fault-cleared');
  expect((await office.grantOf(office.sent))?.state).toBe('suspended');
});

test('R47: a leap ahead does not move the time of the log', async () => {
  const office = await newGranted();
  const before = (await office.deps.ledger.head()).at;
  office.clock.jump(10 * 365 * 24 * hour);
  await once(clockWatch(office));
  await once(dueActs(office));
  expect((await office.deps.ledger.head()).at).toBe(before);
  expect((await office.grantOf(office.sent))?.state).toBe('scheduled');
});
