/**
 * Stored bytes over HTTP (reliability.md 4, Range; P17, L4.4): every range equals `Buffer.subarray`, and what a client has
 * received is exactly what the custody log says was released, with nothing missing and nothing beyond.
 */
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { reading } from './stream.ts';
import { type Someone, sharedHttpWorld } from './world-http.ts';

const held = sharedHttpWorld();
const bytes = Buffer.from(randomBytes(700_000).toString('hex').slice(0, 1_300_001));
const size = bytes.length;

interface Got {
  readonly viewing: string;
  readonly from: number;
  readonly to: number;
}
/** Every byte range that the client has received, as it saw it. */
const journal: Got[] = [];

let who: Someone;
let item: string;
let grant: string;
let viewing: string;
let content: string;

beforeAll(async () => {
  const { world } = held;
  const { custodian, requester, approver } = world.people.own;
  who = requester;
  item = await world.takeIn(custodian, bytes, { kind: 'document' });
  ({ grant } = await world.grantOn(who, approver, item));
  ({ viewing, content } = await world.view(who, grant, item));
});

interface Piece {
  readonly from: number;
  readonly bytes: Buffer;
}

const contentRange = (text: string | undefined): [number, number] => {
  const [, from, to, whole] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text ?? '') ?? [];
  expect(Number(whole)).toBe(size);
  return [Number(from), Number(to) + 1];
};

function parts(type: string, body: Buffer): Piece[] {
  const [, boundary = ''] = /boundary=([0-9a-f]+)$/.exec(type) ?? [];
  const pieces: Piece[] = [];
  const text = body.toString('latin1');
  for (const part of text.split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const [from, to] = contentRange(/content-range: (.*)/i.exec(part.slice(0, end))?.[1]);
    const inner = Buffer.from(part.slice(end + 4, -2), 'latin1');
    expect(inner.length).toBe(to - from);
    pieces.push({ from, bytes: inner });
  }
  expect(text.endsWith(`--${boundary}--\r\n`)).toBe(true);
  return pieces;
}

async function get(headers: Record<string, string> = {}, method = 'GET') {
  const response = await who.client.open(method, content, headers);
  const body = await buffer(response);
  const status = response.statusCode ?? 0;
  const type = response.headers['content-type'] ?? '';
  let pieces: Piece[] = [];
  if (method === 'GET' && status === 200) pieces = [{ from: 0, bytes: body }];
  if (status === 206 && /^multipart/.test(type)) pieces = parts(type, body);
  else if (status === 206) {
    const [from, to] = contentRange(response.headers['content-range']);
    expect(body.length).toBe(to - from);
    pieces = [{ from, bytes: body }];
  }
  for (const piece of pieces) {
    journal.push({ viewing, from: piece.from, to: piece.from + piece.bytes.length });
    expect(piece.bytes.equals(bytes.subarray(piece.from, piece.from + piece.bytes.length))).toBe(true);
  }
  if (status === 200 || status === 206)
    expect(Number(response.headers['content-length'])).toBe(method === 'HEAD' ? size : body.length);
  return {
    status,
    headers: response.headers,
    body,
    spans: pieces.map(({ from, bytes: { length } }) => [from, from + length]),
  };
}

