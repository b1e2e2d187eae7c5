/** Uploads over HTTP (tus 1.0; X54, X55, P21): resumed anywhere they are byte-identical; to others they do not exist. */
import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../src/cli/demo/client.ts';
import { sharedHttpWorld } from './world-http.ts';

const held = sharedHttpWorld();
let client: Client;
beforeAll(() => {
  client = held.world.people.own.custodian.client;
});
const tus = { 'tus-resumable': '1.0.0' };
const begin = async (size: number, more: object = {}) =>
  client.must('POST', '/api/v1/intakes', {
    centre: held.world.centres.own,
    kind: 'document',
    class: 'ordinary',
    title: '笔录',
    source: '值班室',
    place: '值班室',
    size,
    ...more,
  });

async function patch(
  path: string,
  offset: number | string,
  bytes: Uint8Array,
  more: Record<string, string> = {},
  who = client,
) {
  const headers = {
    ...tus,
    'upload-offset': String(offset),
    'content-type': 'application/offset+octet-stream',
    ...more,
  };
  const response = await who.open('PATCH', path, headers, bytes);
  let text = '';
  for await (const piece of response) text += piece;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    code: text ? JSON.parse(text).code : undefined,
  };
}

async function offset(path: string, who = client) {
  const response = await who.open('HEAD', path, tus);
  response.resume();
  return {
    status: response.statusCode,
    at: Number(response.headers['upload-offset']),
    headers: response.headers,
  };
}

