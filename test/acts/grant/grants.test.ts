/** What a grant allows, when, to whom, and how it stops (approvals.md 2.2 and 3 E, F), over the real store. */
import { expect, test } from 'vitest';
import { dueWork } from '../../../src/acts/due-work.ts';
import { closeViewing } from '../../../src/acts/grant/close-viewing.ts';
import { confirmVote } from '../../../src/acts/grant/confirm-vote.ts';
import { expireGrant } from '../../../src/acts/grant/expire-grant.ts';
import { openViewing } from '../../../src/acts/grant/open-viewing.ts';
import { release } from '../../../src/acts/grant/release.ts';
import { relinquishGrant } from '../../../src/acts/grant/relinquish-grant.ts';
import { renewLease } from '../../../src/acts/grant/renew-lease.ts';
import { resumeGrant } from '../../../src/acts/grant/resume-grant.ts';
import { revokeGrant } from '../../../src/acts/grant/revoke-grant.ts';
import { suspendBySystem, suspendGrant } from '../../../src/acts/grant/suspend-grant.ts';
import { isLease, type Lease, leaseOf } from '../../../src/acts/lease.ts';
import { endPosting } from '../../../src/acts/people/end-posting.ts';
import { removeOffice } from '../../../src/acts/people/remove-office.ts';
import { update, type Write } from '../../../src/acts/ports/tables.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { codeOf, hour, newGranted, newOffice, type TestOffice } from '../application/office.ts';
import { done, type Member } from '../world.ts';

const why = { reasonCode: 'no-longer-needed', reason: '案件已结' };

/** Changes rows behind the back of every act, as whoever can write the database might (T1). */
async function tamper(office: TestOffice, writes: readonly Write[]) {
  const expected = await office.deps.ledger.head();
  const entry = { at: office.clock.wall, kind: 'integrity.alarm', actor: 'system:test', subjects: [] };
  await office.deps.ledger.commit({
    expected,
    entries: [{ ...entry, facts: { what: 'x' }, private: {} }],
    writes,
  });
}

async function lease(office: TestOffice, who: Member, viewing: string): Promise<Lease> {
  const got = await leaseOf(office.deps, who.caller, viewing as Lease['viewing']);
  if (isRefusal(got)) throw new Error(`No lease: ${got.refused}`);
  return got;
}

test('R31, R43, X21: the duration runs from the first use and ends at its instant, without a timer', async () => {
  const office = await newGranted();
  const { requester, grant, clock } = office;
  clock.turn(71 * hour);
  await office.signIn(requester);
  const opened = done(await office.open(requester, grant));
  expect(opened.notAfter).toBe(clock.wall + 2 * hour);
  clock.turn(2 * hour - 1);
  await office.signIn(requester);
  expect(codeOf(await office.open(requester, grant))).toBe('done');
  clock.turn(1);
  const from = await office.next();
  expect(codeOf(await office.open(requester, grant))).toBe('grant-ended');
  expect((await office.log(from)).map((entry) => [entry.kind, entry.facts.reason])).toEqual([
    ['grant.ended', 'expired'],
  ]);
  expect(await office.grantOf(office.sent)).toMatchObject({ state: 'ended', endReason: 'expired' });
});

test('X21: a fixed window opens at its start and not 1 ms before; unused, the grant ends at activate_by', async () => {
  const office = await newGranted({}, { notBefore: Date.UTC(2026, 2, 2, 20) });
  const { requester, grant, clock } = office;
  clock.turn(Date.UTC(2026, 2, 2, 20) - clock.wall - 1);
  await office.signIn(requester);
  expect(codeOf(await office.open(requester, grant))).toBe('grant-not-started');
  clock.turn(1);
  const input = { grant };
  expect(codeOf(await office.run(expireGrant, office.system(), input))).toBe('state-forbids');
  clock.turn(72 * hour);
  expect(await dueWork({ deps: office.deps, now: clock.wall }, false)).toEqual([
    { act: 'expire-grant', input },
  ]);
  expect(done(await office.run(expireGrant, office.system(), input))).toEqual({ state: 'ended' });
  expect(await office.grantOf(office.sent)).toMatchObject({ endReason: 'unused', startedAt: null });
});

