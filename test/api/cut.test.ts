/**
 * Whatever ends the right to watch cuts what runs, over a real socket (P12, X20, R37): the act that ends it answers within
 * a second, and a client that reads gets at most what was on its way.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { reading } from './stream.ts';
import { type Someone, sharedHttpWorld } from './world-http.ts';

// The pace of playing is on: ten seconds of film at once, then as fast as it is played (R39).
const held = sharedHttpWorld({ flags: { 'viewing.aheadMs': '10000' } });
const size = 24 * 1024 * 1024;
const onItsWay = 1024 * 1024;
let item: string;

beforeAll(async () => {
  const line = Buffer.from('2026-03-02 08:00:00 东门路口 1 号机 一切正常\n');
  const bytes = Buffer.alloc(size, line).subarray(0, size - (size % line.length));
  item = await held.world.takeIn(held.world.people.own.custodian, bytes, { kind: 'document' });
});

interface Watching {
  readonly who: Someone;
  readonly grant: string;
  readonly content: string;
}

async function watching(more: Record<string, unknown> = {}): Promise<Watching> {
  const { world } = held;
  const who = await world.person({ centre: world.centres.own, offices: ['requester'] });
  const { grant } = await world.grantOn(who, world.people.own.approver, item, more);
  return { who, grant, ...(await world.view(who, grant, item)) };
}

const reasons = { reasonCode: 'purpose-met', reason: '事故已核查完毕' };

/** What ends it, and what the next request is told. */
const endings: Readonly<
  Record<string, { end(it: Watching): Promise<unknown>; code: string; status: number; anew?: string }>
> = {
  'the grant is revoked': {
    end: ({ grant }) => approver().must('POST', `/api/v1/grants/${grant}/revocation`, reasons),
    status: 403,
    code: 'viewing-ended',
    anew: 'grant-ended',
  },
  'the item is taken out of the grant': {
    end: ({ grant }) =>
      approver().must('POST', `/api/v1/grants/${grant}/revocation`, { items: [item], ...reasons }),
    status: 403,
    code: 'viewing-ended',
    anew: 'grant-ended',
  },
  'the grant is suspended': {
    end: ({ grant }) => approver().must('POST', `/api/v1/grants/${grant}/suspension`, reasons),
    status: 403,
    code: 'viewing-ended',
    anew: 'grant-suspended',
  },
  'the grantee gives it up': {
    end: ({ who, grant }) => who.client.must('POST', `/api/v1/grants/${grant}/relinquishment`),
    status: 403,
    code: 'viewing-ended',
    anew: 'grant-ended',
  },
  'the viewing is closed': {
    end: ({ who, content }) =>
      who.client.must('POST', content.replace(/content$/, 'close'), { secondsWatched: 3 }),
    status: 403,
    code: 'viewing-ended',
  },
  'the grantee signs out': {
    end: ({ who }) => keepingCookie(who, () => who.client.must('DELETE', '/api/v1/sessions/current')),
    status: 401,
    code: 'sign-in-required',
  },
  'the grantee signs out everywhere, elsewhere': {
    end: async ({ who }) =>
      (await held.world.signedIn(who.name, who.password)).must('DELETE', '/api/v1/sessions'),
    status: 401,
    code: 'sign-in-required',
  },
  'the password is changed elsewhere': {
    end: async ({ who }) =>
      (await held.world.signedIn(who.name, who.password)).must('POST', '/api/v1/me/password', {
        current: who.password,
        next: `${who.password} and more`,
      }),
    status: 401,
    code: 'sign-in-required',
  },
  'an officer ends the sessions': {
    end: ({ who }) => held.world.officer.must('POST', `/api/v1/people/${who.person}/sessions/end`),
    status: 401,
    code: 'sign-in-required',
  },
  'the person is suspended': {
    end: ({ who }) =>
      held.world.officer.must('POST', `/api/v1/people/${who.person}/suspension`, { reason: '核查' }),
    status: 401,
    code: 'sign-in-required',
  },
  'the posting ends': {
    end: ({ who }) => held.world.officer.must('POST', `/api/v1/postings/${who.posting}/end`),
    status: 401,
    code: 'sign-in-required',
  },
  'the office is taken away': {
    end: ({ who }) =>
      held.world.officer.must('POST', `/api/v1/offices/${who.assignment}/removal`, { cause: 'ordinary' }),
    status: 401,
    code: 'sign-in-required',
  },
};

