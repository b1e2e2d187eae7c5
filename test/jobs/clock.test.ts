/**
 * Clock jumps (R45–R47, custody-log L7.1, D1; P10): −1 s, −1 h, +1 h and +10 years, live and across a restart. Time never
 * falls, no grant is used past the end that was first seen, what ends access works, and only two officers clear a fault.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confirmClock } from '../../src/acts/clock/confirm-clock.ts';
import { renewLease } from '../../src/acts/grant/renew-lease.ts';
import { resumeGrant } from '../../src/acts/grant/resume-grant.ts';
import { revokeGrant } from '../../src/acts/grant/revoke-grant.ts';
import { suspendPerson } from '../../src/acts/people/suspend-person.ts';
import { judgeClock, startClock } from '../../src/domain/clock.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { clockWatch } from '../../src/jobs/clock-watch.ts';
import { codeOf, hour, newGranted, type TestOffice } from '../acts/application/office.ts';
import { done } from '../acts/world.ts';
import { once } from './turned.ts';

const year = 365 * 24 * hour;
const second = 1_000;
const jumps = [
  { name: '−1 s', ms: -second, suspect: false },
  { name: '−1 h', ms: -hour, suspect: true },
  { name: '+1 h', ms: hour, suspect: true },
  { name: '+10 y', ms: 10 * year, suspect: true },
  { name: '−10 y', ms: -10 * year, suspect: true },
];
const why = { reasonCode: 'no-longer-needed', reason: '案件已结' };

/** `at` of all entries since `from`, which must not fall. */
async function rising(office: TestOffice, from = 0): Promise<number[]> {
  const ats = (await office.log(from)).map(({ at }) => at);
  expect(ats).toEqual(ats.toSorted((a, b) => a - b));
  return ats;
}
const kindsFrom = async (office: TestOffice, from: number) =>
  (await office.log(from)).map(({ kind }) => kind).filter((kind) => kind.startsWith('clock.'));

describe.each(jumps)('the wall clock jumps by $name', ({ ms, suspect }) => {
  test.each(['live', 'across a restart'])(
    'P10, D1: %s no grant is used past its end, and ending works',
    async (how) => {
      const office = await newGranted();
      const { requester, grant, first, clock } = office;
      const opened = done(await office.open(requester, grant));
      const watch = clockWatch(office);
      await once(watch);
      const begun = clock.wall;
      const left = opened.notAfter - begun;
      if (how !== 'live') clock.restart();
      clock.jump(ms);
      // 1 h across a restart is less than what a service may stand still (R47); back is always seen.
      const doubtful = suspect && !(how !== 'live' && ms === hour);
      await once(how === 'live' ? watch : clockWatch(office));
      const answer = codeOf(await office.open(requester, grant));
      expect(answer).toBe(doubtful ? 'clock-suspect' : 'done');
      const renewed = await office.run(renewLease, requester, { viewing: opened.viewing, secondsWatched: 0 });
      expect(isRefusal(renewed)).toBe(doubtful);
      expect((await office.deps.ledger.head()).at).toBeLessThanOrEqual(
        begun + (doubtful ? 0 : Math.max(0, ms)),
      );
      // The grant's own time passes: at its end by what was first seen it is over, whatever the wall clock says.
      clock.turn(left + (ms === -second ? second : 0));
      await office.signIn(requester);
      expect(codeOf(await office.open(requester, grant))).not.toBe('done');
      const { now } = clock.judge((await office.deps.ledger.head()).at);
      expect(now).toBeGreaterThanOrEqual(opened.notAfter);
      await office.signIn(first);
      expect(['done', 'state-forbids']).toContain(
        codeOf(await office.run(revokeGrant, first, { grant, ...why })),
      );
      expect((await office.grantOf(office.sent))?.state).toBe('ended');
      await rising(office);
    },
  );
});

test('P10, R46: a grant is revoked and a person suspended while the clock is in doubt', async () => {
  const office = await newGranted();
  const { security } = await office.setUp();
  const { requester, grant, first, clock } = office;
  done(await office.open(requester, grant));
  clock.jump(-hour);
  await once(clockWatch(office));
  expect(codeOf(await office.run(revokeGrant, first, { grant, ...why }))).toBe('done');
  const person = { person: requester.person, reason: '调查' };
  expect(codeOf(await office.run(suspendPerson, security, person))).toBe('done');
});

