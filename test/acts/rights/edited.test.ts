/**
 * Rights come from entries (custody-log L4.7, A4; X66): rows edited by SQL behind the back of the running service give
 * nothing, each is named once in the log, and the replay of the whole log names it too.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { relinquishGrant } from '../../../src/acts/grant/relinquish-grant.ts';
import { renewLease } from '../../../src/acts/grant/renew-lease.ts';
import { revokeGrant } from '../../../src/acts/grant/revoke-grant.ts';
import { suspendGrant } from '../../../src/acts/grant/suspend-grant.ts';
import { leaseOf } from '../../../src/acts/lease.ts';
import { endPosting } from '../../../src/acts/people/end-posting.ts';
import { removeOffice } from '../../../src/acts/people/remove-office.ts';
import { suspendPerson } from '../../../src/acts/people/suspend-person.ts';
import { Rights } from '../../../src/acts/rights/proof.ts';
import { checkLog } from '../../../src/compose/log-check.ts';
import { codeOf, newGranted, newOffice, type TestOffice } from '../application/office.ts';
import { done, type World } from '../world.ts';

const why = { reasonCode: 'no-longer-needed', reason: '案件已结' };

/** What somebody with the database's file may do while the service runs. */
function sql(world: Pick<World, 'folder'>, statement: string, ...params: unknown[]): void {
  const db = new Database(join(world.folder, 'custos.db'));
  try {
    expect(db.prepare(statement).run(params).changes).toBeGreaterThan(0);
  } finally {
    db.close();
  }
}

/** What the check of the whole log finds: table, row, column. */
async function namedBy({ store, deps, clock }: Pick<World, 'store' | 'deps' | 'clock'>) {
  const checked = await checkLog(store.ledger, deps);
  // The seal was dated by the machine's own clock.
  clock.turn(Math.max(0, (await deps.ledger.head()).at - clock.wall));
  return checked?.differences.map(({ table, id, column }) => [table, id, column].join(' '));
}

/** Alarms since `from`: table, row, column. */
const alarms = async (office: Pick<World, 'log'>, from: number) =>
  (await office.log(from))
    .filter(({ kind }) => kind === 'integrity.alarm')
    .map(({ facts }) => [facts['table'], facts['row'], facts['column']].join(' '));

/** A process that has not looked at anything yet. */
const fresh = ({ deps }: Pick<TestOffice, 'deps'>) => ({
  ...deps,
  rights: new Rights(deps.reads, deps.ledger),
});

test('X66: an ended grant set back to active opens nothing, and is named once', async () => {
  const office = await newGranted();
  const { requester, grant } = office;
  done(await office.open(requester, grant));
  done(await office.run(revokeGrant, office.first, { grant, ...why }));
  const from = await office.next();
  sql(office, `update "grant" set state = 'active', end_reason = null where id = ?`, grant);
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
  expect(await alarms(office, from)).toEqual([`grant ${grant} state endReason`]);
  expect(await namedBy(office)).toEqual([`grant ${grant} state endReason`]);
  // With the number of the older entry that did say active, the later one is still seen.
  sql(office, `update "grant" set changed_seq = started_seq where id = ?`, grant);
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
});

test('X66: a suspended grant set back to active neither opens nor renews nor leases', async () => {
  const office = await newGranted();
  const { requester, grant } = office;
  const { viewing } = done(await office.open(requester, grant));
  done(await office.run(suspendGrant, office.first, { grant, ...why }));
  sql(office, `update "grant" set state = 'active' where id = ?`, grant);
  sql(office, 'update viewing set ended_at = null, end_reason = null where id = ?', viewing);
  const from = await office.next();
  expect(codeOf(await office.run(renewLease, requester, { viewing, secondsWatched: 1 }))).toBe('integrity');
  expect(codeOf(await leaseOf(office.deps, requester.caller, viewing))).toBe('integrity');
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
  expect(await alarms(office, from)).toEqual([`grant ${grant} state`]);
  // What ends access needs no proof of it.
  expect(codeOf(await office.run(relinquishGrant, requester, { grant }))).toBe('done');
});

test.each([
  ['uses', 'update "grant" set uses = 0 where id = ?'],
  ['notAfter', 'update "grant" set not_after = not_after + 1 where id = ?'],
  ['absoluteEnd', 'update "grant" set absolute_end = absolute_end + 1 where id = ?'],
  ['maxUses', 'update "grant" set max_uses = 99 where id = ?'],
])(
  'X66: another %s in a grant opens nothing, seen by a process that just began too',
  async (column, statement) => {
    const office = await newGranted();
    const { requester, grant } = office;
    done(await office.open(requester, grant));
    sql(office, statement, grant);
    expect(codeOf(await office.open(requester, grant))).toBe('integrity');
    const proof = await fresh(office).rights.prove([
      { table: 'grant', row: (await office.reads.one('grant', { id: grant })) as never },
    ]);
    expect(proof).toMatchObject({ refused: 'integrity' });
    expect(await namedBy(office)).toEqual([`grant ${grant} ${column}`]);
  },
);

test('X66: an item taken away and given back by SQL, or added, opens nothing', async () => {
  const office = await newOffice();
  const second = (await office.takeIn(office.custodian)).item;
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(
    office.requester,
    office.terms({ items: [{ item: office.item() }, { item: second }] }),
  );
  const grant = done(await office.approve(leader, sent)).grant;
  if (!grant) throw new Error('Not granted.');
  done(await office.run(revokeGrant, leader, { grant, items: [second], ...why }));
  sql(office, 'update grant_item set ended_seq = null where id = ?', `${grant}/${second}`);
  expect(codeOf(await office.open(office.requester, grant, second))).toBe('integrity');
  expect(await namedBy(office)).toEqual([`grantItem ${grant}/${second} endedSeq`]);
  sql(office, 'delete from grant_item where id = ?', `${grant}/${second}`);
  expect(codeOf(await office.open(office.requester, grant))).toBe('integrity');
  expect(await namedBy(office)).toEqual([`grantItem ${grant}/${second} row`]);
});