const approver = () => held.world.people.own.approver.client;

async function keepingCookie(who: Someone, work: () => Promise<unknown>): Promise<void> {
  const { cookie } = who.client;
  await work();
  who.client.cookie = cookie;
}

describe('P12, X20, R37: while a stream runs,', () => {
  test.each(Object.entries(endings))(
    '%s: answered within a second, and the client reads at most 1 MiB more',
    async (_name, { end, status, code, anew }) => {
      const it = await watching();
      const stream = await reading(it.who.client, it.content);
      expect(stream.response.statusCode).toBe(200);
      const began = performance.now();
      await end(it);
      const took = performance.now() - began;
      const mark = stream.got();
      expect(await stream.over).toBe('cut');
      expect(took).toBeLessThan(1_000);
      expect(stream.since(mark)).toBeLessThanOrEqual(onItsWay);
      expect(stream.got()).toBeLessThan(size / 2);
      expect(await it.who.client.ask('GET', it.content)).toMatchObject({ status, json: { code } });
      const range = await it.who.client.ask('GET', it.content, undefined, { range: 'bytes=0-99' });
      expect(range).toMatchObject({ status, json: { code } });
      if (anew === undefined) return;
      const again = await it.who.client.ask('POST', `/api/v1/grants/${it.grant}/viewings`, { item });
      expect(again).toMatchObject({ status: 403, json: { code: anew } });
    },
  );

  test('a client that has stopped reading finds no more than that in its own buffers', async () => {
    const it = await watching();
    const response = await it.who.client.open('GET', it.content);
    response.pause();
    const { end } = endings['the grant is revoked'] ?? {};
    await end?.(it);
    let after = 0;
    try {
      for await (const piece of response) after += (piece as Buffer).length;
      expect.unreachable('it ended cleanly');
    } catch {
      expect(after).toBeLessThanOrEqual(onItsWay);
    }
  });

  test('R43: the granted window ends: it stops at that instant, and the next request is refused', async () => {
    const it = await watching({ durationMs: 2_000 });
    const { notAfter } = await it.who.client.must('GET', `/api/v1/grants/${it.grant}`);
    const stream = await reading(it.who.client, it.content);
    let atEnd: number | undefined;
    stream.response.on('data', () => {
      if (Date.now() >= Date.parse(notAfter)) atEnd ??= stream.got();
    });
    expect(await stream.over).toBe('cut');
    expect(Date.now() - Date.parse(notAfter)).toBeLessThan(1_000);
    expect(stream.got() - (atEnd ?? stream.got())).toBeLessThanOrEqual(onItsWay);
    expect(await it.who.client.ask('GET', it.content)).toMatchObject({
      status: 403,
      json: { code: 'grant-ended' },
    });
  });

  test('R39: nobody renews the lease: what runs stops when it is over, and goes on for nobody', async () => {
    const it = await watching();
    const stream = await reading(it.who.client, it.content);
    held.world.clock.turn(31_000);
    expect(await stream.over).toBe('cut');
    expect(stream.got()).toBeLessThan(size);
    expect(await it.who.client.ask('GET', it.content)).toMatchObject({
      status: 403,
      json: { code: 'viewing-ended' },
    });
  });

  test('a stream of another person, or of another grant of the same, goes on', async () => {
    const [one, other] = [await watching(), await watching()];
    const streams = [
      await reading(one.who.client, one.content),
      await reading(other.who.client, other.content),
    ];
    const { end } = endings['the grant is revoked'] ?? {};
    await end?.(one);
    expect(await streams[0]?.over).toBe('cut');
    const mark = streams[1]?.got() ?? 0;
    expect(await other.who.client.ask('GET', other.content, undefined, { range: 'bytes=0-9' })).toMatchObject(
      {
        status: 206,
      },
    );
    expect(streams[1]?.response.destroyed).toBe(false);
    expect(mark).toBeGreaterThan(0);
    streams[1]?.response.destroy();
  });
});
