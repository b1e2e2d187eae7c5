/**
 * The permission matrix (reliability.md 7), out of `may`: every act with a route × every office × own, sibling and parent
 * centre, and nobody, somebody without a posting, without a signature, with a password that another person knows. Each
 * cell is asked over HTTP of the real service. An act or a route that is not in it fails.
 */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { may, type Permission } from '../../src/acts/may.ts';
import { acts } from '../../src/acts/registry.ts';
import { openApi } from '../../src/api/openapi.ts';
import { type Office, offices } from '../../src/domain/people.ts';
import { type Place, places, type Someone, sharedHttpWorld } from '../api/world-http.ts';
import { type Ask, makeThings, matrix, type RoutedAct, type Row, type Things } from './matrix-acts.ts';
import { reads } from './matrix-reads.ts';

const held = sharedHttpWorld();
let things: Things;
const rows = Object.entries(matrix) as [RoutedAct, Row][];

/** What a cell answers: the act's own decision, whatever it is, or one of the refusals before it. */
type Cell =
  | 'decision'
  | 'sign-in-required'
  | 'not-posted'
  | 'office-missing'
  | 'agreement-missing'
  | 'not-found'
  | 'password-change-needed';
const before: readonly string[] = [
  'sign-in-required',
  'not-posted',
  'office-missing',
  'agreement-missing',
  'not-found',
  'password-change-needed',
] satisfies Cell[];

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  /** What an onlooker could compare: the whole answer but what names this one request. */
  readonly shape: string;
}

/** An answer to HEAD says no more than its status. */
const headCodes: Readonly<Record<number, string>> = {
  401: 'sign-in-required',
  403: 'forbidden',
  404: 'not-found',
};

async function send(who: Someone | undefined, route: string, ask: Ask): Promise<Answer> {
  const client = who?.client ?? held.world.anyone();
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ask.ids?.[name] ?? '');
  const json = ask.bytes ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body));
  const type = json === undefined || ask.bytes ? {} : { 'content-type': 'application/json' };
  const response = await client.open(method, path, { ...type, ...ask.headers }, json);
  const isProblem = /problem/.test(response.headers['content-type'] ?? '');
  const live = /event-stream/.test(response.headers['content-type'] ?? '');
  const body = live ? '' : await text(response);
  if (live) response.destroy();
  const problem = isProblem && body ? JSON.parse(body) : undefined;
  const { date: _date, 'x-request-id': _id, ...headers } = response.headers;
  const { requestId: _requestId, ...said } = problem ?? {};
  return {
    status: response.statusCode ?? 0,
    code: problem?.code ?? (isProblem ? headCodes[response.statusCode ?? 0] : undefined),
    shape: JSON.stringify([response.statusCode, headers, said]),
  };
}

const permissionOf = (act: RoutedAct): Permission => may[act];

/** By the table alone. */
function expected(act: RoutedAct, { at, parentApprover, makers }: Row, office: Office, place: Place): Cell {
  const { reach, offices: allowed } = permissionOf(act);
  if (reach === 'open' || reach === 'self') return 'decision';
  if (!allowed.includes(office)) return makers ? 'not-found' : 'office-missing';
  if (place === (at ?? 'own')) return 'decision';
  if (reach === 'subtree') return place === 'parent' ? 'decision' : 'not-found';
  if (reach === 'seat' && place === 'parent') {
    if (office === 'security-officer') return 'decision';
    if (office === 'approver' && parentApprover) return 'decision';
  }
  return 'not-found';
}

function expectCell(answer: Answer, cell: Cell, where: string): void {
  const headForbidden = answer.code === 'forbidden' && cell !== 'decision' && cell !== 'not-found';
  const reached = headForbidden
    ? cell
    : answer.code !== undefined && before.includes(answer.code)
      ? answer.code
      : 'decision';
  expect(`${where}: ${reached}`).toBe(`${where}: ${cell}`);
  const status = { 'sign-in-required': 401, 'not-found': 404, decision: answer.status };
  expect(answer.status, where).toBe(cell in status ? status[cell as keyof typeof status] : 403);
  expect(answer.status, where).not.toBe(500);
}

const unknown = (): string => {
  const hex = randomBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
};
const idShape = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;
/** The same request about things that do not exist. */
function aboutNothing({ ids = {}, body, headers }: Ask): Ask {
  return {
    ids: Object.fromEntries(Object.keys(ids).map((name) => [name, unknown()])),
    ...(body ? { body: JSON.parse(JSON.stringify(body).replaceAll(idShape, unknown)) } : {}),
    ...(headers ? { headers } : {}),
  };
}

/** Asks in a session of its own where the act ends sessions, and brings the usual one back. */
async function askAs(who: Someone | undefined, row: Row, ask: Ask): Promise<Answer> {
  if (!row.ownSession || !who) return send(who, row.route, ask);
  const client = await held.world.signedIn(who.name, who.password);
  const answer = await send({ ...who, client }, row.route, ask);
  await who.client.signIn(who.name, who.password);
  return answer;
}

let unposted: Someone;
let handedOut: Someone;
const unsigned = new Map<Office, Someone>();

