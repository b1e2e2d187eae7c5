/** Sessions and credentials over HTTP (reliability.md 2 and 5: X40–X46). */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Client } from '../../../src/cli/demo/client.ts';
import { type Someone, sharedHttpWorld } from '../world-http.ts';

const held = sharedHttpWorld();
const status = async (client: Client, cookie: string): Promise<number> => {
  const other = new Client(client.url);
  other.cookie = cookie;
  return (await other.ask('GET', '/api/v1/me')).status;
};
const requester = async (): Promise<Someone> => {
  await held.world.fresh();
  return held.world.person({ centre: held.world.centres.own, offices: ['requester'] });
};

describe('the cookie', () => {
  test('is __Host-, Secure, HttpOnly, SameSite=Strict, Path=/, without Domain, under 256 bytes, random', async () => {
    const { name, password } = await requester();
    const tokens = new Set<string>();
    for (let at = 0; at < 3; at += 1) {
      const answer = await held.world.anyone().ask('POST', '/api/v1/sessions', { name, password });
      const [line = '', ...others] = answer.headers['set-cookie'] ?? [];
      expect(others).toEqual([]);
      expect(line.length).toBeLessThan(256);
      const [pair = '', ...attributes] = line.split('; ');
      expect(pair).toMatch(/^__Host-custos=[A-Za-z0-9_-]{43}$/);
      expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);
      tokens.add(pair);
      // The token is in the cookie alone; only its digest is stored.
      expect(JSON.stringify(answer.json)).not.toContain(pair.slice(14));
      const id = createHash('sha256').update(pair.slice(14)).digest('hex');
      expect(await held.world.service.parts.store.reads.count('session', { id: id as never })).toBe(1);
    }
    expect(tokens.size).toBe(3);
  });

  test('X40: one planted before sign-in opens nothing and is replaced; one kept over sign-in is worth nothing', async () => {
    const who = await requester();
    const planted = `__Host-custos=${'A'.repeat(43)}`;
    const client = held.world.anyone();
    client.cookie = planted;
    await client.signIn(who.name, who.password);
    expect(client.cookie).not.toBe(planted);
    expect(await status(client, planted)).toBe(401);
    const first = client.cookie;
    await client.signIn(who.name, who.password);
    expect(await status(client, first)).toBe(401);
    expect(await status(client, client.cookie)).toBe(200);
  });

  test('a cookie whose session is over does not keep its owner from signing in', async () => {
    const who = await requester();
    await held.world.officer.must('POST', `/api/v1/people/${who.person}/sessions/end`);
    expect(await status(who.client, who.client.cookie)).toBe(401);
    await who.client.signIn(who.name, who.password);
    expect(await status(who.client, who.client.cookie)).toBe(200);
  });

  test('X40: over a change of password and of rights the old one ends', async () => {
    const who = await requester();
    const before = who.client.cookie;
    const next = `${who.password} and more`;
    await who.client.must('POST', '/api/v1/me/password', { current: who.password, next });
    expect(who.client.cookie).not.toBe(before);
    expect(await status(who.client, before)).toBe(401);
    expect(await status(who.client, who.client.cookie)).toBe(200);
    await held.world.officer.must('POST', `/api/v1/postings/${who.posting}/offices`, { office: 'custodian' });
    expect(await status(who.client, who.client.cookie)).toBe(401);
  });

  test('signing out takes it back, asks the browser to forget, and ends the session itself', async () => {
    const who = await requester();
    const { cookie } = who.client;
    const answer = await who.client.ask('DELETE', '/api/v1/sessions/current');
    expect(answer.headers['clear-site-data']).toBe('"cache", "cookies", "storage"');
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-custos=; Max-Age=0; Path=\/; Secure/);
    expect(await status(who.client, cookie)).toBe(401);
  });

  test('a sixth session ends the oldest; 15 idle minutes end one, use keeps it, 8 hours end all', async () => {
    const who = await requester();
    const sessions = [who.client.cookie];
    for (let at = 0; at < 5; at += 1)
      sessions.push((await held.world.signedIn(who.name, who.password)).cookie);
    expect(await Promise.all(sessions.map((cookie) => status(who.client, cookie)))).toEqual([
      401, 200, 200, 200, 200, 200,
    ]);
    held.world.clock.turn(14 * 60_000);
    expect(await status(who.client, sessions[5] ?? '')).toBe(200);
    held.world.clock.turn(2 * 60_000);
    expect(await status(who.client, sessions[5] ?? '')).toBe(200);
    expect(await status(who.client, sessions[4] ?? '')).toBe(401);
    for (let passed = 16; passed < 8 * 60; passed += 14) {
      held.world.clock.turn(14 * 60_000);
      if (passed + 14 < 8 * 60) expect(await status(who.client, sessions[5] ?? '')).toBe(200);
    }
    expect(await status(who.client, sessions[5] ?? '')).toBe(401);
  });
});