test('R40, R1: nobody but the grantee learns of the grant or uses it, and only in the session that opened', async () => {
  const office = await newGranted();
  const { requester, grant, first } = office;
  const stranger = await office.member({ centre: office.townA, offices: ['requester'] });
  expect(codeOf(await office.open(stranger, grant))).toBe('not-found');
  expect(codeOf(await office.open(first, grant))).toBe('office-missing');
  expect(codeOf(await office.run(revokeGrant, stranger, { grant, ...why }))).toBe('office-missing');
  expect(codeOf(await office.open(requester, grant, (await office.takeIn(office.custodian)).item))).toBe(
    'not-found',
  );
  const opened = done(await office.open(requester, grant));
  await office.signIn(requester);
  const beat = { viewing: opened.viewing, secondsWatched: 1 };
  expect(codeOf(await office.run(renewLease, requester, beat))).toBe('not-found');
  expect(codeOf(await leaseOf(office.deps, requester.caller, opened.viewing))).toBe('not-found');
});

test('R39, L4.4, X20: a lease ends by itself, moves only by a renewal, and no byte follows a revocation', async () => {
  const office = await newGranted();
  const { requester, grant, clock } = office;
  const opened = done(await office.open(requester, grant));
  const held = await lease(office, requester, opened.viewing);
  expect([isLease(held), isLease({ ...held }), isLease({ live: () => true })]).toEqual([true, false, false]);
  const from = await office.next();
  const receipt = await release(office.deps, held, 0, 1024, 'r1');
  expect(isRefusal(receipt)).toBe(false);
  expect(await office.log(from)).toMatchObject([
    { kind: 'content.released', facts: { viewing: opened.viewing, grant, from: 0, to: 1024 } },
  ]);
  clock.turn(29_999);
  expect(held.live()).toBe(true);
  // R39: reading again lengthens nothing.
  const again = await lease(office, requester, opened.viewing);
  clock.turn(1);
  expect([held.live(), again.live()]).toEqual([false, false]);
  expect(codeOf(await release(office.deps, held, 0, 1, 'r2'))).toBe('viewing-ended');
  expect(codeOf(await leaseOf(office.deps, requester.caller, opened.viewing))).toBe('viewing-ended');
  expect(await held.regained(new AbortController().signal)).toBe(false);

  const beat = { viewing: opened.viewing, secondsWatched: 30 };
  const renewed = done(await office.run(renewLease, requester, beat));
  expect(renewed).toMatchObject({ leaseUntil: clock.wall + 30_000, secondsWatched: 30, now: clock.wall });
  expect(await held.regained(new AbortController().signal)).toBe(true);
  expect(held.live()).toBe(true);
  let connected = true;
  const streaming = held.under({ live: () => connected });
  expect(streaming.live()).toBe(true);
  connected = false;
  expect([streaming.live(), held.live()]).toEqual([false, true]);

  await office.must(revokeGrant, office.first, { grant, ...why });
  expect(office.live.endings).toContainEqual({ ends: 'grant', id: grant, reason: 'revoked' });
  expect(codeOf(await office.run(renewLease, requester, beat))).toBe('viewing-ended');
  expect(codeOf(await leaseOf(office.deps, requester.caller, opened.viewing))).toBe('viewing-ended');
  clock.turn(30_000);
  expect(await held.regained(new AbortController().signal)).toBe(false);
});

test('R36, I9: items are taken away one by one, and what is left stays open', async () => {
  const office = await newOffice();
  const leader = await office.leader();
  await office.leader();
  const { item: other } = await office.takeIn(office.custodian);
  const both = office.terms({ items: [{ item: office.item() }, { item: other }] });
  const sent = await office.apply(office.requester, both);
  const grant = done(await office.approve(leader, sent)).grant ?? ('' as never);
  const opened = done(await office.open(office.requester, grant, other));
  const narrowed = done(await office.run(revokeGrant, office.custodian, { grant, items: [other], ...why }));
  expect(narrowed).toEqual({ state: 'active', items: [office.item()] });
  expect(office.live.endings).toContainEqual({ ends: 'grant-item', id: grant, item: other });
  expect(codeOf(await office.open(office.requester, grant, other))).toBe('grant-ended');
  const beat = { viewing: opened.viewing, secondsWatched: 1 };
  expect(codeOf(await office.run(renewLease, office.requester, beat))).toBe('viewing-ended');
  expect(codeOf(await office.open(office.requester, grant))).toBe('done');
  // R36: the grantee may give it up.
  expect(done(await office.run(relinquishGrant, office.requester, { grant }))).toEqual({ state: 'ended' });
  expect(codeOf(await office.run(revokeGrant, leader, { grant, ...why }))).toBe('state-forbids');
});

