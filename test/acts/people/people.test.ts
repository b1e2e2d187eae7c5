import { describe, expect, it } from 'vitest';
import { actorOf } from '../../../src/acts/actor.ts';
import { addAccount } from '../../../src/acts/people/add-account.ts';
import { assignOffice } from '../../../src/acts/people/assign-office.ts';
import { confirmPerson } from '../../../src/acts/people/confirm-person.ts';
import { createCentre } from '../../../src/acts/people/create-centre.ts';
import { createPerson } from '../../../src/acts/people/create-person.ts';
import { createUnit } from '../../../src/acts/people/create-unit.ts';
import { endPosting } from '../../../src/acts/people/end-posting.ts';
import { endSessions } from '../../../src/acts/people/end-sessions.ts';
import { reinstatePerson } from '../../../src/acts/people/reinstate-person.ts';
import { removeOffice } from '../../../src/acts/people/remove-office.ts';
import { resetPassword } from '../../../src/acts/people/reset-password.ts';
import { startPosting } from '../../../src/acts/people/start-posting.ts';
import { suspendPerson } from '../../../src/acts/people/suspend-person.ts';
import { asId, type CentreId } from '../../../src/domain/ids.ts';
import { done, type Member, sharedWorld, type World } from '../world.ts';
import { plantCase } from './plant.ts';

const shared = sharedWorld();

const personInput = (centre: CentreId, account: string) => ({
  centre,
  name: '刘新',
  home: '龙泉县公安局',
  clearance: 'ordinary',
  account,
});

/** Offices that the member may use now, or the code of the refusal. */
async function officesNow(world: World, member: Member) {
  const actor = await actorOf(world.deps, member.caller, world.clock.wall);
  return 'refused' in actor ? actor.refused : actor.seats.map(({ office }) => office);
}

describe('entering people', () => {
  it('R54, X5: it takes an administrator and an officer: until the confirmation nobody signs in', async () => {
    const { world } = shared;
    const { administrator, security, centre } = await world.setUp();
    expect(await world.run(createPerson, security, personInput(centre, 'liu1'))).toMatchObject({
      refused: 'office-missing',
    });
    const made = await world.must(createPerson, administrator, personInput(centre, 'liu1'));
    const signIn = () => world.signInAs('liu1', made.firstPassword);
    expect(await signIn()).toMatchObject({ refused: 'sign-in-failed' });
    expect(await world.run(confirmPerson, administrator, { person: made.person })).toMatchObject({
      refused: 'office-missing',
    });
    await world.must(confirmPerson, security, { person: made.person });
    expect(done(await signIn()).mustChange).toBe(true);
  });

  it('L2.5: the log keeps names and home apart from what everyone may read', async () => {
    const { world } = shared;
    const { administrator, centre } = await world.setUp();
    const from = await world.next();
    await world.must(createPerson, administrator, { ...personInput(centre, 'liu2'), name: '刘秘密名' });
    const [created] = await world.log(from);
    expect(Object.keys(created!.private)).toEqual(['accountName', 'home', 'name']);
    expect(JSON.stringify(created)).not.toContain('刘秘密名');
  });

  it.each([
    ['LIU3', 'name-taken'],
    [' liu3 ', 'name-taken'],
    ['ｌｉｕ３', 'name-taken'],
    ['li\u200bu3', 'bad-input'],
    ['liu\u202e3', 'bad-input'],
    ['liи3', 'bad-input'],
    ['liu 3', 'bad-input'],
  ])('R5: an account name that may be taken for another is refused (%j)', async (account, code) => {
    const { world } = shared;
    const { administrator, centre } = await world.setUp();
    await world.run(createPerson, administrator, personInput(centre, 'liu3'));
    const before = await world.reads.count('person', {});
    expect(await world.run(createPerson, administrator, personInput(centre, account))).toMatchObject({
      refused: code,
      rule: 'R5',
    });
    expect(await world.reads.count('person', {})).toBe(before);
  });

  it('R5: 8 persons at once with one account name leave one', async () => {
    const { world } = shared;
    const { administrator, centre } = await world.setUp();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => world.run(createPerson, administrator, personInput(centre, 'liu4'))),
    );
    expect(outcomes.filter((outcome) => 'result' in outcome)).toHaveLength(1);
    expect(await world.reads.count('account', { nameKey: 'liu4' })).toBe(1);
  });

  it.each(['role', 'state', 'epoch', 'createdAt', 'constructor', '__proto__'])(
    'X4, R29: a body with the field %s is refused',
    async (field) => {
      const { world } = shared;
      const { administrator, centre } = await world.setUp();
      const body = JSON.parse(JSON.stringify(personInput(centre, 'liu5')).replace('{', `{"${field}":"x",`));
      expect(await world.run(createPerson, administrator, body)).toMatchObject({ refused: 'unknown-field' });
      expect(await world.reads.count('account', { nameKey: 'liu5' })).toBe(0);
    },
  );

  it('nobody without the office makes the service hash a password', async () => {
    const { world } = shared;
    const { centre } = await world.setUp();
    const requester = await world.member({ offices: ['requester'] });
    const hashed = world.passwords.hashed;
    const outcomes = [
      await world.run(createPerson, requester, personInput(centre, 'liu6')),
      await world.run(resetPassword, requester, { account: requester.account }),
      await world.run(addAccount, requester, { person: requester.person, account: 'liu7' }),
    ];
    for (const outcome of outcomes) expect(outcome).toMatchObject({ refused: 'office-missing' });
    expect(world.passwords.hashed).toBe(hashed);
  });
});

