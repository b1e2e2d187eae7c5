/** Who decides, how votes are counted, and what comes too late (approvals.md 3 A and B), over the real store. */
import { expect, test } from 'vitest';
import { changePassword } from '../../../src/acts/access/change-password.ts';
import type { Actor } from '../../../src/acts/act.ts';
import { actorOf } from '../../../src/acts/actor.ts';
import { approveApplication } from '../../../src/acts/application/approve-application.ts';
import { createApplication } from '../../../src/acts/application/create-application.ts';
import { denyApplication } from '../../../src/acts/application/deny-application.ts';
import { submitApplication } from '../../../src/acts/application/submit-application.ts';
import { withdrawApplication } from '../../../src/acts/application/withdraw-application.ts';
import { withdrawVote } from '../../../src/acts/application/withdraw-vote.ts';
import { dryRun } from '../../../src/acts/dry-run.ts';
import { addAccount } from '../../../src/acts/people/add-account.ts';
import { assignOffice } from '../../../src/acts/people/assign-office.ts';
import { removeOffice } from '../../../src/acts/people/remove-office.ts';
import { startPosting } from '../../../src/acts/people/start-posting.ts';
import { suspendPerson } from '../../../src/acts/people/suspend-person.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { done } from '../world.ts';
import { codeOf, newOffice, ruleOf } from './office.ts';

const refusals = (entries: readonly { kind: string; facts: object }[]) =>
  entries.filter((entry) => entry.kind.endsWith('.refused')).map((entry) => entry.facts);
const no = { reasonCode: 'not-needed', reason: '用途不清' };

test('X11, X12, R3–R5, R8: nobody approves their own application, by whatever way they come', async () => {
  const office = await newOffice();
  const { security, administrator } = await office.setUp();
  await office.leader();
  const other = await office.leader();
  // A leader who may also apply, with a second account.
  const both = await office.member({ centre: office.townA, offices: ['requester', 'approver'] });
  const sent = await office.apply(both);
  const vote = { application: sent.application, termsHash: sent.termsHash };
  const from = await office.next();

  expect(await office.run(approveApplication, both, vote)).toMatchObject({
    refused: 'same-person',
    rule: 'R3',
  });

  const second = await office.must(addAccount, administrator, { person: both.person, account: 'second' });
  const signed = done(await office.signInAs('second', second.firstPassword));
  const first = { session: signed.session, requestId: 'second-account' };
  const next = 'plum rain on tiles 99';
  const changed = await office.must(changePassword, first, { current: second.firstPassword, next });
  const viaSecond = { session: changed.session, requestId: 'second-account' };
  expect(codeOf(await office.run(approveApplication, viaSecond, vote))).toBe('same-person');
  expect(codeOf(await office.run(denyApplication, viaSecond, { ...vote, ...no }))).toBe('same-person');

  const commandLine = { commandLine: both.person, requestId: 'command-line' };
  expect(await office.run(approveApplication, commandLine, vote)).toMatchObject({
    refused: 'not-a-person',
    rule: 'R8',
  });
  expect(codeOf(await office.run(approveApplication, office.system('import'), vote))).toBe(
    'sign-in-required',
  );
  expect(codeOf(await office.run(approveApplication, office.anonymous(), vote))).toBe('sign-in-required');
  const onBehalf = { ...vote, onBehalfOf: other.person };
  expect(codeOf(await office.run(approveApplication, both, onBehalf))).toBe('unknown-field');

  // Another posting, as leader of the parent centre, does not make another person of them.
  const { posting } = await office.must(startPosting, security, {
    person: both.person,
    centre: office.county,
  });
  await office.must(assignOffice, security, { posting, office: 'approver' });
  await office.signIn(both);
  expect(codeOf(await office.run(approveApplication, both, vote))).toBe('same-person');

  const tried = refusals(await office.log(from)) as { code: string; act: string }[];
  expect(tried.filter((facts) => facts.code === 'same-person')).toHaveLength(4);
  expect(tried.filter((facts) => facts.code === 'not-a-person')).toHaveLength(1);
  expect(await office.reads.count('decision', { applicationId: sent.application })).toBe(0);
  expect(await office.stateOf(sent)).toBe('pending');
  expect(codeOf(await office.approve(other, sent))).toBe('done');
});