test.each([-hour, hour, 10 * year])(
  'R46, R47: after a jump of %i ms two officers clear the fault, and nobody alone does',
  async (ms) => {
    const office = await newGranted();
    const { security, administrator, auditorMember } = await office.setUp();
    const { requester, grant, first, clock } = office;
    const { viewing } = done(await office.open(requester, grant));
    const watch = clockWatch(office);
    await once(watch);
    expect(codeOf(await office.run(confirmClock, security, {}))).toBe('state-forbids');
    const before = (await office.deps.ledger.head()).at;
    const from = await office.next();
    clock.jump(ms);
    await once(watch);
    expect(codeOf(await office.run(confirmClock, auditorMember, {}))).toBe('office-missing');
    expect(codeOf(await office.run(confirmClock, first, {}))).toBe('office-missing');
    const one = done(await office.run(confirmClock, security, {}));
    expect(one).toEqual({ cleared: false, time: clock.wall });
    expect(done(await office.run(confirmClock, security, {}))).toEqual(one);
    await once(watch);
    expect(codeOf(await office.open(requester, grant))).toBe('clock-suspect');
    expect(await kindsFrom(office, from)).toEqual(['clock.fault-raised', 'clock.confirmed']);

    expect(done(await office.run(confirmClock, administrator, {}))).toMatchObject({ cleared: true });
    await once(watch);
    await once(watch);
    expect(await kindsFrom(office, from)).toEqual([
      'clock.fault-raised',
      'clock.confirmed',
      'clock.confirmed',
      'clock.fault-cleared',
    ]);
    const { now, fault } = clock.judge((await office.deps.ledger.head()).at);
    expect(fault).toBeNull();
    expect(now).toBe(Math.max(clock.wall, before));
    // Nothing is resumed by it.
    expect((await office.grantOf(office.sent))?.state).toBe('suspended');
    expect((await office.reads.one('viewing', { id: viewing }))?.endedAt).not.toBeNull();
    if (ms < 0) {
      expect(codeOf(await office.run(resumeGrant, first, { grant }))).toBe('done');
      expect(codeOf(await office.open(requester, grant))).toBe('done');
      // The clock that may stay behind gives no time: the end comes when it was first seen.
      clock.turn(2 * hour);
      await office.signIn(requester);
      expect(codeOf(await office.open(requester, grant))).toBe('grant-ended');
      // Another start, or another node, knows what was confirmed.
      clock.restart();
      const again = await office.next();
      await once(clockWatch(office));
      await once(clockWatch(office));
      expect(await kindsFrom(office, again)).toEqual([]);
      expect(clock.judge((await office.deps.ledger.head()).at).fault).toBeNull();
    }
    await rising(office);
  },
);

test('R46: confirmations more than 10 minutes apart, or of a clock that was set in between, clear nothing', async () => {
  const office = await newGranted();
  const { security, administrator } = await office.setUp();
  const { clock } = office;
  const watch = clockWatch(office);
  await once(watch);
  clock.jump(-hour);
  await once(watch);
  done(await office.run(confirmClock, security, {}));
  clock.turn(10 * 60_000 + 1);
  expect(done(await office.run(confirmClock, administrator, {}))).toMatchObject({ cleared: false });
  clock.jump(-hour);
  expect(done(await office.run(confirmClock, security, {}))).toMatchObject({ cleared: false });
  expect(done(await office.run(confirmClock, administrator, {}))).toMatchObject({ cleared: true });
  // Set once more before anyone follows: what was confirmed is not this clock.
  clock.jump(-hour);
  await once(watch);
  expect(clock.judge((await office.deps.ledger.head()).at).fault).toMatchObject({ kind: 'behind' });
});

test('R46: a restart in the middle of a fault raises no second one, and a sound clock ends it', async () => {
  const office = await newGranted();
  const { clock } = office;
  const from = await office.next();
  clock.jump(-hour);
  await once(clockWatch(office));
  clock.restart();
  await once(clockWatch(office));
  expect(await kindsFrom(office, from)).toEqual(['clock.fault-raised']);
  clock.jump(hour + 1);
  clock.restart();
  await once(clockWatch(office));
  await once(clockWatch(office));
  expect(await kindsFrom(office, from)).toEqual(['clock.fault-raised', 'clock.fault-cleared']);
});

test('R45, P10: whatever the wall clock does, time never falls and never runs behind the monotonic clock', () => {
  const step = fc.record({
    passes: fc.integer({ min: 0, max: 7_200_000 }),
    jump: fc.oneof(
      fc.constant(0),
      fc.integer({ min: -100_000, max: 100_000 }),
      fc.integer({ min: -year, max: year }),
    ),
    writes: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const start = 1_700_000_000_000;
      let [wall, monotonic, mark] = [start, 0, start];
      let trust = startClock({ wall, monotonic, mark });
      let before = mark;
      for (const { passes, jump, writes } of steps) {
        wall += passes + jump;
        monotonic += passes;
        const looked = judgeClock(trust, { wall, monotonic, mark });
        trust = looked.trust;
        const { now, fault } = looked.judged;
        expect(now).toBeGreaterThanOrEqual(Math.max(before, mark));
        expect(Number.isInteger(now)).toBe(true);
        // At most 2 s of a step back are given away, each time the clock is believed anew.
        expect(now - start).toBeGreaterThanOrEqual(monotonic - 2_000 * steps.length);
        if (fault?.kind === 'ahead') expect(now).toBeLessThan(wall - 60_000);
        before = now;
        if (writes) mark = now;
      }
    }),
  );
});

test('R47: leaps of less than a minute, one after the other, are added up', () => {
  let [wall, monotonic] = [1_700_000_000_000, 0];
  let trust = startClock({ wall, monotonic, mark: wall });
  const faults = Array.from({ length: 5 }, () => {
    wall += 51_000;
    monotonic += 1_000;
    const looked = judgeClock(trust, { wall, monotonic, mark: trust.seen });
    trust = looked.trust;
    return looked.judged.fault !== null;
  });
  expect(faults.slice(1)).toContain(true);
});