describe('the reach of officers', () => {
  it('X1, R1: persons, postings and units of another centre do not exist for an officer', async () => {
    const { world } = shared;
    const { townA, townB } = await world.townships();
    const officer = await world.member({ centre: townA, offices: ['security-officer'] });
    const administrator = await world.member({ centre: townA, offices: ['system-administrator'] });
    const stranger = await world.member({ centre: townB, offices: ['requester'] });
    const seat = (await world.reads.one('assignment', { personId: stranger.person }))!;
    const nowhere = asId<'person'>(world.chance.id());
    const outcomes = [
      await world.run(suspendPerson, officer, { person: stranger.person, reason: 'x' }),
      await world.run(suspendPerson, officer, { person: nowhere, reason: 'x' }),
      await world.run(confirmPerson, officer, { person: stranger.person }),
      await world.run(endSessions, officer, { person: stranger.person }),
      await world.run(resetPassword, officer, { account: stranger.account }),
      await world.run(startPosting, officer, { person: stranger.person, centre: townA }),
      await world.run(startPosting, officer, { person: officer.person, centre: townB }),
      await world.run(endPosting, officer, { posting: stranger.posting }),
      await world.run(assignOffice, officer, { posting: stranger.posting, office: 'custodian' }),
      await world.run(removeOffice, officer, { assignment: seat.id, cause: 'ordinary' }),
      await world.run(createUnit, officer, { centre: townB, name: '甲' }),
      await world.run(createCentre, officer, { parent: townB, name: '村' }),
      await world.run(createPerson, administrator, personInput(townB, 'liu8')),
      await world.run(addAccount, administrator, { person: stranger.person, account: 'liu9' }),
    ];
    for (const outcome of outcomes) expect(outcome).toEqual({ refused: 'not-found', rule: 'R1' });
    expect(await officesNow(world, stranger)).toEqual(['requester']);
  });

  it('C1, C2: the county reaches the townships below it, and a centre reaches whoever is posted to it', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const { townA, townB } = await world.townships();
    const guest = await world.member({ centre: townA, offices: ['requester'] });
    const { posting } = await world.must(startPosting, security, { person: guest.person, centre: townB });
    const officer = await world.member({ centre: townB, offices: ['security-officer'] });
    await world.must(assignOffice, officer, { posting, office: 'custodian' });
    await world.must(endSessions, officer, { person: guest.person });
    expect(
      await world.run(assignOffice, officer, { posting: guest.posting, office: 'custodian' }),
    ).toMatchObject({
      refused: 'not-found',
    });
  });

  it('X2: a unit of another centre is not found', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const { townA, unitB } = await world.townships();
    const member = await world.member({ centre: townA, offices: ['requester'] });
    const wrong = { refused: 'not-found', rule: 'R1' };
    expect(
      await world.run(startPosting, security, { person: member.person, centre: townA, unit: unitB }),
    ).toEqual(wrong);
    expect(
      await world.run(assignOffice, security, { posting: member.posting, office: 'approver', unit: unitB }),
    ).toEqual(wrong);
  });
});