test('X6, R8: a service token decides nothing, whatever its person may', async () => {
  const office = await newOffice();
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester);
  const actor = (await actorOf(office.deps, leader.caller, office.clock.wall)) as Actor;
  const context = { deps: office.deps, now: office.clock.wall, prepared: undefined };
  const vote = { application: sent.application, termsHash: sent.termsHash, ...no };
  for (const through of ['service-token', 'command-line'] as const) {
    for (const act of [approveApplication, denyApplication]) {
      const prospect = await dryRun(act as typeof denyApplication, vote, {
        ...context,
        actor: { ...actor, through },
      });
      expect(prospect).toMatchObject({ allowed: false, refusal: { refused: 'not-a-person', rule: 'R8' } });
    }
  }
  expect(await dryRun(denyApplication, vote, { ...context, actor })).toMatchObject({ allowed: true });
});

test('X13–X15, R11–R13: votes repeat harmlessly, turn only after withdrawal, and end with one denial', async () => {
  const office = await newOffice({}, ['sensitive']);
  const unitLeader = await office.unitLeader();
  await office.unitLeader();
  const leaders = [await office.leader(), await office.leader(), await office.leader()];
  const [first, second, third] = leaders as [typeof unitLeader, typeof unitLeader, typeof unitLeader];
  const stranger = await office.member({ centre: office.county, offices: ['requester'] });
  const sent = await office.apply(office.requester, office.terms({}, 'sensitive'));
  const vote = { application: sent.application, termsHash: sent.termsHash };

  // R9: the unit comes first.
  expect(await office.run(approveApplication, first, vote)).toMatchObject({
    refused: 'stage-not-reached',
    rule: 'R9',
  });
  // R1: who has no seat learns nothing.
  expect(codeOf(await office.run(approveApplication, stranger, vote))).toBe('office-missing');
  // Every approval needs the second factor, for exactly these terms.
  expect(codeOf(await office.run(approveApplication, unitLeader, vote))).toBe('step-up-required');
  await office.stepUp(unitLeader, 'approve-application', 'f'.repeat(64));
  expect(codeOf(await office.run(approveApplication, unitLeader, vote))).toBe('step-up-required');
  // X14: a vote for other terms is none.
  expect(
    await office.run(approveApplication, unitLeader, { ...vote, termsHash: 'f'.repeat(64) }),
  ).toMatchObject({
    refused: 'terms-changed',
    rule: 'R26',
  });

  expect(done(await office.approve(unitLeader, sent))).toMatchObject({
    state: 'pending',
    votes: 1,
    needed: 3,
  });
  expect(done(await office.approve(first, sent))).toMatchObject({ state: 'pending', votes: 2, needed: 3 });
  // X15: the same vote again is answered as before and writes nothing; another seat is refused.
  const before = await office.next();
  expect(done(await office.run(approveApplication, first, vote))).toMatchObject({ votes: 2 });
  expect(await office.next()).toBe(before);
  expect(await office.run(approveApplication, first, { ...vote, seat: 'U' })).toMatchObject({
    refused: 'already-voted',
    rule: 'R6',
  });
  // R13: an opposite decision needs the vote withdrawn first.
  expect(await office.run(denyApplication, first, { ...vote, ...no })).toMatchObject({
    refused: 'opposite-vote',
  });
  expect(done(await office.run(withdrawVote, first, { application: sent.application }))).toMatchObject({
    votes: 1,
  });
  expect(done(await office.approve(first, sent))).toMatchObject({ votes: 2 });
  expect(done(await office.run(withdrawVote, first, { application: sent.application }))).toMatchObject({
    votes: 1,
  });
  // R11: one reasoned denial by a person eligible in any stage closes it.
  expect(done(await office.run(denyApplication, third, { ...vote, ...no }))).toEqual({ state: 'denied' });
  expect(done(await office.run(denyApplication, third, { ...vote, ...no }))).toEqual({ state: 'denied' });
  // X13: what comes later is 409, and kept as a comment only.
  const from = await office.next();
  const late = await office.run(approveApplication, second, { ...vote, reason: '同意' });
  expect(late).toMatchObject({ refused: 'application-closed', rule: 'R12' });
  expect((await office.log(from)).map((entry) => entry.kind)).toEqual(['decision.recorded-late']);
  expect(await office.grantOf(sent)).toBeUndefined();
  expect(await office.stateOf(sent)).toBe('denied');
});