beforeAll(async () => {
  const { world } = held;
  const { own } = world.centres;
  things = await makeThings(world);
  unposted = await world.person({ centre: own, name: 'unposted' });
  for (const office of offices)
    unsigned.set(office, await world.person({ centre: own, offices: [office], bound: false }));
  const posted = await world.person({
    centre: own,
    offices: ['requester', 'custodian', 'approver'],
    name: 'handed',
  });
  const path = `/api/v1/accounts/${posted.account}/password-reset`;
  const { firstPassword } = await world.officer.must('POST', path);
  handedOut = { ...posted, password: firstPassword, client: await world.signedIn('handed', firstPassword) };
});

test('every act with a route is in the matrix, and every route is an act’s or a read’s', () => {
  const routed = Object.keys(acts).filter((name) => may[name as keyof typeof may].reach !== 'system');
  expect(Object.keys(matrix).sort()).toEqual(routed.sort());
  const documented = Object.entries(openApi(held.world.service.app).paths ?? {}).flatMap(([path, verbs]) =>
    Object.keys(verbs ?? {}).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  const listed = [...rows.map(([, row]) => row.route), ...Object.keys(reads)];
  expect(documented.sort()).toEqual(listed.sort());
});

test('no route exists beside the documented ones but the document itself and the upload protocol’s', () => {
  const { app } = held.world.service;
  const documented = new Set(
    Object.entries(openApi(app).paths ?? {}).flatMap(([path, verbs]) =>
      Object.keys(verbs ?? {}).map((verb) => `${verb.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    ),
  );
  const others = app.routes
    .filter(({ method, path }) => !(method === 'ALL' && path === '/*'))
    .map(({ method, path }) => `${method} ${path}`)
    .filter((name) => !documented.has(name));
  expect([...new Set(others)].sort()).toEqual([
    'GET /api/v1/intakes/:id/content',
    'GET /api/v1/openapi.json',
    'OPTIONS /api/v1/intakes',
  ]);
});

describe('reads', () => {
  const named = Object.entries(reads);
  test.each(named)('R1, X1: %s: each office in each centre sees what the table says', async (route, read) => {
    const { world } = held;
    for (const place of places) {
      for (const office of offices) {
        const who = world.people[place][office];
        const cell = read.cell(office, place);
        const ask = read.ask(things);
        const answer = await send(who, route, ask);
        const where = `${route} by ${office} of ${place}`;
        expectCell(answer, cell, where);
        if (cell === 'decision') expect(answer.status, where).toBeLessThan(300);
        if (cell !== 'not-found') continue;
        const nothing = await send(who, route, aboutNothing(ask));
        expect(answer.shape, `X1: ${where}`).toBe(nothing.shape);
      }
    }
  });

  test.each(named)(
    'X5: %s: nobody, an unposted, an unsigned and a handed-out password',
    async (route, read) => {
      const ask = read.ask(things);
      expectCell(await send(undefined, route, ask), 'sign-in-required', `${route} by nobody`);
      const anyone = read.anyone === true;
      expectCell(
        await send(unposted, route, ask),
        anyone ? 'decision' : 'not-posted',
        `${route} by an unposted`,
      );
      const office = offices.find((one) => read.cell(one, 'own') === 'decision') ?? 'requester';
      const who = unsigned.get(office);
      expectCell(
        await send(who, route, ask),
        anyone ? 'decision' : 'agreement-missing',
        `${route} by an unsigned`,
      );
      expectCell(
        await send(handedOut, route, ask),
        route === 'GET /api/v1/me' ? 'decision' : 'password-change-needed',
        `${route} with a handed-out password`,
      );
    },
  );
});

describe('acts', () => {
  test.each(rows)(
    'R1, R2, X1, X3: %s: each office in each centre is answered as the table says',
    async (act, row) => {
      const { world } = held;
      const order = [...places].reverse().flatMap((place) => offices.map((office) => ({ place, office })));
      for (const { place, office } of order) {
        const who = world.people[place][office];
        const ask = row.ask(things, who);
        const cell = expected(act, row, office, place);
        const answer = await askAs(who, row, ask);
        expectCell(answer, cell, `${act} by ${office} of ${place}`);
        if (cell !== 'not-found' || row.at) continue;
        const nothing = await askAs(who, row, aboutNothing(ask));
        expect(answer.shape, `X1: ${act} by ${office} of ${place}`).toBe(nothing.shape);
      }
    },
  );

  test.each(rows)('X5: %s: nobody, an unposted, an unsigned and a handed-out password', async (act, row) => {
    const { reach, offices: allowed, bound } = permissionOf(act);
    const open = reach === 'open';
    expectCell(
      await askAs(undefined, row, row.ask(things, undefined)),
      open ? 'decision' : 'sign-in-required',
      `${act} by nobody`,
    );
    expectCell(
      await askAs(unposted, row, row.ask(things, unposted)),
      allowed.length > 0 ? 'not-posted' : 'decision',
      `${act} by an unposted`,
    );
    const who = unsigned.get(allowed[0] ?? 'requester');
    if (!who) throw new Error('nobody');
    expectCell(
      await askAs(who, row, row.ask(things, who)),
      bound && !open ? 'agreement-missing' : 'decision',
      `${act} by an unsigned`,
    );
    const left = open || ['change-password', 'sign-out', 'sign-out-everywhere'].includes(act);
    expectCell(
      await askAs(handedOut, row, row.ask(things, handedOut)),
      left ? 'decision' : 'password-change-needed',
      `${act} with a handed-out password`,
    );
  });
});