describe('postings and offices', () => {
  it('C1, R43: an office works exactly while its posting runs', async () => {
    const { world } = shared;
    const { security, centre } = await world.setUp();
    const member = await world.member();
    const startsAt = world.clock.wall + 60_000;
    const { posting } = await world.must(startPosting, security, {
      person: member.person,
      centre,
      startsAt,
      endsAt: startsAt + 60_000,
    });
    await world.must(assignOffice, security, { posting, office: 'requester' });
    await world.signIn(member);
    world.clock.turn(59_999);
    expect(await officesNow(world, member)).toEqual([]);
    world.clock.turn(1);
    expect(await officesNow(world, member)).toEqual(['requester']);
    world.clock.turn(59_999);
    expect(await officesNow(world, member)).toEqual(['requester']);
    world.clock.turn(1);
    expect(await officesNow(world, member)).toEqual([]);
  });

  it('C1, R37, X5: the end of a posting ends its offices and all sessions at once', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: ['requester', 'custodian'] });
    const from = await world.next();
    expect(await world.must(endPosting, security, { posting: member.posting })).toEqual({ offices: 2 });
    expect(await officesNow(world, member)).toBe('sign-in-required');
    expect(world.live.endings.at(-1)).toEqual({
      ends: 'person',
      id: member.person,
      reason: 'posting-ended',
    });
    const kinds = (await world.log(from)).map(({ kind }) => kind);
    expect(kinds).toEqual(['posting.ended', 'role.removed', 'role.removed']);
    await world.signIn(member);
    expect(await officesNow(world, member)).toEqual([]);
    const intake = await world.run(createUnit, member, { centre: member.centre, name: '丙' });
    expect(intake).toMatchObject({ refused: 'not-posted' });
    const before = await world.next();
    await world.must(endPosting, security, { posting: member.posting });
    expect(await world.next()).toBe(before);
  });

  it('X40: a change of rights ends the sessions that were there before it', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: ['requester'] });
    const { assignment } = await world.must(assignOffice, security, {
      posting: member.posting,
      office: 'custodian',
    });
    expect(await officesNow(world, member)).toBe('sign-in-required');
    await world.signIn(member);
    expect(await officesNow(world, member)).toHaveLength(2);
    await world.must(removeOffice, security, { assignment, cause: 'ordinary' });
    expect(await officesNow(world, member)).toBe('sign-in-required');
    await world.signIn(member);
    expect(await officesNow(world, member)).toEqual(['requester']);
  });

  it('an office that is given again is the same office, and an ended posting takes none', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: ['requester'] });
    const give = { posting: member.posting, office: 'custodian' };
    const first = await world.must(assignOffice, security, give);
    const before = await world.next();
    expect(await world.must(assignOffice, security, give)).toEqual(first);
    expect(await world.next()).toBe(before);
    await world.must(endPosting, security, { posting: member.posting });
    expect(await world.run(assignOffice, security, give)).toMatchObject({ refused: 'state-forbids' });
  });
});

