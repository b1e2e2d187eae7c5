/** Hostile input over HTTP (reliability.md 2: X4, X56, X57, X60, X62): refused by name, nothing changed, never a 5xx. */
import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../../src/cli/demo/client.ts';
import { makeThings, matrix, type RoutedAct, type Row, type Things } from '../../arch/matrix-acts.ts';
import { sendRaw } from '../raw-socket.ts';
import { sharedHttpWorld } from '../world-http.ts';

const held = sharedHttpWorld();
let things: Things;
beforeAll(async () => {
  things = await makeThings(held.world);
});

const json = { 'content-type': 'application/json' };
const entries = async () => (await held.world.service.parts.store.ledger.head()).next;

async function send(
  client: Client,
  method: string,
  path: string,
  text: string,
  headers: Record<string, string> = json,
) {
  const response = await client.open(method, path, headers, text);
  let body = '';
  for await (const piece of response) body += piece;
  const problem = /problem/.test(response.headers['content-type'] ?? '') ? JSON.parse(body) : undefined;
  return { status: response.statusCode ?? 0, code: problem?.code as string | undefined, problem, body };
}

const routes = (Object.entries(matrix) as [RoutedAct, Row][]).filter(
  ([, { route }]) => !route.endsWith('/content'),
);
const place = (row: Row) => {
  const [method = '', pattern = ''] = row.route.split(' ');
  const ask = row.ask(things, held.world.people.own.requester);
  return {
    method,
    path: pattern.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ask.ids?.[name] ?? ''),
    body: ask.body ?? {},
    headers: { ...json, ...ask.headers },
  };
};