test('X66: a vote that nobody cast carries no grant and starts none', async () => {
  const office = await newGranted();
  const { requester, grant, second, sent } = office;
  const vote = await office.reads.one('decision', { applicationId: sent.application });
  const forged = '018f0000-0000-7000-8000-0000000f0f0f';
  sql(
    office,
    `insert into decision select ?, application_id, revision, terms_hash, ?, policy_id, stage, seat, outcome,
       reason_code, sealed_reason, step_up_id, at, created_seq, withdrawn_seq from decision where id = ?`,
    forged,
    second.person,
    vote?.id,
  );
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
  expect(await namedBy(office)).toEqual([`decision ${forged} entry`]);
});

test('X66, R14: a vote struck out and set back by SQL does not count again', async () => {
  const office = await newGranted();
  const { requester, grant, first, sent } = office;
  const { security } = await office.setUp();
  const seat = await office.reads.one('assignment', { personId: first.person, office: 'approver' });
  done(await office.run(removeOffice, security, { assignment: seat?.id, cause: 'ordinary' }));
  sql(office, 'update decision set withdrawn_seq = null where application_id = ?', sent.application);
  sql(office, 'update assignment set ended_seq = null where id = ?', seat?.id);
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
  expect(await namedBy(office)).toHaveLength(2);
  await office.signIn(first);
  expect(codeOf(await office.run(revokeGrant, first, { grant, ...why }))).toBe('integrity');
});

test('X66: an office that nobody gave, and one changed into another, give nothing', async () => {
  const office = await newGranted();
  const { requester, second } = office;
  const forged = '018f0000-0000-7000-8000-0000000f0f0f';
  const own = await office.reads.one('assignment', { personId: requester.person });
  sql(
    office,
    `insert into assignment select ?, posting_id, person_id, centre_id, unit_id, 'approver', created_seq, null
       from assignment where id = ?`,
    forged,
    own?.id,
  );
  expect(codeOf(await office.open(requester, office.grant))).toBe('integrity');
  const other = await office.reads.one('assignment', { personId: second.person });
  sql(office, `update assignment set office = 'security-officer' where id = ?`, other?.id);
  const from = await office.next();
  expect(codeOf(await office.run(revokeGrant, second, { grant: office.grant, ...why }))).toBe('integrity');
  expect(await alarms(office, from)).toEqual([`assignment ${other?.id} office`]);
  expect((await namedBy(office))?.toSorted()).toEqual(
    [`assignment ${forged} entry`, `assignment ${other?.id} office`].toSorted(),
  );
});

test('X66, C1: an ended posting, and one made longer, let nobody in', async () => {
  const office = await newGranted();
  const { security } = await office.setUp();
  const { requester, grant, second } = office;
  done(await office.run(endPosting, security, { posting: requester.posting }));
  await office.signIn(requester);
  sql(office, 'update posting set ended_seq = null where id = ?', requester.posting);
  sql(office, 'update assignment set ended_seq = null where posting_id = ?', requester.posting);
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
  sql(office, 'update posting set ends_at = 9000000000000 where id = ?', second.posting);
  expect(codeOf(await office.run(revokeGrant, second, { grant, ...why }))).toBe('integrity');
  expect(await namedBy(office)).toHaveLength(3);
});

test('X66, R24: a signature that nobody gave binds nobody', async () => {
  const office = await newGranted();
  const stranger = await office.member({ centre: office.townA, offices: ['requester'], bound: false });
  const forged = '018f0000-0000-7000-8000-0000000f0f0f';
  sql(
    office,
    'insert into signature select ?, ?, version, created_seq from signature where person_id = ?',
    forged,
    stranger.person,
    office.requester.person,
  );
  expect(codeOf(await office.open(stranger, office.grant))).toBe('integrity');
  expect(await namedBy(office)).toEqual([`signature ${forged} entry`]);
});

test('X66, R41: a person set back to active, a lower epoch and a session of nobody let nobody in', async () => {
  const office = await newGranted();
  const { security } = await office.setUp();
  const { requester, grant, second } = office;
  const { caller, session } = requester;
  done(await office.run(suspendPerson, security, { person: requester.person, reason: '调查' }));
  sql(office, `update person set state = 'active', epoch = epoch - 1 where id = ?`, requester.person);
  sql(office, 'update session set ended_at = null, end_reason = null where id = ?', session);
  expect(codeOf(await office.run(relinquishGrant, caller, { grant }))).toBe('integrity');
  expect(await namedBy(office)).toEqual([`person ${requester.person} state epoch`]);
  const forged = 'f'.repeat(64);
  sql(
    office,
    `insert into session select ?, person_id, account_id, person_epoch, created_at, ends_at, ended_at, end_reason,
       created_seq from session where id = ?`,
    forged,
    second.session,
  );
  expect(
    codeOf(await office.run(revokeGrant, { session: forged as never, requestId: 'x' }, { grant, ...why })),
  ).toBe('integrity');
  expect(await namedBy(office)).toEqual([
    `person ${requester.person} state epoch`,
    `session ${forged} entry`,
  ]);
});

test('L4.7: a chain whose newest link was removed is noticed by whoever has seen it', async () => {
  const office = await newGranted();
  const { requester, grant } = office;
  done(await office.open(requester, grant));
  sql(office, 'delete from log_subject where id = ?', `right:${grant}`);
  expect(codeOf(await office.open(requester, grant))).toBe('integrity');
});