describe('ranges', () => {
  test('200 random ranges equal Buffer.subarray, whatever their ends', async () => {
    const end = fc.integer({ min: 0, max: size + 100 });
    const near = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: -1, max: 1 }));
    const place = fc.oneof(
      end,
      near.map(([chunk, off]) => Math.max(0, chunk * 65_536 + off)),
    );
    await fc.assert(
      fc.asyncProperty(place, place, fc.constantFrom('both', 'open', 'suffix'), async (a, b, form) => {
        const [from, to] = a <= b ? [a, b] : [b, a];
        const asked = form === 'both' ? `${from}-${to}` : form === 'open' ? `${from}-` : `-${to}`;
        const answer = await get({ range: `bytes=${asked}` });
        const wanted: [number, number] =
          form === 'suffix'
            ? [Math.max(0, size - to), size]
            : [from, form === 'open' ? size : Math.min(to + 1, size)];
        if (form === 'suffix' ? to === 0 : from >= size) {
          expect(answer.status).toBe(416);
          expect(answer.headers['content-range']).toBe(`bytes */${size}`);
        } else {
          expect(answer.status).toBe(206);
          expect(answer.spans).toEqual([wanted]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('several ranges come as multipart; touching and overlapping ones as one; what lies beyond is left out', async () => {
    const several = await get({ range: 'bytes=0-9, 100-199,\t1000000-1000009' });
    expect(several.status).toBe(206);
    expect(several.spans).toEqual([
      [0, 10],
      [100, 200],
      [1_000_000, 1_000_010],
    ]);
    expect(several.body.length).toBeLessThan(120 + 10 * 1024);
    expect((await get({ range: 'bytes=0-9,10-19,5-30' })).spans).toEqual([[0, 31]]);
    expect((await get({ range: `bytes=5-9,${size}-` })).spans).toEqual([[5, 10]]);
    expect((await get({ range: `bytes=${size}-,-0` })).status).toBe(416);
    const [first, second] = [await get({ range: 'bytes=0-0,9-9' }), await get({ range: 'bytes=0-0,9-9' })];
    expect(first.headers['content-type']).not.toBe(second.headers['content-type']);
  });

  test.each([
    'items=0-1',
    'bytes=',
    'bytes=-',
    'bytes = 0-1',
    'bytes=5-2',
    'bytes=+1-2',
    'bytes=0x1-2',
    `bytes=${'0-1,'.repeat(200)}`,
    `bytes=${Array.from({ length: 11 }, (_, at) => `${at * 9}-${at * 9}`).join(',')}`,
  ])('what is not exactly understood is ignored: %s', async (range) => {
    expect((await get({ range })).status).toBe(200);
  });

  test.each([
    `bytes=0-${2 ** 53}`,
    `bytes=0-${2n ** 64n}`,
    `bytes=0-${'9'.repeat(400)}`,
    `bytes=-${'9'.repeat(400)}`,
  ])('an end beyond all numbers is clamped, never rounded: %s', async (range) => {
    expect((await get({ range })).spans).toEqual([[0, size]]);
  });

  test('If-Range: our tag 206; a weak one, a date, another 200', async () => {
    const { etag = '' } = (await get({ range: 'bytes=0-0' })).headers;
    expect(etag).toMatch(/^"[A-Za-z0-9_-]{32}"$/);
    const range = 'bytes=3-7';
    expect((await get({ range, 'if-range': etag })).status).toBe(206);
    for (const other of [`W/${etag}`, 'Tue, 24 Nov 2026 16:00:00 GMT', '"other"'])
      expect((await get({ range, 'if-range': other })).status).toBe(200);
  });

  test('If-None-Match equal: 304; If-Match other: 412; both before Range, and neither releases a byte', async () => {
    const { etag = '' } = (await get({ range: 'bytes=0-0' })).headers;
    const range = `bytes=${size}-`;
    expect((await get({ range, 'if-none-match': etag })).status).toBe(304);
    expect((await get({ range, 'if-match': '"other"' })).status).toBe(412);
    expect((await get({ range, 'if-match': etag })).status).toBe(416);
  });

  test('HEAD says the length and no more; its Range is ignored', async () => {
    const answer = await get({ range: 'bytes=0-1' }, 'HEAD');
    expect(answer).toMatchObject({ status: 200, headers: { 'accept-ranges': 'bytes' } });
    expect(answer.body.length).toBe(0);
  });

  test('the tag of one content differs for another grant', async () => {
    const { world } = held;
    const second = await world.person({ centre: world.centres.own, offices: ['requester'] });
    const given = await world.grantOn(second, world.people.own.approver, item);
    const opened = await world.view(second, given.grant, item);
    const answer = await second.client.open('HEAD', opened.content);
    const mine = await who.client.open('HEAD', content);
    expect(answer.headers.etag).not.toBe(mine.headers.etag);
  });

  test('X20: what is refused is refused before 304, 412 and 416, and its words say nothing of the content', async () => {
    const { sibling } = held.world.people;
    for (const headers of [{ 'if-none-match': '*' }, { 'if-match': '"x"' }, { range: `bytes=${size}-` }]) {
      const answer = await sibling.requester.client.ask('GET', content, undefined, headers);
      expect(answer).toMatchObject({ status: 404, json: { code: 'not-found' } });
      expect(answer.headers).not.toHaveProperty('etag');
      expect(answer.headers).not.toHaveProperty('content-range');
    }
  });
});

test('P17, L4.4: the client’s journal and the log’s facts agree: 0 missing, 0 beyond', async () => {
  const { world } = held;
  await get({ range: 'bytes=17-4711' });
  const facts = (await world.log()).filter(
    ({ kind, facts: { viewing: of } }) => kind === 'content.released' && of === viewing,
  );
  const said = facts.map(({ facts: { from, to } }) => ({ viewing, from: Number(from), to: Number(to) }));
  const order = (list: readonly Got[]) => list.map(({ from, to }) => `${from}-${to}`).sort();
  expect(journal.length).toBeGreaterThan(200);
  expect(order(said)).toEqual(order(journal));
  for (const { facts: named, subjects, actor } of facts) {
    expect(named).toMatchObject({ grant, viewing });
    expect(subjects.map((subject) => (typeof subject === 'string' ? subject : subject.id))).toEqual(
      expect.arrayContaining([`item:${item}`, `grant:${grant}`, `person:${who.person}`]),
    );
    expect(actor).toBe(`person:${who.person}`);
  }
});

test('L4.4: of a stream that was broken off the client has no byte outside the fact that came before it', async () => {
  const { world } = held;
  const { next } = await world.service.parts.store.ledger.head();
  const stream = await reading(who.client, content, { range: 'bytes=1000-900000' });
  stream.response.destroy();
  await stream.over;
  const facts = (await world.log(next)).filter(({ kind }) => kind === 'content.released');
  expect(facts.map(({ facts: { from, to } }) => [from, to])).toEqual([[1_000, 900_001]]);
  expect(stream.got()).toBeLessThanOrEqual(899_001);
});
