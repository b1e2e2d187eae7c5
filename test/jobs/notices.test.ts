/** Notices reach those whom they concern, after the commit, with ids alone (R59–R61). */
import { expect, test } from 'vitest';
import { deliverOutbox } from '../../src/jobs/outbox.ts';
import { newOffice } from '../acts/application/office.ts';
import { once } from './turned.ts';

test('R59, R60, R61: eligible approvers are told of a submission once, by ids and nothing else', async () => {
  const office = await newOffice();
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester);
  const rows = await office.reads.all('outbox', { topic: 'notice', doneAt: null });
  expect(rows.map((row) => row.recipientId)).toContain(leader.person);
  for (const { payload } of rows) {
    const said = JSON.parse(payload) as Record<string, unknown>;
    expect(Object.keys(said).sort()).toEqual(['event', 'id', 'kind']);
    expect(said).toMatchObject({ kind: 'application', id: sent.application });
  }
  office.live.notices.length = 0;
  const effects = { uploads: office.uploads, destroyKey: async () => undefined, gaveUp: () => undefined };
  const job = deliverOutbox(office, office.store.working.outbox, effects);
  expect(await once(job)).toBeGreaterThan(0);
  expect(office.live.notices.flatMap((notice) => notice.to)).toContain(leader.person);
  const told = office.live.notices.length;
  expect(await once(job)).toBe(0);
  expect(office.live.notices.length).toBe(told);
  expect(await office.reads.count('outbox', { topic: 'notice', doneAt: null })).toBe(0);
});
