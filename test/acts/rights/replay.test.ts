/**
 * The log replayed is the tables (I19, L4.7): after any legal history the replay finds nothing, whoever acted, whatever
 * was refused, and however it was interleaved with faults of others.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signOut } from '../../../src/acts/access/sign-out.ts';
import { signOutEverywhere } from '../../../src/acts/access/sign-out-everywhere.ts';
import { denyApplication } from '../../../src/acts/application/deny-application.ts';
import { withdrawVote } from '../../../src/acts/application/withdraw-vote.ts';
import { dueWork } from '../../../src/acts/due-work.ts';
import { closeViewing } from '../../../src/acts/grant/close-viewing.ts';
import { confirmVote } from '../../../src/acts/grant/confirm-vote.ts';
import { relinquishGrant } from '../../../src/acts/grant/relinquish-grant.ts';
import { renewLease } from '../../../src/acts/grant/renew-lease.ts';
import { resumeGrant } from '../../../src/acts/grant/resume-grant.ts';
import { revokeGrant } from '../../../src/acts/grant/revoke-grant.ts';
import { suspendGrant } from '../../../src/acts/grant/suspend-grant.ts';
import { assignOffice } from '../../../src/acts/people/assign-office.ts';
import { endPosting } from '../../../src/acts/people/end-posting.ts';
import { endSessions } from '../../../src/acts/people/end-sessions.ts';
import { reinstatePerson } from '../../../src/acts/people/reinstate-person.ts';
import { removeOffice } from '../../../src/acts/people/remove-office.ts';
import { resetPassword } from '../../../src/acts/people/reset-password.ts';
import { startPosting } from '../../../src/acts/people/start-posting.ts';
import { suspendPerson } from '../../../src/acts/people/suspend-person.ts';
import { acts } from '../../../src/acts/registry.ts';
import { checkLog } from '../../../src/compose/log-check.ts';
import { hour, newOffice } from '../application/office.ts';
import type { Member } from '../world.ts';

const why = { reasonCode: 'no-longer-needed', reason: '案件已结' };
const traces = 3;
const steps = 200;

test(`I19, P15: ${traces} random histories of ${steps} acts each, and no false alarm`, async () => {
  const seen = new Map<string, number>();
  for (const seed of fc.sample(fc.integer(), { numRuns: traces, seed: 20_260_302 })) {
    await history(seed, seen);
  }
  // The histories are worth something: rights were given, changed and ended in them.
  for (const kind of [
    'grant.created',
    'grant.started',
    'grant.suspended',
    'grant.resumed',
    'grant.narrowed',
    'grant.ended',
    'decision.discounted',
    'role.assigned',
    'role.removed',
    'posting.ended',
    'person.suspended',
    'person.reinstated',
    'sessions.ended',
  ]) {
    expect([kind, (seen.get(kind) ?? 0) > 0]).toEqual([kind, true]);
  }
}, 120_000);

async function history(seed: number, seen: Map<string, number>): Promise<void> {
  const office = await newOffice({ settings: { chainCap: 1_000_000 }, seed: String(seed) });
  const { security } = await office.setUp();
  const second = (await office.takeIn(office.custodian)).item;
  const both = office.terms({ items: [{ item: office.item() }, { item: second }] });
  const leaders = [await office.leader(), await office.leader(), await office.leader()];
  const people: Member[] = [office.requester, ...leaders];
  const choices = fc.sample(fc.nat(10_000), { numRuns: steps * 3, seed });
  const pick = <V>(all: readonly V[]): V | undefined => all[(choices.pop() ?? 0) % Math.max(1, all.length)];
  const tried = async (work: () => Promise<unknown>) => {
    // Refusals are part of any history; a fault of the service is not.
    await work().catch((error: unknown) => {
      if (!(error instanceof Error) || !/^Refused|^No /.test(error.message)) throw error;
    });
  };
  const anyOf = async <T extends 'grant' | 'assignment' | 'posting' | 'viewing'>(table: T) =>
    pick(await office.reads.all(table, {}));
  const leader = () => pick(leaders) ?? office.custodian;
  const someone = () => pick(people) ?? office.requester;
  const grant = async () => (await anyOf('grant'))?.id;
  const all: (() => Promise<unknown>)[] = [
    async () => office.approve(leader(), await office.apply(office.requester, both)),
    async () => office.approve(leader(), await office.apply(office.requester, both)),
    async () => {
      const sent = await office.apply(office.requester, office.terms());
      return office.run(denyApplication, leader(), { ...sent, ...why });
    },
    async () => office.open(office.requester, (await grant()) as never, pick([office.item(), second])),
    async () => office.open(office.requester, (await grant()) as never),
    async () =>
      office.run(renewLease, office.requester, { viewing: (await anyOf('viewing'))?.id, secondsWatched: 1 }),
    async () =>
      office.run(closeViewing, office.requester, {
        viewing: (await anyOf('viewing'))?.id,
        secondsWatched: 1,
        bytes: 1,
      }),
    async () => office.run(suspendGrant, leader(), { grant: await grant(), ...why }),
    async () => office.run(resumeGrant, leader(), { grant: await grant() }),
    async () => office.run(revokeGrant, leader(), { grant: await grant(), items: [second], ...why }),
    async () => office.run(revokeGrant, leader(), { grant: await grant(), ...why }),
    async () => office.run(relinquishGrant, office.requester, { grant: await grant() }),
    async () => {
      const found = await anyOf('grant');
      const who = leader();
      await office.stepUp(who, 'confirm-vote', found?.termsHash ?? '');
      return office.run(confirmVote, who, { grant: found?.id, termsHash: found?.termsHash });
    },
    async () =>
      office.run(withdrawVote, leader(), {
        application: (await anyOf('grant'))?.applicationId,
      }),
    async () => office.run(suspendPerson, security, { person: someone().person, reason: '调查' }),
    async () => office.run(reinstatePerson, security, { person: someone().person, reason: '查清' }),
    async () => office.run(reinstatePerson, security, { person: someone().person, reason: '查清' }),
    async () => office.run(endSessions, security, { person: someone().person }),
    async () => office.run(signOut, someone(), {}),
    async () => office.run(signOutEverywhere, someone(), {}),
    async () => {
      const who = someone();
      const { posting } = await office.must(startPosting, security, {
        person: who.person,
        centre: office.townA,
      });
      return office.run(assignOffice, security, {
        posting,
        office: who === office.requester ? 'requester' : 'approver',
      });
    },
    async () => {
      const found = await anyOf('assignment');
      const guarded = (await office.setUp()).security.person;
      if (!found || found.personId === guarded || !people.some(({ person }) => person === found.personId))
        return;
      return office.run(removeOffice, security, {
        assignment: found.id,
        cause: pick(['ordinary', 'for-cause']),
      });
    },
    async () => {
      const found = await anyOf('posting');
      if (!found || !people.some(({ person }) => person === found.personId)) return;
      return office.run(endPosting, security, { posting: found.id });
    },
    async () => {
      const who = leaders[2];
      return who && office.run(resetPassword, security, { account: who.account });
    },
    async () => office.clock.turn((choices.pop() ?? 0) * 100),
    async () => {
      const { now } = office.clock.judge((await office.deps.ledger.head()).at);
      for (const { act, input } of await dueWork({ deps: office.deps, now }, false)) {
        await office.run(acts[act] as (typeof acts)['expire-grant'], office.system(), input);
      }
    },
  ];
  for (let step = 0; step < steps; step += 1) {
    if (step % 10 === 0) for (const who of [...people, security]) await tried(() => office.fresh(who));
    const act = pick(all);
    if (act) await tried(act);
    if (step % 67 === 66) await sound(office);
  }
  office.clock.turn(hour);
  await sound(office);
  for (const { kind } of await office.log()) seen.set(kind, (seen.get(kind) ?? 0) + 1);
}

async function sound(office: Awaited<ReturnType<typeof newOffice>>): Promise<void> {
  const checked = await checkLog(office.store.ledger, office.deps);
  // The seal was dated by the machine's own clock.
  office.clock.turn(Math.max(0, (await office.deps.ledger.head()).at - office.clock.wall));
  expect(checked?.differences).toEqual([]);
  expect(checked?.rows).toBeGreaterThan(30);
  expect(office.deps.rights.found).toBe(0);
  expect((await office.log()).filter(({ kind }) => kind === 'integrity.alarm')).toEqual([]);
}