describe('X4, R29: a field that an act does not own is refused by name', () => {
  test.each(routes)('%s', async (_act, row) => {
    const { method, path, body, headers } = place(row);
    const before = await entries();
    for (const field of [
      'role',
      'centreId',
      'approvedBy',
      'hold',
      'createdAt',
      'status',
      '__proto__',
      'constructor',
      'toString',
    ]) {
      const text = JSON.stringify(body).replace(
        /^\{/,
        `{"${field}":{"isAdmin":true}${Object.keys(body).length ? ',' : ''}`,
      );
      const answer = await send(held.world.anyone(), method, path, text, headers);
      expect(`${field}: ${answer.status} ${answer.code}`).toBe(`${field}: 400 unknown-field`);
      expect(answer.problem.errors).toContainEqual({ pointer: `/${field}`, code: 'unknown-field' });
    }
    expect(await held.world.log(before)).toEqual([]);
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });

  test('inside the members of a body too', async () => {
    const { client } = held.world.people.own.requester;
    const body = { ...place(matrix['create-application']).body } as { items: object[] };
    for (const inner of ['"status":"approved"', '"__proto__":{}', '"constructor":1']) {
      const text = JSON.stringify({ ...body, items: ['HERE'] }).replace(
        '"HERE"',
        `{"item":"${things.item}",${inner}}`,
      );
      expect(await send(client, 'POST', '/api/v1/applications', text)).toMatchObject({
        status: 400,
        code: 'unknown-field',
      });
    }
  });

  test('a member that the path already names is refused', async () => {
    const { client } = held.world.people.own.approver;
    const body = JSON.stringify({ application: things.pending, termsHash: 'ab'.repeat(32) });
    expect((await send(client, 'POST', `/api/v1/applications/${things.pending}/approval`, body)).status).toBe(
      400,
    );
    const claim = JSON.stringify({ name: 'x', password: 'y', address: '10.0.0.1' });
    expect((await send(held.world.anyone(), 'POST', '/api/v1/sessions', claim)).status).toBe(400);
  });
});

describe('X62: JSON that parsers do not agree on', () => {
  const bad: Readonly<Record<string, string>> = {
    'a doubled key': '{"reason":"a","reason":"b"}',
    'a doubled key, escaped': '{"reason":"a","re\\u0061son":"b"}',
    'a lone surrogate': '{"reason":"\\ud800"}',
    'a lone surrogate as a key': '{"\\udc00":1}',
    '2^53+1': '{"secondsWatched":9007199254740993}',
    '1e21': '{"secondsWatched":1e21}',
    '1e2': '{"secondsWatched":1e2}',
    'minus zero': '{"secondsWatched":-0}',
    NaN: '{"secondsWatched":NaN}',
    '400 digits': `{"secondsWatched":${'9'.repeat(400)}}`,
    'depth 10,000': `{"reason":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    'depth 33': `{"reason":${'['.repeat(33)}${']'.repeat(33)}}`,
    null: 'null',
    'a number': '5',
    'a text': '"reason"',
    true: 'true',
    'a list': '[{"reason":"a"}]',
    'an empty list': '[]',
    'a byte order mark': '\ufeff{"reason":"a"}',
    'a trailing comma': '{"reason":"a",}',
    'a comment': '{"reason":"a"/**/}',
    'two documents': '{"reason":"a"}{"reason":"b"}',
    'a NUL': '{"reason":"a\\u0000b"}',
    'the wrong type': '{"reason":{"$ne":null}}',
    'a list for a text': '{"reason":["a"]}',
    'nothing but blanks': '   ',
  };
  test.each(Object.entries(bad))('%s: 400, nothing changed', async (_name, text) => {
    const before = await entries();
    const { officer } = held.world;
    const answers = [
      await send(officer, 'POST', `/api/v1/people/${things.newcomer}/suspension`, text),
      await send(officer, 'POST', `/api/v1/people/${things.newcomer}/sessions/end`, text),
      await send(held.world.auditor, 'POST', '/api/v1/log/exports', text),
    ];
    for (const answer of answers) expect(answer.status).toBe(400);
    expect(await held.world.log(before)).toEqual([]);
  });

  test('bytes that are no UTF-8: 400; another type: 415; none: 415', async () => {
    const { officer } = held.world;
    const path = `/api/v1/people/${things.newcomer}/suspension`;
    const broken = await officer.open(
      'POST',
      path,
      json,
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    );
    broken.resume();
    expect(broken.statusCode).toBe(400);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
    ])
      expect(
        (await send(officer, 'POST', path, '{"reason":"a"}', { 'content-type': type })).status,
        type,
      ).toBe(415);
    expect((await send(officer, 'POST', path, '{"reason":"a"}', {})).status).toBe(415);
  });
});

describe('X56: bodies without an end', () => {
  const head = (more: string) =>
    `POST /api/v1/sessions HTTP/1.1\r\nHost: ${new URL(held.world.url).host}\r\nOrigin: ${held.world.url}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;

  test('more than 256 KiB: 413, by what was read and not by what was claimed', async () => {
    const big = `{"name":"${'a'.repeat(300_000)}","password":"x"}`;
    expect((await send(held.world.anyone(), 'POST', '/api/v1/sessions', big)).status).toBe(413);
    const chunk = `${(65_536).toString(16)}\r\n${'a'.repeat(65_536)}\r\n`;
    const endless = await sendRaw(held.world.url, head('Transfer-Encoding: chunked') + chunk.repeat(6));
    expect(endless.status).toBe(413);
  });

  test('longer than its length, or cut short: 400 or nothing, and no second request out of the rest', async () => {
    const longer = await sendRaw(
      held.world.url,
      `${head('Connection: close\r\nContent-Length: 2')}{}GET /api/v1/me HTTP/1.1\r\n\r\n`,
    );
    expect(longer).toMatchObject({ status: 400, answers: 1 });
  });

  test('a body that trickles in: 408 once its time is over', async () => {
    const settings = held.world.service.doors.settings as { jsonBodyMs: number };
    const usual = settings.jsonBodyMs;
    settings.jsonBodyMs = 150;
    try {
      const { hostname, port } = new URL(held.world.url);
      const socket = connect(Number(port), hostname);
      socket.write(`${head('Connection: close\r\nContent-Length: 100')}{"name":`);
      let text = '';
      for await (const piece of socket) {
        text += piece;
        if (text.includes('\r\n\r\n')) break;
      }
      socket.destroy();
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
    } finally {
      settings.jsonBodyMs = usual;
    }
  });
});

describe('X57, R30, I27: Idempotency-Key', () => {
  const key = (name: string) => ({ 'idempotency-key': `key-${name}-0000` });
  const body = () => place(matrix['create-application']).body;
  const made = async (from: number) =>
    (await held.world.log(from)).filter(({ kind }) => kind === 'application.created').length;

  test('the same key and body: the same answer, and the act is done once', async () => {
    const { client } = held.world.people.own.requester;
    const from = await entries();
    const first = await client.ask('POST', '/api/v1/applications', body(), key('same'));
    const second = await client.ask('POST', '/api/v1/applications', body(), key('same'));
    expect(second).toMatchObject({ status: first.status, json: first.json });
    expect(first.status).toBe(201);
    expect(await made(from)).toBe(1);
  });

  test('another body or another route: 422', async () => {
    const { client } = held.world.people.own.requester;
    const other = { ...body(), durationMs: 7_200_000 };
    const again = await client.ask('POST', '/api/v1/applications', other, key('same'));
    expect(again).toMatchObject({ status: 422, json: { code: 'idempotency-key-reused' } });
    const elsewhere = await client.ask(
      'POST',
      `/api/v1/applications/${things.draft}/withdrawal`,
      {},
      key('same'),
    );
    expect(elsewhere).toMatchObject({ status: 422, json: { code: 'idempotency-key-reused' } });
  });

  test('16 parallel requests under one key do the act once and answer alike', async () => {
    const { client } = held.world.people.own.requester;
    const from = await entries();
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => client.ask('POST', '/api/v1/applications', body(), key('parallel'))),
    );
    expect(new Set(answers.map(({ status, json: said }) => JSON.stringify([status, said]))).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(await made(from)).toBe(1);
  });

  test('a key belongs to a person: another one’s request under it is their own', async () => {
    const { world } = held;
    const other = await world.person({ centre: world.centres.own, offices: ['requester'] });
    const mine = await world.people.own.requester.client.ask(
      'POST',
      '/api/v1/applications',
      body(),
      key('mine'),
    );
    const theirs = await other.client.ask('POST', '/api/v1/applications', body(), key('mine'));
    expect(theirs.status).toBe(201);
    expect(theirs.json.application).not.toBe(mine.json.application);
  });

  test('a kept answer is given to a live session only', async () => {
    const { world } = held;
    const who = await world.person({ centre: world.centres.own, offices: ['requester'] });
    expect((await who.client.ask('POST', '/api/v1/applications', body(), key('gone'))).status).toBe(201);
    await world.officer.must('POST', `/api/v1/people/${who.person}/sessions/end`);
    const after = await who.client.ask('POST', '/api/v1/applications', body(), key('gone'));
    expect(after).toMatchObject({ status: 401, json: { code: 'sign-in-required' } });
  });

  test('a refusal is not kept; a malformed key is refused', async () => {
    const { client } = held.world.people.sibling.requester;
    expect((await client.ask('POST', '/api/v1/applications', body(), key('refused'))).status).toBe(404);
    for (const bad of ['short', 'x'.repeat(65), 'with%20blank%200000', 'a"quoted"key'])
      expect(
        (await client.ask('POST', '/api/v1/applications', body(), { 'idempotency-key': bad })).status,
      ).toBe(400);
  });

  test('an answer with a secret is never kept', async () => {
    const { world } = held;
    const words = {
      centre: world.centres.own,
      name: '张',
      home: '局',
      clearance: 'ordinary',
      account: 'kept-secret',
    };
    const made_ = await world.administrator.ask('POST', '/api/v1/people', words, key('secret'));
    expect(made_.status).toBe(201);
    const again = await world.administrator.ask('POST', '/api/v1/people', words, key('secret'));
    expect(again).toMatchObject({ status: 409, json: { code: 'name-taken' } });
  });
});

describe('X60, X61: words in a query are words', () => {
  test('SQL, wildcards and quotes are taken literally; unknown parameters and odd numbers are 400', async () => {
    const { client } = held.world.people.own.requester;
    const list = async (query: string) => client.ask('GET', `/api/v1/items?${query}`);
    const all = (await list('')).json.items.length;
    expect(all).toBeGreaterThan(0);
    for (const words of ["' or 1=1 --", '%', '_', '\\', '%%%', '*', '") or ("1"="1', '.*', '(a+)+$']) {
      const found = await list(`q=${encodeURIComponent(words)}`);
      expect(found, words).toMatchObject({ status: 200, json: { items: [] } });
    }
    for (const query of [
      'sort=title',
      'order=1;drop',
      'limit=0',
      'limit=-1',
      'limit=1000000000',
      'limit=1.5',
      'limit=abc',
      'kind=recording,movie',
      'q=',
      'limit=1&limit=2',
      'recordedFrom=yesterday',
      '__proto__=1',
    ])
      expect((await list(query)).status, query).toBe(400);
  });

  test('a search of 100 difficult characters is answered in 50 ms', async () => {
    const { client } = held.world.people.own.requester;
    await client.ask('GET', '/api/v1/items?q=warm');
    const began = performance.now();
    await client.ask('GET', `/api/v1/items?q=${'a'.repeat(99)}!`);
    expect(performance.now() - began).toBeLessThan(250);
  });
});
