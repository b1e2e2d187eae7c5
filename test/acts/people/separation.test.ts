import { describe, expect, it } from 'vitest';
import { addAccount } from '../../../src/acts/people/add-account.ts';
import { assignOffice } from '../../../src/acts/people/assign-office.ts';
import { endPosting } from '../../../src/acts/people/end-posting.ts';
import { removeOffice } from '../../../src/acts/people/remove-office.ts';
import { startPosting } from '../../../src/acts/people/start-posting.ts';
import { type Office, separatedOffices } from '../../../src/domain/people.ts';
import { done, sharedWorld } from '../world.ts';

const shared = sharedWorld();

const pairs = separatedOffices.flatMap((held) =>
  separatedOffices.filter((wanted) => wanted !== held).map((wanted) => [held, wanted] as const),
);
const content: readonly Office[] = ['requester', 'approver', 'custodian'];

describe('separated offices', () => {
  it.each(pairs)('X9, R54: who is %s is refused as %s under the same posting', async (held, wanted) => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: [held] });
    const from = await world.next();
    const outcome = await world.run(assignOffice, security, { posting: member.posting, office: wanted });
    expect(outcome).toEqual({ refused: 'offices-separated', rule: 'R54' });
    expect(await world.log(from)).toMatchObject([
      { kind: 'person.refused', facts: { act: 'assign-office', code: 'offices-separated', rule: 'R54' } },
    ]);
    expect(await world.reads.count('assignment', { personId: member.person, endedSeq: null })).toBe(1);
  });

  it('X9, R54: a second posting at another centre does not join two of them', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const { townA } = await world.townships();
    const member = await world.member({ offices: ['auditor'] });
    const { posting } = await world.must(startPosting, security, { person: member.person, centre: townA });
    const outcome = await world.run(assignOffice, security, { posting, office: 'system-administrator' });
    expect(outcome).toMatchObject({ refused: 'offices-separated', rule: 'R54' });
    await world.must(assignOffice, security, { posting, office: 'auditor' });
  });

  it('X9, R54: a posting that has not begun yet, and one that has lapsed, count', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const { townA, county } = await world.townships();
    const member = await world.member();
    const { wall } = world.clock;
    const later = await world.must(startPosting, security, {
      person: member.person,
      centre: townA,
      startsAt: wall + 1_000_000,
      endsAt: wall + 2_000_000,
    });
    await world.must(assignOffice, security, { posting: later.posting, office: 'auditor' });
    const now = await world.must(startPosting, security, { person: member.person, centre: county });
    const assign = () =>
      world.run(assignOffice, security, { posting: now.posting, office: 'security-officer' });
    expect(await assign()).toMatchObject({ refused: 'offices-separated' });
    world.clock.turn(3_000_000);
    await world.setUp();
    expect(await assign()).toMatchObject({ refused: 'offices-separated' });
    await world.must(endPosting, security, { posting: later.posting });
    done(await assign());
  });

  it('X9, X12, R5: a second account is the same person: it holds what the person holds and joins nothing', async () => {
    const { world } = shared;
    const { security, administrator } = await world.setUp();
    const member = await world.member({ offices: ['security-officer'] });
    const { account, firstPassword } = await world.must(addAccount, administrator, {
      person: member.person,
      account: `${member.name}.second`,
    });
    expect(await world.reads.one('account', { id: account })).toMatchObject({ personId: member.person });
    const signed = done(await world.signInAs(`${member.name}.second`, firstPassword));
    expect(signed.person).toBe(member.person);
    const outcome = await world.run(assignOffice, security, { posting: member.posting, office: 'auditor' });
    expect(outcome).toMatchObject({ refused: 'offices-separated', rule: 'R54' });
  });

  it('X9, R54: 8 assignments of the three offices at once leave the person with one', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member();
    const { posting } = await world.must(startPosting, security, {
      person: member.person,
      centre: member.centre,
    });
    const wanted = Array.from({ length: 8 }, (_, at) => separatedOffices[at % 3]!);
    await Promise.all(wanted.map((office) => world.run(assignOffice, security, { posting, office })));
    expect(await world.reads.count('assignment', { personId: member.person, endedSeq: null })).toBe(1);
  });

  it.each(content)(
    'R55: who is %s becomes none of the three, and none of the three becomes that',
    async (office) => {
      const { world } = shared;
      const { security } = await world.setUp();
      const viewer = await world.member({ offices: [office] });
      for (const wanted of separatedOffices) {
        const officer = await world.member({ offices: [wanted] });
        expect(
          await world.run(assignOffice, security, { posting: viewer.posting, office: wanted }),
        ).toMatchObject({ refused: 'offices-separated', rule: 'R55' });
        expect(await world.run(assignOffice, security, { posting: officer.posting, office })).toMatchObject({
          refused: 'offices-separated',
          rule: 'R55',
        });
      }
    },
  );

  it('X9, R54: the command line is held to the same rule, and so is a centre below', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const { townA } = await world.townships();
    const officer = await world.member({ centre: townA, offices: ['security-officer'] });
    const guest = await world.member({ centre: townA, offices: ['auditor'] });
    for (const [who, office] of [
      [{ commandLine: security.person, requestId: 'cli' }, 'system-administrator'],
      [{ commandLine: officer.person, requestId: 'cli' }, 'security-officer'],
      [{ commandLine: officer.person, requestId: 'cli' }, 'approver'],
    ] as const) {
      const outcome = await world.run(assignOffice, who, { posting: guest.posting, office });
      expect(outcome).toMatchObject({ refused: 'offices-separated' });
    }
  });

  it('R54: an office that was removed no longer bars another', async () => {
    const { world } = shared;
    const { security } = await world.setUp();
    const member = await world.member({ offices: ['auditor'] });
    const held = (await world.reads.one('assignment', { personId: member.person, endedSeq: null }))!;
    await world.must(removeOffice, security, { assignment: held.id, cause: 'ordinary' });
    await world.must(assignOffice, security, { posting: member.posting, office: 'security-officer' });
  });

  it('R22: no officer posts themselves, gives themselves an office, or resets their own password', async () => {
    const { world } = shared;
    const officer = await world.member({ offices: ['security-officer'] });
    const own = [
      await world.run(assignOffice, officer, { posting: officer.posting, office: 'security-officer' }),
      await world.run(startPosting, officer, { person: officer.person, centre: officer.centre }),
    ];
    for (const outcome of own) expect(outcome).toEqual({ refused: 'same-person', rule: 'R22' });
  });
});
