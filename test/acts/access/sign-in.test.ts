import { describe, expect, it } from 'vitest';
import { signIn } from '../../../src/acts/access/sign-in.ts';
import { signOut } from '../../../src/acts/access/sign-out.ts';
import { signOutEverywhere } from '../../../src/acts/access/sign-out-everywhere.ts';
import { actorOf } from '../../../src/acts/actor.ts';
import { addAccount } from '../../../src/acts/people/add-account.ts';
import { createPerson } from '../../../src/acts/people/create-person.ts';
import { endSessions } from '../../../src/acts/people/end-sessions.ts';
import { suspendPerson } from '../../../src/acts/people/suspend-person.ts';
import { sha256Hex } from '../../../src/crypto/digest.ts';
import { asId } from '../../../src/domain/ids.ts';
import { done, sharedWorld, type World } from '../world.ts';

/** Who acts by this session, or the code of the refusal. */
async function actorBy(world: World, session: string) {
  const caller = { session: asId<'session'>(session), requestId: 'r' };
  const actor = await actorOf(world.deps, caller, world.clock.wall);
  return 'refused' in actor ? actor.refused : actor.person;
}

const shared = sharedWorld();

/** Five spellings of one name: case, blanks, full width, invisible characters. */
const spelled = (name: string) => [
  name,
  name.toUpperCase(),
  ` ${name.slice(0, 1)} ${name.slice(1)} `,
  [...name].map((sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)).join(''),
  `${name}\u200b`,
];

describe('signing in', () => {
  it('X40: every sign-in makes a new session, and only the SHA-256 of its token is stored', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const before = security.session;
    const first = done(await world.signInAs(security.name, security.password));
    const second = done(await world.signInAs(security.name, security.password));
    expect(new Set([before, first.session, second.session]).size).toBe(3);
    expect(first.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(first.session).toBe(sha256Hex(first.token));
    const rows = JSON.stringify(await world.reads.all('session', {}));
    for (const { token } of [first, second]) expect(rows).not.toContain(token);
    expect(JSON.stringify(await world.log())).not.toContain(first.token);
    expect(first.endsAt).toBe(world.clock.wall + world.deps.settings.sessionEndMs);
  });

  it('X40: a session that somebody planted beforehand does not become a session by signing in', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const planted = asId<'session'>(sha256Hex('planted'));
    const input = { name: security.name, password: security.password };
    const bySession = await world.run(signIn, { session: planted, requestId: 'r' }, input);
    expect(bySession).toMatchObject({ refused: 'sign-in-required' });
    const outcome = done(await world.run(signIn, world.anonymous(), input));
    expect(outcome.session).not.toBe(planted);
    expect(await actorBy(world, planted)).toBe('sign-in-required');
  });

  it('X44: an unknown name, a wrong password and a person who may not sign in get one answer for the same work', async () => {
    const { world } = shared;
    const { administrator, centre, security: chief } = await world.setUp();
    const security = await world.member({ offices: ['security-officer'] });
    const pending = await world.must(createPerson, administrator, {
      centre,
      name: '王等',
      home: '县',
      clearance: 'ordinary',
      account: 'pending',
    });
    const suspended = await world.member({ name: 'suspended' });
    await world.must(suspendPerson, chief, { person: suspended.person, reason: '核查' });
    const tries: [string, string][] = [
      ['nobody', 'plum rain on tiles 2'],
      [security.name, 'not the password of so'],
      ['pending', pending.firstPassword],
      ['suspended', suspended.password],
      [`\u200b${security.name}`, security.password],
      [`u ${security.name.slice(1)}`, security.password],
    ];
    const answers = [];
    const before = await world.next();
    for (const [name, password] of tries) {
      const verified = world.passwords.verified.length;
      answers.push(await world.signInAs(name, password));
      expect(world.passwords.verified.length).toBe(verified + 1);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toEqual({ refused: 'sign-in-failed', rule: 'X44' });
    expect(await world.next()).toBe(before);
    expect(await world.reads.count('session', { personId: security.person, endedAt: null })).toBe(1);
  });

  it('X45: one counter for every spelling of a name, known or not, and the owner is let in when the delay is over', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    for (const spellings of [spelled(security.name), spelled('none')]) {
      for (const name of spellings) {
        expect(await world.signInAs(name, 'wrong password here')).toMatchObject({
          refused: 'sign-in-failed',
        });
      }
      const verified = world.passwords.verified.length;
      const blocked = await world.signInAs(spellings[1]!, security.password);
      expect(blocked).toEqual({ refused: 'too-many-tries', rule: 'X45', retryAfter: 15 });
      expect(world.passwords.verified.length).toBe(verified);
    }
    world.clock.turn(15_000);
    done(await world.signInAs(security.name, security.password));
    for (let miss = 0; miss < 4; miss++) await world.signInAs(security.name, 'wrong password here');
    done(await world.signInAs(security.name, security.password));
    expect(await actorBy(world, security.session)).toBe(security.person);
  });

  it('X45: no number of misses keeps the owner out for more than 15 minutes, and none ends a session', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    for (let misses = 0; misses < 40; misses++) {
      await world.signInAs(security.name, 'wrong password here');
      world.clock.turn(15 * 60_000);
    }
    const signed = done(await world.signInAs(security.name, security.password));
    expect(await actorBy(world, signed.session)).toBe(security.person);
  });

  it('a person has five sessions at once: the sixth ends the oldest, which is cut and written down', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const sessions = [security.session];
    for (let more = 0; more < 4; more++) {
      world.clock.turn(1000);
      sessions.push(done(await world.signInAs(security.name, security.password)).session);
    }
    world.clock.turn(1000);
    const from = await world.next();
    const sixth = done(await world.signInAs(security.name, security.password));
    expect(sixth.ended).toBe(1);
    expect(await actorBy(world, sessions[0]!)).toBe('sign-in-required');
    for (const session of [...sessions.slice(1), sixth.session]) {
      expect(await actorBy(world, session)).toBe(security.person);
    }
    expect(world.live.endings).toContainEqual({ ends: 'session', id: sessions[0] });
    expect((await world.log(from)).map(({ kind }) => kind)).toEqual(['session.opened', 'session.ended']);
  });

  it('R5: a second account signs the same person in', async () => {
    const { world } = shared;
    const { administrator } = await world.setUp();
    const member = await world.member();
    const added = await world.must(addAccount, administrator, { person: member.person, account: 'second' });
    const signed = done(await world.signInAs('second', added.firstPassword));
    expect(signed.person).toBe(member.person);
    expect(signed.mustChange).toBe(true);
  });
});

