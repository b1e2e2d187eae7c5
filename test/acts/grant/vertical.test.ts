/** From an application to content and back: the whole way of one grant over the real store. */
import { expect, test } from 'vitest';
import { revokeGrant } from '../../../src/acts/grant/revoke-grant.ts';
import { codeOf, hour, newGranted, newOffice } from '../application/office.ts';
import { done } from '../world.ts';

test('2.1, 2.2: an approved application makes one grant, its first use starts it, and a revocation ends it', async () => {
  const office = await newOffice();
  const leader = await office.leader();
  await office.leader();
  const from = await office.next();
  const sent = await office.apply(office.requester);
  expect(sent.number).toMatch(/^2026-000001$/);
  expect(await office.stateOf(sent)).toBe('pending');
  const voted = done(await office.approve(leader, sent));
  expect(voted).toMatchObject({ state: 'approved', votes: 1, needed: 1 });
  const grant = await office.grantOf(sent);
  expect(grant).toMatchObject({ state: 'scheduled', personId: office.requester.person, uses: 0 });
  if (!grant) throw new Error('No grant.');
  office.clock.turn(10 * 60_000);
  const opened = done(await office.open(office.requester, grant.id));
  expect(opened.notAfter).toBe(office.clock.wall + 2 * hour);
  expect(opened.leaseUntil).toBe(office.clock.wall + 30_000);
  const revoked = await office.run(revokeGrant, leader, {
    grant: grant.id,
    reasonCode: 'no-longer-needed',
    reason: '案件已结',
  });
  expect(codeOf(revoked)).toBe('done');
  expect(office.live.endings).toContainEqual({ ends: 'grant', id: grant.id, reason: 'revoked' });
  expect(codeOf(await office.open(office.requester, grant.id))).toBe('grant-ended');
  const kinds = (await office.log(from)).map((entry) => entry.kind);
  expect(kinds).toEqual([
    'application.created',
    'application.submitted',
    'step-up.proved',
    'decision.approved',
    'application.approved',
    'grant.created',
    'grant.started',
    'stream.opened',
    'grant.ended',
    'grant.refused',
  ]);
});

test('I9: after a revocation of one item that item stays shut and the others open', async () => {
  const office = await newGranted();
  expect(codeOf(await office.open(office.requester, office.grant))).toBe('done');
  const revoke = { grant: office.grant, items: [office.item()], reasonCode: 'other', reason: '不再需要' };
  const outcome = done(await office.run(revokeGrant, office.custodian, revoke));
  expect(outcome.state).toBe('ended');
  expect(codeOf(await office.open(office.requester, office.grant))).toBe('grant-ended');
});
