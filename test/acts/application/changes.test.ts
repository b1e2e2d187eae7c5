/** Revisions, offers, changed policies, deadlines and escalation (R19, R22 as data, R26, R27, R48, R51, X14, X17, X22). */
import { expect, test } from 'vitest';
import type { Actor } from '../../../src/acts/act.ts';
import { actorOf } from '../../../src/acts/actor.ts';
import { allowedOnApplication } from '../../../src/acts/allowed-acts.ts';
import { acceptOffer, declineOffer } from '../../../src/acts/application/answer-offer.ts';
import { counterApplication, offerHash } from '../../../src/acts/application/counter-application.ts';
import { escalateApplication } from '../../../src/acts/application/escalate-application.ts';
import { outlookOf } from '../../../src/acts/application/outlook.ts';
import { resubmitApplication } from '../../../src/acts/application/resubmit-application.ts';
import { returnApplication } from '../../../src/acts/application/return-application.ts';
import { termsInput } from '../../../src/acts/application/sealed-terms.ts';
import { expireApplication } from '../../../src/acts/application/timed-closing.ts';
import { dueWork } from '../../../src/acts/due-work.ts';
import { insert } from '../../../src/acts/ports/tables.ts';
import type { Terms } from '../../../src/domain/application.ts';
import { asId } from '../../../src/domain/ids.ts';
import type { Policy } from '../../../src/domain/policy.ts';
import { done, type Member } from '../world.ts';
import { codeOf, hour, newOffice, type TestOffice } from './office.ts';

const said = { reasonCode: 'unclear', reason: '请写明案号' };
const vote = (sent: { application: string; termsHash: string }) => ({
  application: sent.application,
  termsHash: sent.termsHash,
});

/** Puts a policy into force as an approved change of policy would: a row with its entry. */
async function putPolicy(office: TestOffice, more: Partial<Policy>) {
  const id = asId<'policy'>(office.chance.id());
  const row: Policy = {
    id,
    centreId: office.townA,
    kind: 'view',
    class: 'ordinary',
    version: 2,
    stages: '[{"group":"C","k":2}]',
    durationDefaultMs: hour,
    durationCapMs: 7 * 24 * hour,
    requestTtlMs: 72 * hour,
    slaMs: 24 * hour,
    startTtlMs: 72 * hour,
    stepUpAtStart: false,
    maxUses: null,
    createdSeq: 0,
    replacedSeq: null,
    ...more,
  };
  const expected = await office.deps.ledger.head();
  const { kind, class: itemClass, version } = row;
  await office.deps.ledger.commit({
    expected,
    entries: [
      {
        at: office.clock.wall,
        kind: 'policy.activated',
        actor: 'system:policy',
        subjects: [`policy:${id}`],
        facts: { policy: id, kind, class: itemClass, version, hash: '0'.repeat(64) },
        private: {},
      },
    ],
    writes: [insert('policy', row)],
  });
}

const contextOf = async (office: TestOffice, who: Member) => ({
  deps: office.deps,
  now: office.clock.wall,
  actor: (await actorOf(office.deps, who.caller, office.clock.wall)) as Actor,
  prepared: undefined,
});

test('R26, X14: a returned application comes back as a new revision on which no earlier vote counts', async () => {
  const office = await newOffice({}, ['restricted']);
  const unitLeader = await office.unitLeader();
  await office.unitLeader();
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester, office.terms({}, 'restricted'));
  await office.approve(unitLeader, sent);
  expect(done(await office.run(returnApplication, leader, { ...vote(sent), ...said }))).toEqual({
    state: 'returned',
  });
  expect(codeOf(await office.run(returnApplication, leader, { ...vote(sent), ...said }))).toBe('done');
  // While it is with the requester, nobody decides.
  expect(codeOf(await office.approve(leader, sent))).toBe('state-forbids');
  const again = done(
    await office.run(resubmitApplication, office.requester, {
      application: sent.application,
      terms: office.terms({ purposeWords: '案号 2026-17' }, 'restricted'),
    }),
  );
  expect(again.termsHash).not.toBe(sent.termsHash);
  expect(codeOf(await office.approve(unitLeader, sent))).toBe('terms-changed');
  expect(done(await office.approve(unitLeader, again))).toMatchObject({
    votes: 1,
    needed: 2,
    state: 'pending',
  });
  expect(done(await office.approve(leader, again))).toMatchObject({ state: 'approved' });
});

