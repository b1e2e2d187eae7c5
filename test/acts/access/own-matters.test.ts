import { describe, expect, it } from 'vitest';
import { changePassword } from '../../../src/acts/access/change-password.ts';
import { proveStepUp } from '../../../src/acts/access/prove-step-up.ts';
import { signAgreement } from '../../../src/acts/access/sign-agreement.ts';
import type { Actor } from '../../../src/acts/act.ts';
import { actorOf } from '../../../src/acts/actor.ts';
import { createUnit } from '../../../src/acts/people/create-unit.ts';
import { publishAgreement } from '../../../src/acts/people/publish-agreement.ts';
import { resetPassword } from '../../../src/acts/people/reset-password.ts';
import { findStepUp } from '../../../src/acts/step-up-proof.ts';
import { done, type Member, sharedWorld, type World } from '../world.ts';

const terms = 'ab'.repeat(32);

async function actorBy(world: World, member: Member): Promise<Actor> {
  const actor = await actorOf(world.deps, member.caller, world.clock.wall);
  if ('refused' in actor) throw new Error(actor.refused);
  return actor;
}

const shared = sharedWorld();

describe('changing the password', () => {
  it('X40: all sessions end, a new one takes their place, and the old password is dead', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const other = done(await world.signInAs(security.name, security.password));
    const old = security.password;
    const next = 'nine green bottles hang';
    const from = await world.next();
    const made = await world.must(changePassword, security, { current: old, next });
    const open = await world.reads.all('session', { personId: security.person, endedAt: null });
    expect(open.map(({ id }) => id)).toEqual([made.session]);
    expect([security.session, other.session]).not.toContain(made.session);
    expect(await world.signInAs(security.name, old)).toMatchObject({ refused: 'sign-in-failed' });
    expect(done(await world.signInAs(security.name, next)).mustChange).toBe(false);
    expect((await world.log(from)).map(({ kind }) => kind).slice(0, 3)).toEqual([
      'password.changed',
      'sessions.ended',
      'session.opened',
    ]);
  });

  it('a weak password, the same again or one made of the words at hand is refused, and nothing changes', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'], name: 'dongdong' });
    for (const next of ['short', security.password, 'dongdong2026!', '张dongdong-2026']) {
      const outcome = await world.run(changePassword, security, { current: security.password, next });
      expect(outcome).toMatchObject({ refused: 'password-too-weak', fields: [{ pointer: '/next' }] });
    }
    done(await world.signInAs(security.name, security.password));
  });

  it('X46: guessing the current password is delayed from the fifth miss, apart from the sign-in page', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const next = 'nine green bottles hang';
    for (let miss = 0; miss < 5; miss++) {
      expect(await world.run(changePassword, security, { current: 'guess', next })).toMatchObject({
        refused: 'sign-in-failed',
      });
    }
    const blocked = await world.run(changePassword, security, { current: security.password, next });
    expect(blocked).toMatchObject({ refused: 'too-many-tries', retryAfter: 15 });
    done(await world.signInAs(security.name, security.password));
    for (let miss = 0; miss < 5; miss++) await world.signInAs(security.name, 'guess');
    world.clock.turn(15_000);
    await world.stepUp(security, 'create-unit', terms);
  });

  it('I21: a wrong password inside a session is in the log, by the act, without the password', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const from = await world.next();
    await world.run(proveStepUp, security, { act: 'raise-class', termsHash: terms, password: 'canary-word' });
    const entries = await world.log(from);
    expect(entries).toMatchObject([
      { kind: 'person.refused', facts: { act: 'prove-step-up', code: 'sign-in-failed' } },
    ]);
    expect(JSON.stringify(entries)).not.toContain('canary-word');
  });

  it('a handed-out password opens nothing but its own change', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const member = await world.member({ offices: ['security-officer'] });
    const { firstPassword } = await world.must(resetPassword, security, { account: member.account });
    expect(await world.run(createUnit, member, { centre: member.centre, name: '值班室' })).toMatchObject({
      refused: 'sign-in-required',
    });
    member.password = firstPassword;
    expect((await world.signIn(member)).mustChange).toBe(true);
    const unit = { centre: member.centre, name: '值班室' };
    expect(await world.run(createUnit, member, unit)).toMatchObject({ refused: 'password-change-needed' });
    const step = { act: 'raise-class', termsHash: terms, password: firstPassword };
    expect(await world.run(proveStepUp, member, step)).toMatchObject({ refused: 'password-change-needed' });
    const changed = await world.must(changePassword, member, {
      current: firstPassword,
      next: 'nine green bottles hang',
    });
    member.caller = { session: changed.session, requestId: 'r' };
    await world.must(createUnit, member, unit);
  });
});