test('X16, R10, R14: a vote whose author lost the office counts no more, not even after a return', async () => {
  const office = await newOffice({}, ['sensitive']);
  const { security } = await office.setUp();
  const unitLeader = await office.unitLeader();
  await office.unitLeader();
  const leaders = [
    await office.leader(),
    await office.leader(),
    await office.leader(),
    await office.leader(),
  ];
  const [gone, second, third] = leaders as [typeof unitLeader, typeof unitLeader, typeof unitLeader];
  const sent = await office.apply(office.requester, office.terms({}, 'sensitive'));
  await office.approve(unitLeader, sent);
  await office.approve(gone, sent);
  const seat = await office.reads.one('assignment', {
    personId: gone.person,
    office: 'approver',
    endedSeq: null,
  });
  await office.must(removeOffice, security, { assignment: seat?.id, cause: 'ordinary' });
  expect(done(await office.approve(second, sent))).toMatchObject({ state: 'pending', votes: 2, needed: 3 });
  // R41: the return of the person brings no vote back.
  await office.must(assignOffice, security, { posting: gone.posting, office: 'approver' });
  expect(
    done(
      await office.run(approveApplication, second, {
        application: sent.application,
        termsHash: sent.termsHash,
      }),
    ),
  ).toMatchObject({ votes: 2 });
  expect(done(await office.approve(third, sent))).toMatchObject({ state: 'approved', votes: 3 });
  const counted = await office.reads.all('decision', { applicationId: sent.application, withdrawnSeq: null });
  expect(new Set(counted.map((one) => one.personId))).toEqual(
    new Set([unitLeader.person, second.person, third.person]),
  );
});

test('X13, 2.1: an application whose requester is gone is invalidated by the next event and grants nothing', async () => {
  const office = await newOffice();
  const { security } = await office.setUp();
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester);
  await office.must(suspendPerson, security, { person: office.requester.person, reason: '调查' });
  expect(codeOf(await office.approve(leader, sent))).toBe('application-closed');
  expect(await office.stateOf(sent)).toBe('invalidated');
  expect(await office.grantOf(sent)).toBeUndefined();
});

test('R1, R23–R30: what a submission must bring, and what it may not', async () => {
  const office = await newOffice({}, ['ordinary', 'sensitive']);
  const cleared = await office.member({
    centre: office.townA,
    unit: office.unitA,
    offices: ['requester'],
    clearance: 'ordinary',
  });
  // X18, R21: one leader cannot be k+1 where no parent has leaders.
  await office.leader();
  const tried = async (who: typeof cleared, terms: object) => {
    const created = await office.run(createApplication, who, terms);
    if (isRefusal(created)) return created;
    return office.run(submitApplication, who, { application: created.result.application });
  };
  expect(await tried(cleared, office.terms())).toMatchObject({ refused: 'nobody-to-decide', rule: 'R21' });
  await office.leader();
  expect(ruleOf(await tried(cleared, office.terms({ purposeCode: undefined })))).toBe('R23');
  expect(codeOf(await tried(cleared, office.terms({ purposeWords: undefined })))).toBe('purpose-missing');
  expect(codeOf(await tried(cleared, office.terms({ durationMs: 8 * 24 * 3_600_000 })))).toBe(
    'beyond-policy',
  );
  expect(codeOf(await tried(cleared, office.terms({}, 'sensitive')))).toBe('clearance-too-low');
  expect(codeOf(await tried(cleared, office.terms({ status: 'approved' })))).toBe('unknown-field');
  expect(codeOf(await tried(cleared, office.terms({ items: [] })))).toBe('bad-input');
  const twice = [{ item: office.item() }, { item: office.item() }];
  expect(codeOf(await tried(cleared, office.terms({ items: twice })))).toBe('bad-input');
  // X2: one foreign id among many answers as if none existed.
  const { townB } = await office.townships();
  const keeper = await office.member({ centre: townB, offices: ['custodian'] });
  const { item: foreign } = await office.takeIn(keeper);
  const mixed = [{ item: office.item() }, { item: foreign }];
  expect(codeOf(await tried(cleared, office.terms({ items: mixed })))).toBe('not-found');
  expect(codeOf(await tried(cleared, office.terms({ items: [{ item: foreign }] })))).toBe('not-found');
  // R24: nobody applies before signing.
  const unbound = await office.member({ centre: office.townA, offices: ['requester'], bound: false });
  expect(codeOf(await tried(unbound, office.terms()))).toBe('agreement-missing');
  // R30: the same terms sent twice are one application.
  const sent = await office.apply(cleared);
  const before = await office.reads.count('application', { state: 'pending' });
  expect(done((await tried(cleared, office.terms())) as never)).toMatchObject({
    application: sent.application,
  });
  expect(await office.reads.count('application', { state: 'pending' })).toBe(before);
  await office.must(withdrawApplication, cleared, { application: sent.application });
  expect(done((await tried(cleared, office.terms())) as never)).not.toMatchObject({
    application: sent.application,
  });
});
