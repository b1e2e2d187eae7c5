/**
 * Many at once on one application (R10, I5, I6): the last vote, denials and withdrawals race, and one legal outcome is
 * left. `CUSTOS_ROUNDS` sets the rounds; without it 50, and 15 over PostgreSQL.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { approveApplication } from '../../../src/acts/application/approve-application.ts';
import { denyApplication } from '../../../src/acts/application/deny-application.ts';
import { withdrawApplication } from '../../../src/acts/application/withdraw-application.ts';
import { revokeGrant } from '../../../src/acts/grant/revoke-grant.ts';
import { perform } from '../../../src/acts/perform.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { describeWith } from '../../servers/needs.ts';
import type { Member } from '../world.ts';
import { codeOf, hour, newOffice, type TestOffice } from './office.ts';

const rounds = Number(process.env.CUSTOS_ROUNDS ?? 50);
const nodeRounds = Number(process.env.CUSTOS_ROUNDS ?? 15);
const reason = { reasonCode: 'other', reason: '并发' };

interface People {
  readonly voters: readonly [Member, Member];
  readonly denier: Member;
}

/** One application, 64 calls at once; what each was answered, by what it wanted. */
async function race(office: TestOffice, { voters, denier }: People, round: number, other = office.deps) {
  const sent = await office.apply(office.requester, office.terms({ durationMs: hour + round }));
  const vote = { application: sent.application, termsHash: sent.termsHash };
  for (const voter of voters) await office.stepUp(voter, 'approve-application', sent.termsHash);
  const from = await office.next();
  const call = (index: number) => {
    // Every other call of each kind goes to the other node.
    const deps = index % 8 < 4 ? office.deps : other;
    if (index % 4 === 0) return perform(deps, approveApplication, voters[0].caller, vote);
    if (index % 4 === 1) return perform(deps, approveApplication, voters[1].caller, vote);
    if (index % 4 === 2) return perform(deps, denyApplication, denier.caller, { ...vote, ...reason });
    const { caller } = office.requester;
    return perform(deps, withdrawApplication, caller, { application: sent.application });
  };
  // Every round begins with another of the four.
  const answers = await Promise.all(
    Array.from({ length: 64 }, async (_, at) => {
      const index = (at + round) % 64;
      const wanted = ['approved', 'approved', 'denied', 'withdrawn'][index % 4];
      return { wanted, code: codeOf(await call(index)) };
    }),
  );
  return { sent, answers, entries: await entriesOn(office, `application:${sent.application}`, from) };
}

/**
 * Entries on one subject from `from` to the end as it is stored: a node's own idea of the head may lag behind what the
 * other one wrote last.
 */
async function entriesOn(office: TestOffice, subject: string, from: number) {
  const found: { kind: string; subjects: { id: string }[] }[] = [];
  for (let seq = from; ; seq += 1) {
    const stored = await office.deps.ledger.entry(seq).catch(() => undefined);
    if (!stored) return found.filter((one) => one.subjects.some(({ id }) => id === subject));
    found.push(JSON.parse(Buffer.from(stored.bytes).toString('utf8')) as (typeof found)[number]);
  }
}

const closings = [
  'application.approved',
  'application.denied',
  'application.withdrawn',
  'application.expired',
];

/** A database of its own, gone with the test. */
async function emptyDatabase(url: string): Promise<string> {
  const name = `t${randomBytes(8).toString('hex')}`;
  const once = async (sql: string) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await once(`create database ${name}`);
  onTestFinished(() => once(`drop database ${name} with (force)`));
  return url.replace(/\/[^/]*$/, `/${name}`);
}

/** Runs the race `times` and demands one legal outcome of each. */
async function races(office: TestOffice, times: number, other = office.deps) {
  const people: People = {
    voters: [await office.leader(), await office.leader()],
    denier: await office.leader(),
  };
  const seen = new Set<string>();
  for (let round = 0; round < times; round += 1) {
    const { sent, answers, entries } = await race(office, people, round, other);
    const state = (await office.stateOf(sent)) ?? 'none';
    seen.add(state);
    const closed = entries.filter((entry) => closings.includes(entry.kind));
    expect(closed.map((entry) => entry.kind)).toEqual([`application.${state}`]);
    const grants = await office.reads.all('grant', { applicationId: sent.application });
    expect(grants).toHaveLength(state === 'approved' ? 1 : 0);
    expect(entries.filter((entry) => entry.kind === 'grant.created')).toHaveLength(grants.length);
    const done = answers.filter((one) => one.code === 'done');
    expect(new Set(done.map((one) => one.wanted))).toEqual(new Set([state]));
    // Who votes again may find the vote's proof spent before the vote itself is seen: the two nodes read row by row.
    const legal = [
      'application-closed',
      'state-forbids',
      ...(other === office.deps ? [] : ['step-up-required']),
    ];
    const refused = new Set(answers.filter((one) => one.code !== 'done').map((one) => one.code));
    expect([...refused].filter((code) => !legal.includes(code))).toEqual([]);
    const counted = await office.reads.count('decision', {
      applicationId: sent.application,
      outcome: 'approved',
    });
    expect(counted).toBe(state === 'approved' ? 1 : 0);
  }
  return seen;
}

test(`R10, I5, I6: 64 parallel last votes, denials and withdrawals leave one outcome, ${rounds} rounds`, async () => {
  const office = await newOffice({ settings: { chainCap: 1_000_000 } });
  const seen = await races(office, rounds);
  if (rounds >= 4) expect(seen).toEqual(new Set(['approved', 'denied', 'withdrawn']));
});

describeWith('postgres', 'PostgreSQL, two nodes', ({ url }) => {
  test(`L4.2, R10, I5, I6: the same from two nodes at once, ${nodeRounds} rounds`, async () => {
    const database = await emptyDatabase(url);
    const office = await newOffice({ settings: { chainCap: 1_000_000 }, url: database });
    const node = await office.secondNode();
    onTestFinished(() => node.close());
    await races(office, nodeRounds, node.deps);
  });
});

test('R10, I9: openings and revocations at once end revoked, with no opening after the end', async () => {
  const office = await newOffice({ settings: { chainCap: 1_000_000 } });
  const leader = await office.leader();
  await office.leader();
  const sent = await office.apply(office.requester);
  const voted = await office.approve(leader, sent);
  const grant = isRefusal(voted) ? null : voted.result.grant;
  if (!grant) throw new Error('Not granted.');
  const from = await office.next();
  await Promise.all(
    Array.from({ length: 64 }, (_, at) =>
      at === 20
        ? office.run(revokeGrant, leader, { grant, ...reason })
        : office.open(office.requester, grant),
    ),
  );
  const kinds = (await office.log(from)).map((entry) => entry.kind);
  const end = kinds.indexOf('grant.ended');
  expect(kinds.filter((kind) => kind === 'grant.ended')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'grant.started').length).toBeLessThanOrEqual(1);
  expect(kinds.slice(end + 1).filter((kind) => kind === 'stream.opened')).toEqual([]);
  expect(await office.grantOf(sent)).toMatchObject({ state: 'ended', endReason: 'revoked' });
  expect(await office.reads.count('viewing', { grantId: grant, endedAt: null })).toBe(0);
});
