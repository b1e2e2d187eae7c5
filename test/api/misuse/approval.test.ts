/** Decisions over HTTP (reliability.md 2: X11, X13–X16, X20, X5 of the suspended). */
import { describe, expect, test } from 'vitest';
import { sharedHttpWorld } from '../world-http.ts';

const held = sharedHttpWorld();
const reasons = { reasonCode: 'not-needed', reason: '用途不明' };

async function pending() {
  const { world } = held;
  const { custodian, approver } = world.people.own;
  const requester = await world.person({ centre: world.centres.own, offices: ['requester'] });
  const item = await world.takeIn(custodian, Buffer.from(`words ${performance.now()}`), { kind: 'document' });
  const sent = await world.apply(requester, item);
  const path = `/api/v1/applications/${sent.application}`;
  const approve = async (termsHash = sent.termsHash) => {
    await approver.client.stepUp('approve-application', termsHash, approver.password);
    return approver.client.ask('POST', `${path}/approval`, { termsHash });
  };
  return { ...sent, requester, approver, item, path, approve };
}

describe('X13, R12: a vote that comes too late', () => {
  test('after a denial and after a withdrawal: 409 application-closed', async () => {
    const one = await pending();
    const second = await held.world.person({ centre: held.world.centres.own, offices: ['approver'] });
    await one.approver.client.must('POST', `${one.path}/denial`, { termsHash: one.termsHash, ...reasons });
    await second.client.stepUp('approve-application', one.termsHash, second.password);
    const late = await second.client.ask('POST', `${one.path}/approval`, { termsHash: one.termsHash });
    expect(late).toMatchObject({ status: 409, json: { code: 'application-closed' } });
    const other = await pending();
    await other.requester.client.must('POST', `${other.path}/withdrawal`);
    expect(await other.approve()).toMatchObject({ status: 409, json: { code: 'application-closed' } });
    expect((await one.requester.client.must('GET', '/api/v1/grants')).grants).toEqual([]);
  });
});

test('X14, R26: a vote on terms that were changed meanwhile: 409 terms-changed', async () => {
  const one = await pending();
  await one.approver.client.must('POST', `${one.path}/return`, { termsHash: one.termsHash, ...reasons });
  const terms = {
    kind: 'view',
    items: [{ item: one.item }],
    purposeCode: 'traffic-incident',
    purposeWords: '案号 2026-17',
    durationMs: 60_000,
  };
  const { termsHash } = await one.requester.client.must('POST', `${one.path}/resubmission`, { terms });
  expect(termsHash).not.toBe(one.termsHash);
  expect(await one.approve()).toMatchObject({ status: 409, json: { code: 'terms-changed' } });
  expect((await one.approve(termsHash)).status).toBe(201);
});

test('X15, R13: the same approval twice gives the first answer, and one grant', async () => {
  const one = await pending();
  const first = await one.approve();
  const again = await one.approver.client.ask('POST', `${one.path}/approval`, { termsHash: one.termsHash });
  expect(again.json.grant).toBe(first.json.grant);
  expect((await one.requester.client.must('GET', '/api/v1/grants')).grants).toHaveLength(1);
});

test('X11, R3: a requester who also leads the centre cannot approve the own application', async () => {
  const { world } = held;
  const both = await world.person({ centre: world.centres.own, offices: ['requester', 'approver'] });
  const item = await world.takeIn(world.people.own.custodian, Buffer.from('both'), { kind: 'document' });
  const { application, termsHash } = await world.apply(both, item);
  await both.client.stepUp('approve-application', termsHash, both.password);
  const own = await both.client.ask('POST', `/api/v1/applications/${application}/approval`, { termsHash });
  expect(own).toMatchObject({ status: 403, json: { code: 'same-person' } });
});

test('X5, R41: whoever is suspended is not signed in; back again, nothing has revived', async () => {
  const one = await pending();
  const { grant } = (await one.approve()).json;
  const { officer } = held.world;
  const path = `/api/v1/people/${one.requester.person}`;
  await officer.must('POST', `${path}/suspension`, { reason: '核查' });
  expect(await one.requester.client.ask('GET', '/api/v1/me')).toMatchObject({ status: 401 });
  const name = { name: one.requester.name, password: one.requester.password };
  expect(await held.world.anyone().ask('POST', '/api/v1/sessions', name)).toMatchObject({ status: 401 });
  await officer.must('POST', `${path}/reinstatement`, { reason: '核查完毕' });
  expect(await one.requester.client.ask('GET', '/api/v1/me')).toMatchObject({ status: 401 });
  await one.requester.client.signIn(one.requester.name, one.requester.password);
  const opened = await one.requester.client.ask('POST', `/api/v1/grants/${grant}/viewings`, {
    item: one.item,
  });
  expect(opened.status).not.toBe(500);
});
