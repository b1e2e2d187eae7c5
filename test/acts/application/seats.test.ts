/** Seats that nobody can fill, persons recorded as involved, units and parents (R3, R16, R33, table 4), over the real store. */
import { expect, test } from 'vitest';
import { approveApplication } from '../../../src/acts/application/approve-application.ts';
import { escalateApplication } from '../../../src/acts/application/escalate-application.ts';
import { dueWork } from '../../../src/acts/due-work.ts';
import { suspendPerson } from '../../../src/acts/people/suspend-person.ts';
import type { Member } from '../world.ts';
import { done } from '../world.ts';
import { codeOf, hour, newOffice } from './office.ts';

test('R16: fewer persons than open seats sets stalled and escalates at once, adding persons and lowering nothing', async () => {
  const office = await newOffice();
  const { security } = await office.setUp();
  const leaders = [await office.leader(), await office.leader()];
  const sent = await office.apply(office.requester);
  for (const leader of leaders) {
    await office.must(suspendPerson, security, { person: leader.person, reason: '调查' });
  }
  const input = { application: sent.application };
  const due = () => dueWork({ deps: office.deps, now: office.clock.wall }, false);
  expect(await due()).toEqual([{ act: 'escalate-application', input }]);
  const from = await office.next();
  expect(done(await office.run(escalateApplication, office.system(), input))).toMatchObject({
    stalled: true,
    missing: 1,
    escalation: 2,
  });
  expect((await office.log(from)).map((entry) => entry.kind)).toEqual([
    'application.stalled',
    'application.escalated',
  ]);
  expect(await due()).toEqual([]);
  const above = await office.member({ centre: office.county, offices: ['approver'] });
  // The flag goes with the next look, and the county's leader decides.
  expect(done(await office.run(escalateApplication, office.system(), input))).toMatchObject({
    stalled: false,
  });
  expect(done(await office.approve(above, sent))).toMatchObject({ state: 'approved', needed: 1 });
});

test('R3: a person recorded in the item as involved decides nothing on it', async () => {
  const office = await newOffice();
  const involved = await office.leader();
  const leader = await office.leader();
  const { item } = await office.takeIn(office.custodian, { involved: [involved.person] });
  const sent = await office.apply(office.requester, office.terms({ items: [{ item }] }));
  const vote = { application: sent.application, termsHash: sent.termsHash };
  expect(await office.run(approveApplication, involved, vote)).toMatchObject({
    refused: 'same-person',
    rule: 'R3',
  });
  expect(codeOf(await office.approve(leader, sent))).toBe('done');
});

test('R1, R7, C2: a leader of another township learns of nothing, and one of the county has the parent seat only', async () => {
  const office = await newOffice();
  const { townB } = await office.townships();
  await office.leader();
  await office.leader();
  const beside = await office.member({ centre: townB, offices: ['approver'] });
  const above = await office.member({ centre: office.county, offices: ['approver'] });
  const sent = await office.apply(office.requester);
  const vote = { application: sent.application, termsHash: sent.termsHash };
  expect(codeOf(await office.run(approveApplication, beside, vote))).toBe('not-found');
  expect(await office.run(approveApplication, above, vote)).toMatchObject({
    refused: 'office-missing',
    rule: 'R2',
  });
});

test('table 4: without a unit one more leader of the centre decides in its place', async () => {
  const office = await newOffice({}, ['restricted']);
  const leaders = [await office.leader(), await office.leader(), await office.leader()] as [
    Member,
    Member,
    Member,
  ];
  const alone = await office.member({ centre: office.townA, offices: ['requester'] });
  const sent = await office.apply(alone, office.terms({}, 'restricted'));
  expect(done(await office.approve(leaders[0], sent))).toMatchObject({
    state: 'pending',
    votes: 1,
    needed: 2,
  });
  // R6: the same person is not the second one.
  expect(
    done(
      await office.run(approveApplication, leaders[0], {
        application: sent.application,
        termsHash: sent.termsHash,
      }),
    ),
  ).toMatchObject({ votes: 1 });
  expect(done(await office.approve(leaders[1], sent))).toMatchObject({ state: 'approved', votes: 2 });
});

test('R25, R31: a request for longer than the cap is refused and one for exactly the cap is granted whole', async () => {
  const office = await newOffice({}, ['restricted']);
  await office.unitLeader();
  await office.unitLeader();
  await office.leader();
  await office.leader();
  const over = office.terms({ durationMs: 72 * hour + 1 }, 'restricted');
  await expect(office.apply(office.requester, over)).rejects.toThrow('beyond-policy');
  const sent = await office.apply(office.requester, office.terms({ durationMs: 72 * hour }, 'restricted'));
  expect(await office.stateOf(sent)).toBe('pending');
});