test('L4.7: a grant row that says more than its log entries gives nothing', async () => {
  const office = await newGranted();
  const { requester, grant } = office;
  const row = await office.grantOf(office.sent);
  const { item: extra } = await office.takeIn(office.custodian);
  const changes = [
    update('grant', grant, { absoluteEnd: (row?.absoluteEnd ?? 0) + 1 }),
    update('grant', grant, { durationMs: 9 * hour }),
    update('grant', grant, { maxUses: 7 }),
    update('grant', grant, { stepUpAtStart: true }),
    update('grant', grant, { createdSeq: 3 }),
    update('grant', grant, { state: 'active', notAfter: office.clock.wall + 900 * hour }),
    {
      insert: 'grantItem',
      row: { id: `${grant}/${extra}`, grantId: grant, itemId: extra, endedSeq: null },
    } as Write,
  ];
  for (const change of changes) {
    await tamper(office, [change]);
    const tried = await office.open(requester, grant, 'insert' in change ? extra : office.item());
    expect([change, codeOf(tried)]).toEqual([change, 'integrity']);
    if (row && 'update' in change) {
      const { id: _, ...columns } = row;
      await tamper(office, [update('grant', grant, columns)]);
      expect(codeOf(await office.run(resumeGrant, office.first, { grant }))).toBe('state-forbids');
    }
  }
});

test('X19, I8, table 4: a sensitive grant asks for the second factor, opens once, and ends with its last use', async () => {
  const office = await newOffice({}, ['sensitive']);
  const unitLeader = await office.unitLeader();
  await office.unitLeader();
  const leaders = [await office.leader(), await office.leader(), await office.leader()];
  const sent = await office.apply(office.requester, office.terms({}, 'sensitive'));
  for (const who of [unitLeader, ...leaders.slice(0, 2)]) await office.approve(who, sent);
  const grant = (await office.grantOf(sent))?.id ?? ('' as never);
  expect(codeOf(await office.open(office.requester, grant))).toBe('step-up-required');
  await office.stepUp(office.requester, 'open-viewing', sent.termsHash);
  const tries = await Promise.all(Array.from({ length: 64 }, () => office.open(office.requester, grant)));
  const codes = tries.map(codeOf);
  expect(codes.filter((code) => code === 'done')).toHaveLength(1);
  expect(codes.filter((code) => code === 'used-up')).toHaveLength(63);
  const opened = done(tries.find((one) => !isRefusal(one)) ?? (tries[0] as never));
  // The last use may be watched to its end.
  const beat = { viewing: opened.viewing, secondsWatched: 0 };
  expect(codeOf(await office.run(renewLease, office.requester, beat))).toBe('done');
  await office.must(closeViewing, office.requester, { ...beat, bytes: 10 });
  expect(await office.grantOf(sent)).toMatchObject({ state: 'ended', endReason: 'used-up', uses: 1 });
  expect(codeOf(await office.open(office.requester, grant))).toBe('used-up');
});

test('X16, R14, R15: a vote that is missing before the start stops it until another person confirms', async () => {
  const office = await newGranted();
  const { security } = await office.setUp();
  const { requester, grant, first, second, sent } = office;
  const third = await office.leader();
  const seatOf = async (who: Member) =>
    office.reads.one('assignment', { personId: who.person, office: 'approver', endedSeq: null });
  await office.must(removeOffice, security, { assignment: (await seatOf(first))?.id, cause: 'ordinary' });
  expect(await office.open(requester, grant)).toMatchObject({ refused: 'votes-short', rule: 'R14' });
  expect(await office.grantOf(sent)).toMatchObject({ state: 'scheduled' });
  const confirm = { grant, termsHash: sent.termsHash };
  expect(codeOf(await office.run(confirmVote, second, { ...confirm, termsHash: 'e'.repeat(64) }))).toBe(
    'terms-changed',
  );
  expect(codeOf(await office.run(confirmVote, second, confirm))).toBe('step-up-required');
  await office.stepUp(second, 'confirm-vote', sent.termsHash);
  expect(done(await office.run(confirmVote, second, confirm))).toMatchObject({
    state: 'scheduled',
    votes: 1,
  });
  expect(codeOf(await office.run(confirmVote, third, confirm))).toBe('state-forbids');
  expect(codeOf(await office.open(requester, grant))).toBe('done');
  // R15: removal for cause suspends what runs, until another person confirms and a role resumes it.
  await office.must(removeOffice, security, { assignment: (await seatOf(second))?.id, cause: 'for-cause' });
  expect(codeOf(await office.open(requester, grant))).toBe('grant-suspended');
  expect(await office.run(resumeGrant, third, { grant })).toMatchObject({
    refused: 'votes-short',
    rule: 'R15',
  });
  await office.leader();
  await office.stepUp(third, 'confirm-vote', sent.termsHash);
  expect(done(await office.run(confirmVote, third, confirm))).toMatchObject({ state: 'suspended' });
  expect(done(await office.run(resumeGrant, third, { grant }))).toEqual({ state: 'active' });
  expect(codeOf(await office.open(requester, grant))).toBe('done');
});