describe('suspension', () => {
  it('R37, X5: a suspended person is out at once and cannot come back in', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: ['requester'] });
    await world.must(suspendPerson, security, { person: member.person, reason: '核查' });
    expect(await officesNow(world, member)).toBe('sign-in-required');
    expect(await world.signInAs(member.name, member.password)).toMatchObject({ refused: 'sign-in-failed' });
    expect(world.live.endings.at(-1)).toMatchObject({ ends: 'person', id: member.person });
    const posted = { person: member.person, centre: member.centre };
    expect(await world.run(startPosting, security, posted)).toMatchObject({ refused: 'state-forbids' });
  });

  it('R41: nothing revives: old sessions and grants stay ended after a return', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: ['requester'] });
    const { grant } = await plantCase(world, member, { grant: 'active' });
    const from = await world.next();
    await world.must(suspendPerson, security, { person: member.person, reason: '核查' });
    expect((await world.log(from)).map(({ kind }) => kind)).toEqual(['person.suspended', 'grant.suspended']);
    expect(await world.reads.one('grant', { id: grant })).toMatchObject({ state: 'suspended' });
    expect(world.live.endings).toContainEqual({ ends: 'grant', id: grant, reason: 'suspended' });
    await world.must(reinstatePerson, security, { person: member.person, reason: '核查完毕' });
    expect(await officesNow(world, member)).toBe('sign-in-required');
    expect(await world.reads.one('grant', { id: grant })).toMatchObject({ state: 'suspended' });
    await world.signIn(member);
    expect(await officesNow(world, member)).toEqual(['requester']);
  });

  it('R14, R41: votes that still decide something are struck out for good; votes under a running grant stay', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const requester = await world.member({ offices: ['requester'] });
    const approver = await world.member({ offices: ['approver'] });
    const pending = await plantCase(world, requester, { state: 'pending', vote: approver });
    const waiting = await plantCase(world, requester, { grant: 'scheduled', vote: approver });
    const running = await plantCase(world, requester, { grant: 'active', vote: approver });
    const denied = await plantCase(world, requester, { state: 'denied', vote: approver });
    const from = await world.next();
    await world.must(suspendPerson, security, { person: approver.person, reason: '核查' });
    await world.must(reinstatePerson, security, { person: approver.person, reason: '核查完毕' });
    const struck = async (vote: string) =>
      (await world.reads.one('decision', { id: vote }))?.withdrawnSeq !== null;
    const votes = [pending, waiting, running, denied].map(({ vote }) => struck(vote));
    expect(await Promise.all(votes)).toEqual([true, true, false, false]);
    const discounted = (await world.log(from)).filter(({ kind }) => kind === 'decision.discounted');
    expect(discounted.map(({ facts }) => facts.decision).toSorted()).toEqual(
      [pending.vote, waiting.vote].toSorted(),
    );
    expect(await world.reads.one('grant', { id: running.grant })).toMatchObject({ state: 'active' });
  });

  it('R15: an approver removed for cause leaves running grants suspended; an ordinary removal leaves them alone', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const requester = await world.member({ offices: ['requester'] });
    for (const [cause, state] of [
      ['ordinary', 'active'],
      ['for-cause', 'suspended'],
    ] as const) {
      const approver = await world.member({ offices: ['approver'] });
      const seat = (await world.reads.one('assignment', { personId: approver.person }))!;
      const { grant } = await plantCase(world, requester, { grant: 'active', vote: approver });
      await world.must(removeOffice, security, { assignment: seat.id, cause });
      expect(await world.reads.one('grant', { id: grant })).toMatchObject({ state });
    }
  });

  it('C1, R41: a grant that was applied for under a posting ends with it', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: ['requester'] });
    const { grant } = await plantCase(world, member, { grant: 'active' });
    await world.must(endPosting, security, { posting: member.posting });
    expect(await world.reads.one('grant', { id: grant })).toMatchObject({
      state: 'ended',
      endReason: 'offboarded',
    });
    expect(world.live.endings).toContainEqual({ ends: 'grant', id: grant, reason: 'offboarded' });
  });

  it('R46: while the clock is in doubt people are suspended, but none is confirmed or reinstated', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member();
    world.clock.jump(-60_000);
    try {
      await world.must(suspendPerson, security, { person: member.person, reason: '核查' });
      const back = { person: member.person, reason: '核查完毕' };
      expect(await world.run(reinstatePerson, security, back)).toMatchObject({ refused: 'clock-suspect' });
    } finally {
      world.clock.jump(60_000);
    }
  });

  it('P13: suspensions and a return at once leave the state that the last entry names', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member();
    const from = await world.next();
    await Promise.all([
      world.run(suspendPerson, security, { person: member.person, reason: '甲' }),
      world.run(reinstatePerson, security, { person: member.person, reason: '乙' }),
      world.run(suspendPerson, security, { person: member.person, reason: '丙' }),
    ]);
    const person = await world.reads.one('person', { id: member.person });
    const last = (await world.log(from)).at(-1)!;
    expect(last.facts.toState).toBe(person!.state);
  });
});