test("R27, X17: an offer only narrows, is the offerer's vote for its terms alone, and binds nobody until it is taken", async () => {
  const office = await newOffice();
  const offerer = await office.leader();
  const other = await office.leader();
  const sent = await office.apply(office.requester);
  const row = await office.reads.one('revision', { id: `${sent.application}/1` });
  const text = await office.deps.privacy.open(
    `application:${sent.application}`,
    'terms/1',
    row?.sealedTerms ?? new Uint8Array(),
  );
  const asked = JSON.parse(text ?? '') as Terms;
  const offer = async (who: Member, narrowing: object) => {
    const hash = offerHash(office.deps.digests, asked, narrowing);
    await office.stepUp(who, 'counter-application', String(hash));
    return office.run(counterApplication, who, { ...vote(sent), offer: narrowing, ...said });
  };
  expect(await offer(offerer, { durationMs: 3 * hour })).toMatchObject({
    refused: 'wider-than-asked',
    rule: 'R27',
  });
  expect(codeOf(await offer(offerer, {}))).toBe('wider-than-asked');
  expect(codeOf(await offer(office.requester, { durationMs: hour }))).toBe('office-missing');

  const first = done(await offer(offerer, { durationMs: hour }));
  // One open offer at a time.
  expect(codeOf(await offer(other, { durationMs: hour / 2 }))).toBe('state-forbids');
  const answer = { application: sent.application, offer: first.offer };
  expect(codeOf(await office.run(acceptOffer, other, answer))).toBe('office-missing');
  expect(done(await office.run(declineOffer, office.requester, answer))).toMatchObject({
    state: 'pending',
    revision: 1,
  });
  expect(codeOf(await office.run(acceptOffer, office.requester, answer))).toBe('state-forbids');

  const second = done(await offer(offerer, { durationMs: hour, maxUses: 1 }));
  const taken = done(
    await office.run(acceptOffer, office.requester, { application: sent.application, offer: second.offer }),
  );
  expect(taken).toMatchObject({ state: 'approved', revision: 2, termsHash: second.termsHash });
  expect(await office.grantOf(sent)).toMatchObject({
    durationMs: hour,
    maxUses: 1,
    termsHash: second.termsHash,
  });
  const counted = await office.reads.all('decision', { applicationId: sent.application, revision: 2 });
  expect(counted.map((one) => [one.personId, one.outcome, one.termsHash])).toEqual([
    [offerer.person, 'approved', second.termsHash],
  ]);
});

test('X22, R19: a tightened policy binds what waits, and a vote given before keeps its seat', async () => {
  const office = await newOffice();
  const leaders = [await office.leader(), await office.leader(), await office.leader()];
  const [first, second] = leaders as [Member, Member, Member];
  const sent = await office.apply(office.requester);
  await putPolicy(office, { durationCapMs: 7 * 24 * hour });
  expect(done(await office.approve(first, sent))).toMatchObject({ state: 'pending', votes: 1, needed: 2 });
  expect(done(await office.approve(second, sent))).toMatchObject({ state: 'approved' });
});

test('X22, R19: a loosened policy helps nothing that waits, and a shorter cap refuses approval', async () => {
  const office = await newOffice({}, ['restricted', 'ordinary']);
  const unitLeader = await office.unitLeader();
  await office.unitLeader();
  const leader = await office.leader();
  await office.leader();
  const strict = await office.apply(office.requester, office.terms({}, 'restricted'));
  const long = await office.apply(office.requester, office.terms({ durationMs: 20 * hour }, 'ordinary'));
  await putPolicy(office, { class: 'restricted', stages: '[{"group":"C","k":1}]' });
  await putPolicy(office, { stages: '[{"group":"C","k":1}]', durationCapMs: 10 * hour });
  expect(codeOf(await office.approve(leader, strict))).toBe('stage-not-reached');
  expect(codeOf(await office.approve(leader, long))).toBe('beyond-policy');
  await office.approve(unitLeader, strict);
  expect(done(await office.approve(leader, strict))).toMatchObject({ state: 'approved', needed: 2 });
});