describe('ending sessions', () => {
  it('R37: signing out ends this session alone', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const other = done(await world.signInAs(security.name, security.password));
    await world.must(signOut, security, {});
    expect(await actorBy(world, security.session)).toBe('sign-in-required');
    expect(await actorBy(world, other.session)).toBe(security.person);
    expect(world.live.endings).toContainEqual({ ends: 'session', id: security.session });
    expect(await world.run(signOut, security, {})).toMatchObject({ refused: 'sign-in-required' });
  });

  it('R37: signing out everywhere ends all of them, this one too', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const other = done(await world.signInAs(security.name, security.password));
    expect(await world.must(signOutEverywhere, security, {})).toEqual({ ended: 2 });
    for (const session of [security.session, other.session]) {
      expect(await actorBy(world, session)).toBe('sign-in-required');
    }
    expect(world.live.endings).toContainEqual({
      ends: 'person',
      id: security.person,
      reason: 'everywhere',
    });
    expect(await world.reads.count('session', { personId: security.person, endedAt: null })).toBe(0);
  });

  it('R37: the security officer ends the sessions of a person in reach; nobody else does', async () => {
    const { world } = shared;
    const { security, administrator } = await world.setUp();
    const member = await world.member({ offices: ['requester'] });
    expect(await world.run(endSessions, administrator, { person: member.person })).toMatchObject({
      refused: 'office-missing',
    });
    expect(await actorBy(world, member.session)).toBe(member.person);
    expect(await world.must(endSessions, security, { person: member.person })).toEqual({ ended: 1 });
    expect(await actorBy(world, member.session)).toBe('sign-in-required');
  });

  it('a session ends at its absolute end, to the millisecond', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const { endsAt, session } = await world.signIn(security);
    world.clock.turn(endsAt - world.clock.wall - 1);
    expect(await actorBy(world, session)).toBe(security.person);
    world.clock.turn(1);
    expect(await actorBy(world, session)).toBe('sign-in-required');
  });
});