describe('X43: other ways to bring a credential', () => {
  test('Basic or Bearer alone 401, beside a cookie 400, in the query 400, cookie of another form 401', async () => {
    const who = await requester();
    const token = who.client.cookie.slice('__Host-custos='.length);
    for (const scheme of ['Basic', 'Bearer', 'Custos']) {
      const header = { authorization: `${scheme} ${token}` };
      const alone = await held.world.anyone().ask('GET', '/api/v1/me', undefined, header);
      expect(alone.status).toBe(401);
      expect(alone.headers['www-authenticate']).toBeDefined();
      expect((await who.client.ask('GET', '/api/v1/me', undefined, header)).status).toBe(400);
    }
    for (const name of ['token', 'access_token', 'session', '__Host-custos'])
      expect((await held.world.anyone().ask('GET', `/api/v1/me?${name}=${token}`)).status).toBe(400);
    for (const cookie of [
      `custos=${token}`,
      `__Secure-custos=${token}`,
      `__host-custos=${token}`,
      `__Host-custos=${token}=`,
      `__Host-custos=${token}A`,
    ])
      expect(await status(who.client, cookie), cookie).toBe(401);
  });

  test('X37: a token respelled is another token', async () => {
    const who = await requester();
    const token = who.client.cookie.slice('__Host-custos='.length);
    const spare = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = spare[(spare.indexOf(token.at(-1) ?? '') + 1) % 64];
    for (const other of [`${token}=`, `${token}==`, `%20${token}`, token.slice(0, -1) + last])
      expect(await status(who.client, `__Host-custos=${other}`), other).toBe(401);
  });
});