describe('step-up', () => {
  it('R8: a proof holds in its own session, for its own act and terms, and until its end', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const { proof, until } = await world.stepUp(security, 'approve-application', terms);
    const actor = await actorBy(world, security);
    const find = (who: Actor, act: 'approve-application' | 'deny-application', hash: string, at: number) =>
      findStepUp(world.deps, who, act, hash, at);
    const { wall } = world.clock;
    expect(await find(actor, 'approve-application', terms, wall)).toBe(proof);
    expect(await find(actor, 'approve-application', terms, until - 1)).toBe(proof);
    const refused = { refused: 'step-up-required' };
    expect(await find(actor, 'approve-application', terms, until)).toMatchObject(refused);
    expect(await find(actor, 'deny-application', terms, wall)).toMatchObject(refused);
    expect(await find(actor, 'approve-application', 'cd'.repeat(32), wall)).toMatchObject(refused);
    await world.signIn(security);
    expect(await find(await actorBy(world, security), 'approve-application', terms, wall)).toMatchObject(
      refused,
    );
  });

  it('R8: the command line and the timer cannot prove it', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const step = { act: 'approve-application', termsHash: terms, password: security.password };
    const commandLine = { commandLine: security.person, requestId: 'r' };
    expect(await world.run(proveStepUp, commandLine, step)).toMatchObject({ refused: 'not-a-person' });
    expect(await world.run(proveStepUp, world.system(), step)).toMatchObject({ refused: 'not-a-person' });
    expect(await world.reads.count('stepUp', { personId: security.person })).toBe(0);
  });

  it.each([
    { act: 'no-such-act', termsHash: terms },
    { act: 'approve-application', termsHash: 'AB'.repeat(32) },
    { act: 'approve-application', termsHash: terms, usedSeq: null },
  ])(
    'X4: a proof for what is no act, no hash, or with a field of the server is malformed (%#)',
    async (input) => {
      const { world } = shared;
      const { security } = await world.setUp();
      const outcome = await world.run(proveStepUp, security, { ...input, password: security.password });
      expect(['bad-input', 'unknown-field']).toContain('refused' in outcome && outcome.refused);
    },
  );
});

describe('the agreement', () => {
  it('R24, X5: who has not signed may do nothing but sign; a new version binds nobody until it is signed', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const member = await world.member({ offices: ['security-officer'], bound: false });
    const unit = (name: string) => ({ centre: member.centre, name });
    expect(await world.run(createUnit, member, unit('甲'))).toMatchObject({ refused: 'agreement-missing' });
    await world.bind(member);
    await world.must(createUnit, member, unit('甲'));
    const { version } = await world.must(publishAgreement, security, { text: '保密协议 第二版' });
    expect(version).toBe(2);
    for (const who of [member, security]) {
      expect(await world.run(createUnit, who, unit('乙'))).toMatchObject({ refused: 'agreement-missing' });
    }
    await world.bind(member);
    await world.must(createUnit, member, unit('乙'));
  });

  it('R24: one signs the current version, as shown, with one’s password', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const member = await world.member({ bound: false });
    const [first] = await world.reads.all('agreement', {});
    await world.must(publishAgreement, security, { text: '保密协议 第二版' });
    const sign = (version: number, textHash: string, password = member.password) =>
      world.run(signAgreement, member, { version, textHash, password });
    const second = (await world.reads.one('agreement', { version: 2 }))!;
    expect(await sign(1, first!.textHash)).toMatchObject({ refused: 'agreement-outdated' });
    expect(await sign(2, first!.textHash)).toMatchObject({ refused: 'agreement-outdated' });
    expect(await sign(2, second.textHash, 'not my password')).toMatchObject({ refused: 'sign-in-failed' });
    expect(await world.reads.count('signature', { personId: member.person })).toBe(0);
    done(await sign(2, second.textHash));
    const before = await world.next();
    done(await sign(2, second.textHash));
    expect(await world.next()).toBe(before);
    expect(await world.reads.count('signature', { personId: member.person })).toBe(1);
  });

  it('R24: only an officer of the root centre publishes; the same text again is no new version', async () => {
    const { world } = shared;
    const security = await world.member({ offices: ['security-officer'] });
    const { townA } = await world.townships();
    const local = await world.member({ centre: townA, offices: ['security-officer'] });
    expect(await world.run(publishAgreement, local, { text: '另一版' })).toMatchObject({
      refused: 'not-found',
    });
    const published = await world.must(publishAgreement, security, { text: '又一版' });
    await world.bind(security);
    const before = await world.next();
    expect(await world.must(publishAgreement, security, { text: '又一版' })).toEqual(published);
    expect(await world.next()).toBe(before);
  });
});
