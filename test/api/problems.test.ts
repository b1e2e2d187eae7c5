/** Refusals as they are told (RFC 9457; reliability.md 4): one shape, one table, one page each, and no word of our insides. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemTitles } from '../../src/api/problem-titles.ts';
import { refusalStatus } from '../../src/domain/refusal.ts';
import { makeThings, matrix, type Row, type Things } from '../arch/matrix-acts.ts';
import { sharedHttpWorld } from './world-http.ts';

const held = sharedHttpWorld();
let things: Things;
const met = new Set<string>();
beforeAll(async () => {
  things = await makeThings(held.world);
});
afterAll(() => expect(met.size).toBeGreaterThan(8));

test('each code has a title, a status and a page that says the same', () => {
  const pages = readdirSync('docs/problems').filter((name) => name.endsWith('.md') && name !== 'README.md');
  expect(pages.map((name) => name.slice(0, -3)).sort()).toEqual(
    [...Object.keys(refusalStatus), 'fault'].sort(),
  );
  for (const [code, status] of Object.entries(refusalStatus)) {
    const page = readFileSync(`docs/problems/${code}.md`, 'utf8');
    expect(page, code).toContain(`| HTTP status | ${status} |`);
    expect(page, code).toContain(problemTitles[code as keyof typeof problemTitles]);
  }
});

test('every refusal over HTTP has exactly the members of the table, and words from it alone', async () => {
  const { world } = held;
  const askers = [world.anyone(), ...Object.values(world.people.own).map(({ client }) => client)];
  for (const row of Object.values(matrix) as Row[]) {
    if (row.ownSession || row.route.endsWith('/content')) continue;
    const [method = '', pattern = ''] = row.route.split(' ');
    const ask = row.ask(things, world.people.own.requester);
    const path = pattern.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ask.ids?.[name] ?? '');
    for (const client of askers) {
      const { status, headers, json } = await client.ask(method, path, { nonsense: `<b>${path}</b>` });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(headers['content-type']).toBe('application/problem+json');
      const { errors, ...rest } = json;
      const { code } = rest as { code: keyof typeof refusalStatus };
      expect(rest).toEqual({
        type: `/problems/${code}`,
        title: problemTitles[code],
        status: refusalStatus[code],
        code,
        requestId: headers['x-request-id'],
      });
      expect(status).toBe(refusalStatus[code]);
      expect(JSON.stringify(errors ?? [])).not.toContain('<b>');
      met.add(code);
    }
  }
  for (const [client, method, path, body, headers] of [
    [world.anyone(), 'GET', '/api/v1/me'],
    [world.people.own.requester.client, 'GET', '/api/v1/people'],
    [world.people.own.requester.client, 'GET', '/api/v1/nothing'],
    [world.people.own.requester.client, 'GET', '/api/v1/items?after=x'],
    [world.people.own.requester.client, 'GET', '/api/v1/items?limit=x'],
    [
      world.people.own.requester.client,
      'POST',
      '/api/v1/applications',
      {},
      { origin: 'https://evil.example' },
    ],
    [world.people.own.requester.client, 'POST', '/api/v1/applications', {}, { 'content-type': 'text/plain' }],
    [
      world.people.own.custodian.client,
      'PATCH',
      `/api/v1/items/${things.item}`,
      { title: 'x' },
      { 'if-match': '"9"' },
    ],
    [
      world.people.own.approver.client,
      'POST',
      `/api/v1/applications/${things.pending}/denial`,
      { termsHash: 'ab'.repeat(32), reasonCode: 'a-b', reason: 'x' },
    ],
    [world.anyone(), 'POST', '/api/v1/sessions', { name: 'nobody', password: 'wrong' }],
  ] as const) {
    const { json, status } = await client.ask(method, path, body, headers);
    const code = json.code as keyof typeof refusalStatus;
    expect(json).toMatchObject({ status, title: problemTitles[code], type: `/problems/${code}` });
    expect(refusalStatus[code]).toBe(status);
    met.add(code);
  }
});

test('a fault of ours is told in the same words always, and its stack goes to the log alone', async () => {
  const { world } = held;
  const { reads } = world.service.parts.deps;
  const one = reads.one;
  Object.assign(reads, {
    one: () => Promise.reject(new Error('secret inner words at /srv/custos/src/file.ts:1')),
  });
  const silent = console.error;
  console.error = () => undefined;
  try {
    const { status, json, headers } = await world.people.own.requester.client.ask('GET', '/api/v1/me');
    expect(status).toBe(500);
    expect(json.code).toBe('fault');
    expect(JSON.stringify([json, headers])).not.toMatch(/secret|\/srv|\.ts|stack/);
    expect(world.logLines.slice(-2).join('')).toContain(json.requestId);
  } finally {
    Object.assign(reads, { one });
    console.error = silent;
  }
});