describe('X42: from another site', () => {
  test('an unsafe method needs our origin or the browser’s word for it; nothing is done without', async () => {
    const who = await requester();
    const send = async (headers: Record<string, string>, method = 'DELETE', path = '/api/v1/sessions') => {
      const response = await who.client.open(method, path, { origin: '', ...headers });
      let text = '';
      for await (const piece of response) text += piece;
      return { status: response.statusCode, code: JSON.parse(text).code };
    };
    const refusal = { status: 403, code: 'cross-site' };
    const { host } = new URL(held.world.url);
    for (const origin of [
      'null',
      'https://evil.example',
      `http://sub.${host}`,
      `https://${host}`,
      `${held.world.url}/`,
      `${held.world.url}.evil.example`,
      '',
    ])
      expect(await send({ origin }), origin).toEqual(refusal);
    for (const site of ['cross-site', 'same-site', 'none', 'Same-Origin', ''])
      expect(await send({ 'sec-fetch-site': site, origin: held.world.url }), site).toEqual(refusal);
    expect(await status(who.client, who.client.cookie)).toBe(200);
    expect(await send({ 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200 });
  });

  test('a form or text with JSON in it is refused, and no answer allows another origin', async () => {
    const who = await requester();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await who.client.ask('POST', '/api/v1/step-ups', { act: 'x' }, { 'content-type': type });
      expect(answer).toMatchObject({ status: 415, json: { code: 'wrong-type' } });
    }
    const preflight = await who.client.ask('OPTIONS', '/api/v1/me', undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'DELETE',
    });
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('X44, X45: guessing', () => {
  test('X44: an unknown name and a wrong password are answered alike', async () => {
    const who = await requester();
    const [wrong, unknown] = [
      await held.world
        .anyone()
        .ask('POST', '/api/v1/sessions', { name: who.name, password: 'not the password' }),
      await held.world
        .anyone()
        .ask('POST', '/api/v1/sessions', { name: 'nobody of that name', password: 'not the password' }),
    ];
    const shape = ({ status: code, json, headers }: typeof wrong) => {
      const { date: _date, 'x-request-id': _id, ...rest } = headers;
      return { code, rest, json: { ...json, requestId: '' } };
    };
    expect(shape(wrong)).toEqual(shape(unknown));
    expect(wrong).toMatchObject({ status: 401, json: { code: 'sign-in-failed' } });
  });

  test('X45: misses count by person however the name is spelled; 429 says when; open sessions go on', async () => {
    const who = await requester();
    const spelled = [
      who.name,
      who.name.toUpperCase(),
      ` ${who.name} `,
      [...who.name].map((c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)).join(''),
    ];
    let refused: { status: number; headers: Record<string, unknown> } | undefined;
    for (let at = 0; at < 7 && refused?.status !== 429; at += 1)
      refused = await held.world
        .anyone()
        .ask('POST', '/api/v1/sessions', { name: spelled[at % 4], password: 'wrong password' });
    expect(refused?.status).toBe(429);
    const wait = Number(refused?.headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(900);
    expect(await status(who.client, who.client.cookie)).toBe(200);
    held.world.clock.turn((wait + 1) * 1_000);
    await held.world.signedIn(who.name, who.password);
  });

  test('X41: a step-up is good for one act on one set of terms, once, for five minutes', async () => {
    const { world } = held;
    const { custodian, approver } = world.people.sibling;
    for (const who of [custodian, approver]) await who.client.signIn(who.name, who.password);
    await world.fresh();
    const reader = await world.person({ centre: world.centres.sibling, offices: ['requester'] });
    const apply = async () =>
      world.apply(
        reader,
        await world.takeIn(custodian, Buffer.from(`x ${Math.random()}`), { kind: 'document' }),
      );
    const [one, other] = [await apply(), await apply()];
    const approve = ({ application, termsHash }: typeof one) =>
      approver.client.ask('POST', `/api/v1/applications/${application}/approval`, { termsHash });
    const needed = { status: 401, json: { code: 'step-up-required' } };
    expect(await approve(one)).toMatchObject(needed);
    await approver.client.stepUp('approve-application', other.termsHash, approver.password);
    expect(await approve(one)).toMatchObject(needed);
    await approver.client.stepUp('deny-application', one.termsHash, approver.password);
    expect(await approve(one)).toMatchObject(needed);
    world.clock.turn(5 * 60_000 + 1);
    expect(await approve(other)).toMatchObject(needed);
    await approver.client.stepUp('approve-application', one.termsHash, approver.password);
    expect((await approve(one)).status).toBe(201);
  });
});

test('X68: the first run is done once: a used token, and no account that nobody made', async () => {
  const { world } = held;
  const founder = (account: string) => ({
    name: '某',
    home: '局',
    account,
    password: 'plum rain on old tiles 9',
  });
  const again = await world.anyone().ask('POST', '/api/v1/setup', {
    token: world.node.token,
    centre: '县',
    agreement: '协议',
    systemAdministrator: founder('a'),
    securityOfficer: founder('b'),
    auditor: founder('c'),
  });
  expect([401, 409]).toContain(again.status);
  for (const name of ['admin', 'root', 'custos', 'administrator'])
    for (const word of ['admin', 'password', '', 'custos'])
      expect([400, 401, 429]).toContain(
        (await world.anyone().ask('POST', '/api/v1/sessions', { name, password: word })).status,
      );
});