test('R32, R40: suspension stops at once, is lifted by no grantee, and gives no time back', async () => {
  const office = await newGranted();
  const { requester, grant, first, clock, sent } = office;
  const opened = done(await office.open(requester, grant));
  expect(codeOf(await office.run(suspendGrant, first, { grant, ...why }))).toBe('done');
  expect(office.live.endings).toContainEqual({ ends: 'grant', id: grant, reason: 'suspended' });
  expect(codeOf(await office.open(requester, grant))).toBe('grant-suspended');
  expect(codeOf(await office.run(resumeGrant, requester, { grant }))).toBe('office-missing');
  clock.turn(hour);
  await office.signIn(first);
  expect(done(await office.run(resumeGrant, first, { grant }))).toEqual({ state: 'active' });
  expect(await office.grantOf(sent)).toMatchObject({ notAfter: opened.notAfter });
  await office.must(suspendGrant, first, { grant, ...why });
  clock.turn(hour);
  await office.signIn(first);
  expect(codeOf(await office.run(resumeGrant, first, { grant }))).toBe('grant-ended');
});

test('R46: while the clock is behind, running grants stop, nothing widens, and ending still works', async () => {
  const office = await newGranted();
  const { requester, grant, first, clock } = office;
  done(await office.open(requester, grant));
  clock.jump(-10_000);
  const now = (await office.deps.ledger.head()).at;
  const work = await dueWork({ deps: office.deps, now }, true);
  expect(work).toEqual([{ act: 'suspend-by-system', input: { grant, cause: 'clock-fault' } }]);
  expect(codeOf(await office.open(requester, grant))).toBe('clock-suspect');
  expect(done(await office.run(suspendBySystem, office.system(), work[0]?.input))).toEqual({
    state: 'suspended',
  });
  expect(codeOf(await office.run(resumeGrant, first, { grant }))).toBe('clock-suspect');
  expect(done(await office.run(revokeGrant, first, { grant, ...why }))).toMatchObject({ state: 'ended' });
});

test('C1, R41: the end of a posting ends its grants, and a return revives none', async () => {
  const office = await newGranted();
  const { security } = await office.setUp();
  const { requester, grant, sent } = office;
  done(await office.open(requester, grant));
  await office.must(endPosting, security, { posting: requester.posting });
  expect(await office.grantOf(sent)).toMatchObject({ state: 'ended', endReason: 'offboarded' });
  await office.signIn(requester);
  expect(codeOf(await office.open(requester, grant))).toBe('not-posted');
});

test('R33–R35: a request over the same items is a link; its first use ends the grant it extends and no other', async () => {
  const office = await newGranted();
  const { requester, first, grant, sent } = office;
  const { item: other } = await office.takeIn(office.custodian);
  const aside = await office.apply(requester, office.terms({ items: [{ item: other }] }));
  done(await office.approve(first, aside));
  done(await office.open(requester, grant));
  const next = await office.apply(requester, office.terms({ durationMs: 3 * hour }));
  done(await office.approve(first, next));
  const extension = await office.grantOf(next);
  expect(extension).toMatchObject({ chainLinks: 1 });
  expect(await office.grantOf(sent)).toMatchObject({ state: 'active' });
  expect(
    codeOf(await office.run(openViewing, requester, { grant: extension?.id, item: office.item() })),
  ).toBe('done');
  expect(await office.grantOf(sent)).toMatchObject({ state: 'ended', endReason: 'superseded' });
  expect(await office.grantOf(aside)).toMatchObject({ state: 'scheduled', chainLinks: 0 });
  // R33: beyond two links one more seat, of the parent centre, is asked for.
  const third = await office.apply(requester, office.terms({ durationMs: hour }));
  expect(done(await office.approve(first, third))).toMatchObject({ needed: 1 });
  const above = [
    await office.member({ centre: office.county, offices: ['approver'] }),
    await office.member({ centre: office.county, offices: ['approver'] }),
  ];
  const fourth = await office.apply(requester, office.terms({ durationMs: hour / 2 }));
  expect(done(await office.approve(first, fourth))).toMatchObject({ needed: 2, state: 'pending' });
  expect(done(await office.approve(above[0] as Member, fourth))).toMatchObject({ state: 'approved' });
});
