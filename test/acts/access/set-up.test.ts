import { describe, expect, it } from 'vitest';
import { setUp } from '../../../src/acts/access/set-up.ts';
import { createUnit } from '../../../src/acts/people/create-unit.ts';
import { agreementText, done, firstRunToken, sharedWorld } from '../world.ts';

const person = (name: string, account: string, number: number) => ({
  name,
  home: '县',
  account,
  password: `plum rain on tiles ${number}`,
});
const first = () => ({
  token: firstRunToken,
  centre: '龙泉县社会治理中心',
  agreement: agreementText,
  systemAdministrator: person('钱管', 'sa', 1),
  securityOfficer: person('孙安', 'so', 2),
  auditor: person('周审', 'auditor', 3),
});

describe('before the first run', () => {
  const shared = sharedWorld();

  it('X68: without the token no password is hashed and nothing is written', async () => {
    const { world } = shared;
    const outcome = await world.run(setUp, world.anonymous(), { ...first(), token: 'guessed' });
    expect(outcome).toMatchObject({ refused: 'first-run-token-refused' });
    expect(world.passwords.hashed).toBe(0);
    expect(await world.reads.count('centre', {})).toBe(0);
  });

  it('X68: there is no account, so nobody signs in', async () => {
    const { world } = shared;
    for (const name of ['admin', 'root', 'sa']) {
      expect(await world.signInAs(name, 'plum rain on tiles 1')).toMatchObject({ refused: 'sign-in-failed' });
    }
    expect(await world.reads.count('account', {})).toBe(0);
  });

  it.each([
    ['one account name in two spellings', { auditor: person('周审', 'ＳＡ', 3) }, 'name-taken'],
    ['one name for two persons', { auditor: person('钱管', 'auditor', 3) }, 'offices-separated'],
    ['one password for two persons', { auditor: person('周审', 'auditor', 1) }, 'offices-separated'],
    [
      'a weak password',
      { auditor: { ...person('周审', 'auditor', 3), password: 'short' } },
      'password-too-weak',
    ],
    ['a name with a zero-width space', { auditor: person('周审', 'au\u200bditor', 3) }, 'bad-input'],
    ['an extra field', { role: 'approver' }, 'unknown-field'],
    ['two persons only', { auditor: undefined }, 'bad-input'],
  ])('R54, X4: %s is refused and nothing is set up', async (_, change, code) => {
    const { world } = shared;
    const outcome = await world.run(setUp, world.anonymous(), { ...first(), ...change });
    expect(outcome).toMatchObject({ refused: code });
    expect(await world.reads.count('setting', {})).toBe(0);
    expect(await world.reads.count('person', {})).toBe(0);
  });

  it('X68: two first runs at once leave one set of officers', async () => {
    const { world } = shared;
    const both = await Promise.all([1, 2].map(() => world.run(setUp, world.anonymous(), first())));
    expect(both.filter((outcome) => 'result' in outcome)).toHaveLength(1);
    expect(both.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'already-set-up' }]);
    expect(await world.reads.count('person', {})).toBe(3);
  });
});

describe('the first run', () => {
  const shared = sharedWorld();

  it('R54: three different persons, one office each, and nothing else can be done before they sign', async () => {
    const { world } = shared;
    const made = await world.must(setUp, world.anonymous(), first());
    const { centre, persons } = made;
    const assignments = await world.reads.all('assignment', { endedSeq: null });
    const held = assignments.map(({ personId, office, centreId }) => [personId, office, centreId]);
    expect(held.toSorted()).toEqual(
      [
        [persons.systemAdministrator, 'system-administrator', centre],
        [persons.securityOfficer, 'security-officer', centre],
        [persons.auditor, 'auditor', centre],
      ].toSorted(),
    );
    expect(new Set(Object.values(persons)).size).toBe(3);
    expect((await world.log()).map(({ kind }) => kind)).toEqual([
      'log.opened',
      'setup.done',
      'centre.created',
      'agreement.published',
      ...Array.from({ length: 3 }, () => ['person.created', 'posting.started', 'role.assigned']).flat(),
    ]);
    const signed = done(await world.signInAs('so', 'plum rain on tiles 2'));
    const caller = { session: signed.session, requestId: 'r' };
    const outcome = await world.run(createUnit, caller, { centre, name: '值班室' });
    expect(outcome).toMatchObject({ refused: 'agreement-missing' });
  });

  it('X68: the token works once; afterwards the service says that it is set up', async () => {
    const { world } = shared;
    const before = await world.next();
    expect(await world.run(setUp, world.anonymous(), first())).toMatchObject({ refused: 'already-set-up' });
    expect(await world.run(setUp, world.anonymous(), { ...first(), token: 'another' })).toMatchObject({
      refused: 'first-run-token-refused',
    });
    expect(await world.next()).toBe(before);
    expect(await world.reads.count('person', {})).toBe(3);
  });
});
