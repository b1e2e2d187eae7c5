/**
 * While the custody log cannot be written, nothing opens, and no clear byte leaves (P16, X64); it goes on by itself once
 * it can be written again. The database lies on a small file system of its own, which is filled.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reading } from './stream.ts';
import { eventually, type HttpWorld, openHttpWorld, type Someone } from './world-http.ts';

let folder: string;
let mount: string;
let mounted = false;
let world: HttpWorld;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custos-full-'));
  mount = join(folder, 'small');
  await mkdir(mount);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', mount]);
    mounted = true;
  } catch {
    console.warn('NOT RUN: a tmpfs needs root');
    return;
  }
  world = await openHttpWorld({
    folder,
    flags: { 'database.url': `sqlite:${join(mount, 'custos.db')}`, 'viewing.aheadMs': '10000' },
  });
});
afterAll(async () => {
  try {
    await world?.close();
  } finally {
    if (mounted) execFileSync('umount', ['-l', mount]);
    await rm(folder, { recursive: true, force: true });
  }
});

const size = 20 * 1024 * 1024;
const reasons = { reasonCode: 'purpose-met', reason: '已核查完毕' };

test('P4, P16, X64: on a full disk acts and content answer 503, no clear byte leaves, reads go on, and it recovers by itself', async ({
  skip,
}) => {
  if (!mounted) skip('a tmpfs needs root');
  const { custodian, requester, approver } = world.people.own;
  const line = Buffer.from('2026-03-02 08:00:00 东门路口 1 号机 一切正常\n');
  const item = await world.takeIn(
    custodian,
    Buffer.alloc(size, line).subarray(0, size - (size % line.length)),
    {
      kind: 'document',
    },
  );
  const { grant } = await world.grantOn(requester, approver, item);
  const { content } = await world.view(requester, grant, item);
  const stream = await reading(requester.client, content);

  await writeFile(join(mount, 'filler'), Buffer.alloc(128 * 1024 * 1024)).catch(() => undefined);
  const before = (await world.service.parts.store.ledger.head()).next;
  const { acknowledged, refusal } = await fillUp(custodian);
  expect(refusal).toMatchObject({ status: 503, json: { code: 'log-unavailable' } });
  expect(refusal.headers['retry-after']).toMatch(/^\d+$/);

  // The node loses its sight of the log within 800 ms: from then on the running stream stands still (R38).
  await pause(1_100);
  const mark = stream.got();
  for (let at = 0; at < 20; at += 1) {
    for (const [client, method, path, body] of [
      [requester.client, 'GET', content, undefined],
      [requester.client, 'POST', `/api/v1/grants/${grant}/viewings`, { item }],
      [requester.client, 'POST', '/api/v1/applications', draft(item)],
      [approver.client, 'POST', `/api/v1/grants/${grant}/revocation`, reasons],
      [world.auditor, 'POST', '/api/v1/log/exports', { scope: { kind: 'full' } }],
      [world.anyone(), 'POST', '/api/v1/sessions', { name: requester.name, password: requester.password }],
    ] as const) {
      const answer = await client.ask(method, path, body);
      expect(`${method} ${answer.status} ${answer.json?.code}`).toBe(`${method} 503 log-unavailable`);
    }
  }
  expect((await requester.client.ask('GET', '/api/v1/me')).status).toBe(200);
  expect((await requester.client.ask('GET', `/api/v1/items/${item}`)).status).toBe(200);
  // The log is opened again and again: in between it stands open, until the next write finds no room.
  await expect.poll(ready, { timeout: 5_000, interval: 20 }).toMatchObject({ status: 503 });
  expect(stream.since(mark)).toBe(0);
  stream.response.destroy();

  await rm(join(mount, 'filler'));
  const mended = performance.now();
  await eventually(() => world.service.parts.store.ledger.state.log === 'writing', 10_000);
  expect(performance.now() - mended).toBeLessThan(6_000);
  const acted = (await world.log(before)).filter(({ kind }) => kind === 'intake.begun');
  expect(acted.length).toBe(acknowledged);
  await eventually(() => world.service.doors.nodeLease.ok());
  const again = await requester.client.ask('GET', content, undefined, { range: 'bytes=0-9' });
  expect([206, 403]).toContain(again.status);
  const { content: anew } = await world.view(requester, grant, item);
  expect((await requester.client.ask('GET', anew, undefined, { range: 'bytes=0-9' })).status).toBe(206);
  expect((await approver.client.ask('POST', `/api/v1/grants/${grant}/revocation`, reasons)).status).toBe(200);
});

const draft = (item: string) => ({
  kind: 'view',
  items: [{ item }],
  purposeCode: 'traffic-incident',
  purposeWords: '核查'.repeat(500),
  durationMs: 3_600_000,
});

/** Writes until nothing more can be written; how many entries were acknowledged meanwhile, and the first refusal. */
async function fillUp(custodian: Someone) {
  for (let acknowledged = 0; acknowledged < 5_000; acknowledged += 1) {
    const answer = await custodian.client.ask('POST', '/api/v1/intakes', {
      centre: custodian.centre,
      kind: 'document',
      class: 'ordinary',
      title: '笔录'.repeat(100),
      source: '值班室',
      place: '值班室',
      size: 10,
    });
    if (answer.status !== 201) return { acknowledged, refusal: answer };
  }
  throw new Error('It never got full.');
}

async function ready(): Promise<{ status: number }> {
  const { status } = await fetch(`${world.healthUrl}/readyz`);
  return { status };
}