test('X18, R18: under a policy without a stage nothing is applied for and nothing is decided', async () => {
  const office = await newOffice();
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester);
  await putPolicy(office, { stages: '[]' });
  await expect(office.apply(office.requester, office.terms({ durationMs: hour }))).rejects.toThrow(
    'nobody-to-decide',
  );
  expect(codeOf(await office.approve(leader, sent))).toBe('application-closed');
  expect(await office.stateOf(sent)).toBe('invalidated');
});

test('R20: items of two classes ask for the stages of both, and no vote is lent', async () => {
  const office = await newOffice({}, ['ordinary', 'restricted']);
  const unitLeader = await office.unitLeader();
  await office.unitLeader();
  const leader = await office.leader();
  await office.leader();
  const items = [{ item: office.item('ordinary') }, { item: office.item('restricted') }];
  const sent = await office.apply(office.requester, office.terms({ items }));
  // The leader fills the seat of the ordinary policy; that of the restricted one is not reached yet.
  expect(done(await office.approve(leader, sent))).toMatchObject({ votes: 1, needed: 3, state: 'pending' });
  await office.approve(unitLeader, sent);
  expect(done(await office.approve(leader, sent))).toMatchObject({ state: 'approved', votes: 3 });
});

test('R44, R48, R51, 2.1: deadlines escalate and end, at the instant, whether or not a timer came', async () => {
  const office = await newOffice({}, ['restricted']);
  const unitLeader = await office.unitLeader();
  await office.unitLeader();
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester, office.terms({}, 'restricted'));
  const input = { application: sent.application };
  const due = async () => dueWork({ deps: office.deps, now: office.clock.wall }, false);
  expect(await due()).toEqual([]);
  expect(codeOf(await office.run(expireApplication, office.system(), input))).toBe('state-forbids');
  expect(codeOf(await office.run(expireApplication, leader, input))).toBe('office-missing');

  office.clock.turn(24 * hour - 1);
  expect(await due()).toEqual([]);
  office.clock.turn(1);
  expect(await due()).toEqual([{ act: 'escalate-application', input }]);
  expect(done(await office.run(escalateApplication, office.system(), input))).toMatchObject({
    escalation: 1,
  });
  expect(await due()).toEqual([]);
  // The centre's leader stands in for the unit's, and the stage still asks for one person of its own.
  await office.signIn(leader);
  expect(done(await office.approve(leader, sent))).toMatchObject({ state: 'pending', votes: 1, needed: 2 });
  expect(await office.reads.one('application', { id: sent.application })).toMatchObject({
    stage: 1,
    escalation: 0,
  });

  office.clock.turn(48 * hour);
  expect(await due()).toEqual([{ act: 'expire-application', input }]);
  await office.signIn(unitLeader);
  // The timer is late: the vote itself finds the end.
  expect(codeOf(await office.approve(unitLeader, sent))).toBe('application-closed');
  expect(await office.stateOf(sent)).toBe('expired');
  expect(await due()).toEqual([]);
});

test('portal 1, 6: who would decide is shown before sending, and only what works is offered', async () => {
  const office = await newOffice();
  const leaders = [await office.leader(), await office.leader()];
  const [first, second] = leaders as [Member, Member];
  const context = await contextOf(office, office.requester);
  const outlook = await outlookOf(termsInput.parse(office.terms()), context);
  expect(outlook).toMatchObject({
    refusal: null,
    policies: [{ class: 'ordinary', stages: [{ group: 'C', needed: 1, given: 0 }] }],
  });
  expect('policies' in outlook && new Set(outlook.policies[0]?.stages[0]?.persons)).toEqual(
    new Set([first.person, second.person]),
  );
  const sent = await office.apply(office.requester);
  const before = await office.next();
  const offered = await allowedOnApplication(sent.application, await contextOf(office, first));
  expect(offered['approve-application']).toEqual({ allowed: true, stepUp: sent.termsHash });
  expect(offered['deny-application']).toEqual({ allowed: true, stepUp: null });
  expect(offered['withdraw-application']).toMatchObject({ allowed: false });
  const own = await allowedOnApplication(sent.application, await contextOf(office, office.requester));
  expect(own['withdraw-application']).toEqual({ allowed: true, stepUp: null });
  expect(own['approve-application']).toMatchObject({ allowed: false });
  expect(await office.next()).toBe(before);
});