describe('X54, P21', () => {
  test('sent in pieces of any length, asked for by HEAD between them, the item is the file', async () => {
    const bytes = Buffer.from(randomBytes(150_000).toString('hex'));
    const { intake, upload } = await begin(bytes.length, {
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    for (let at = 0, length = 1; at < bytes.length; length = length * 3 + 7) {
      expect((await patch(upload, at, bytes.subarray(at, at + length))).status).toBe(204);
      const now = await offset(upload);
      expect(now).toMatchObject({
        status: 200,
        headers: { 'upload-length': String(bytes.length), 'cache-control': 'no-store' },
      });
      expect(now.at).toBeGreaterThan(at);
      at = now.at;
    }
    const { item } = await client.must('POST', `/api/v1/intakes/${intake}/accession`);
    const { sha256, size } = await client.must('GET', `/api/v1/items/${item}`);
    expect([size, sha256]).toEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')]);
  });

  test('broken off in the middle, it goes on where the server stands', async () => {
    const bytes = randomBytes(400_000);
    const { upload } = await begin(bytes.length);
    const headers = {
      ...tus,
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': String(bytes.length),
    };
    const { request } = await import('node:http');
    await new Promise<void>((resolve) => {
      const sent = request(new URL(upload, client.url), {
        method: 'PATCH',
        headers: client.headers(headers),
      });
      sent.once('error', () => resolve());
      sent.write(bytes.subarray(0, 200_000), () => sent.destroy());
      sent.once('close', () => resolve());
    });
    let now = await offset(upload);
    for (; ; now = await offset(upload)) {
      const answer = await patch(upload, now.at, bytes.subarray(now.at));
      if (answer.status === 204) break;
      expect([409, 423]).toContain(answer.status);
    }
    expect((await offset(upload)).at).toBe(bytes.length);
  });

  test('the statuses of what is wrong', async () => {
    const { upload } = await begin(100);
    const ten = Buffer.alloc(10, 1);
    expect((await patch(upload, 5, ten)).status).toBe(409);
    expect((await patch(upload, 0, Buffer.alloc(101))).status).toBe(413);
    for (const bad of ['-1', String(2n ** 63n), 'x', '1.5', ''])
      expect((await patch(upload, bad, ten)).status, bad).toBe(400);
    expect((await patch(upload, 0, ten, { 'content-type': 'application/json' })).status).toBe(415);
    expect((await patch(upload, 0, ten, { 'tus-resumable': '0.2.2' })).status).toBe(412);
    expect(
      (await patch(upload, 0, ten, { 'upload-checksum': `sha1 ${Buffer.alloc(20).toString('base64')}` }))
        .status,
    ).toBe(460);
    expect((await offset(upload)).at).toBe(0);
    const sum = createHash('sha256').update(ten).digest('base64');
    expect((await patch(upload, 0, ten, { 'upload-checksum': `sha256 ${sum}` })).status).toBe(204);
    expect((await patch(upload, 10, Buffer.alloc(90))).status).toBe(204);
    expect([403, 409, 413]).toContain((await patch(upload, 100, ten)).status);
  });

  test('two PATCHes at once: one is taken, the other is told to come again', async () => {
    const { upload } = await begin(2_000_000);
    const bytes = randomBytes(1_000_000);
    const both = await Promise.all([patch(upload, 0, bytes), patch(upload, 0, bytes)]);
    expect(both.map(({ status }) => status).sort()[0]).toBe(204);
    expect([409, 423]).toContain(both.map(({ status }) => status).sort()[1]);
    expect((await offset(upload)).at).toBe(1_000_000);
  });

  test('OPTIONS tells what is offered; creation by tus begins the same intake', async () => {
    const options = await client.open('OPTIONS', '/api/v1/intakes');
    options.resume();
    expect(options).toMatchObject({
      statusCode: 204,
      headers: { 'tus-version': '1.0.0', 'tus-extension': 'creation,checksum,termination,expiration' },
    });
    const words = {
      centre: held.world.centres.own,
      kind: 'document',
      class: 'ordinary',
      title: '笔录',
      source: '值班室',
      place: '值班室',
    };
    const metadata = Object.entries(words)
      .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
      .join(',');
    const made = await client.open('POST', '/api/v1/intakes', {
      ...tus,
      'upload-length': '3',
      'upload-metadata': metadata,
    });
    made.resume();
    expect(made.statusCode).toBe(201);
    const { location = '' } = made.headers;
    expect((await patch(location, 0, Buffer.from('abc'))).status).toBe(204);
    for (const bad of ['-1', '1e3', '', String(2n ** 63n)]) {
      const answer = await client.open('POST', '/api/v1/intakes', {
        ...tus,
        'upload-length': bad,
        'upload-metadata': metadata,
      });
      answer.resume();
      expect([400, 413], bad).toContain(answer.statusCode);
    }
    for (const more of [
      `${metadata},role YWRtaW4=`,
      `${metadata},__proto__ YQ==`,
      'title',
      'title ???',
      `${metadata},title eA==`,
    ]) {
      const answer = await client.open('POST', '/api/v1/intakes', {
        ...tus,
        'upload-length': '3',
        'upload-metadata': more,
      });
      answer.resume();
      expect(answer.statusCode, more.slice(-20)).toBe(400);
    }
  });
});

test('X55: another’s upload does not exist: 404 to every verb, for whoever it is', async () => {
  const { upload } = await begin(10);
  const { people } = held.world;
  const second = await held.world.person({ centre: held.world.centres.own, offices: ['custodian'] });
  for (const other of [second, people.sibling.custodian, people.parent.custodian, people.own.requester]) {
    expect((await offset(upload, other.client)).status).toBe(404);
    expect((await patch(upload, 0, Buffer.from('x'), {}, other.client)).status).toBe(404);
    expect((await other.client.ask('DELETE', upload, undefined, tus)).status).toBe(404);
  }
  expect(await offset(upload)).toMatchObject({ status: 200, at: 0 });
});

test('X55: a metadata bomb is refused, and an upload given up is gone', async () => {
  const bomb = Array.from({ length: 2_000 }, (_, at) => `k${at} YQ==`).join(',');
  const answer = await client.open('POST', '/api/v1/intakes', {
    ...tus,
    'upload-length': '3',
    'upload-metadata': bomb.slice(0, 12_000),
  });
  answer.resume();
  expect([400, 431]).toContain(answer.statusCode);
  const { upload } = await begin(10);
  expect((await client.ask('DELETE', upload, undefined, tus)).status).toBe(204);
  expect([404, 410]).toContain((await offset(upload)).status);
  expect([403, 404, 410]).toContain((await patch(upload, 0, Buffer.from('x'))).status);
});
