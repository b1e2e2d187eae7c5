/**
 * Secrets (P18, S8): words that were put into every input are found nowhere after the whole chain but where they belong,
 * under a key. Content, title, purpose, reason, passwords, tokens: not in the data folder, the objects, the keys, the
 * temporary folder or the application log.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpWorld, openHttpWorld } from './world-http.ts';

const canary = (name: string): string => `canary-${name}-${randomBytes(12).toString('hex')}`;
const words = {
  content: canary('content'),
  title: canary('title'),
  purpose: canary('purpose'),
  reason: canary('reason'),
  password: canary('password'),
  missed: canary('missed'),
  suspicion: canary('suspicion'),
  search: canary('search'),
  description: canary('description'),
  exportReason: canary('export'),
};
const tokens: string[] = [];
let folder: string;
let temporary: string;
let usualTemporary: string | undefined;
let world: HttpWorld;

/** Spellings under which a word could lie somewhere. */
const spellings = (word: string): Buffer[] => {
  const bytes = Buffer.from(word);
  // Base64 of the same bytes differs by where they begin: the middle of all three is looked for.
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [
    bytes,
    Buffer.from(word, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    ...base64.map((text) => Buffer.from(text)),
  ];
};

async function files(place: string): Promise<string[]> {
  const found = await readdir(place, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Where any of `secrets` lies among the files below `place`. */
async function sightings(place: string, secrets: Readonly<Record<string, string>>): Promise<string[]> {
  const seen: string[] = [];
  for (const file of await files(place)) {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    for (const [name, word] of Object.entries(secrets))
      if (spellings(word).some((spelling) => bytes.includes(spelling)))
        seen.push(`${name} in ${file.slice(place.length)}`);
  }
  return seen;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custos-canary-'));
  temporary = await mkdtemp(join(tmpdir(), 'custos-canary-tmp-'));
  usualTemporary = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  world = await openHttpWorld({ folder });
  await wholeChain();
});
afterAll(async () => {
  if (usualTemporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualTemporary;
  await world?.close();
  await rm(folder, { recursive: true, force: true });
  await rm(temporary, { recursive: true, force: true });
});

async function wholeChain(): Promise<void> {
  const { custodian, requester, approver } = world.people.own;
  const bytes = Buffer.from(`${`${words.content}\n`.repeat(3_000)}`);
  const item = await world.takeIn(custodian, bytes, { kind: 'document', title: words.title });
  const version = { 'if-match': '"1"' };
  await custodian.client.must(
    'PATCH',
    `/api/v1/items/${item}`,
    { title: `${words.title} ${words.description}` },
    version,
  );
  expect((await requester.client.must('GET', `/api/v1/items?q=${words.title}`)).items).toHaveLength(1);
  await requester.client.must('GET', `/api/v1/items?q=${words.search}`);
  await requester.client.must('POST', '/api/v1/me/password', {
    current: requester.password,
    next: words.password,
  });
  requester.password = words.password;
  await world.anyone().ask('POST', '/api/v1/sessions', { name: requester.name, password: words.missed });
  const keyed = { 'idempotency-key': 'canary-key-0001' };
  const proof = { act: 'approve-application', termsHash: 'ab'.repeat(32), password: words.password };
  expect((await requester.client.ask('POST', '/api/v1/step-ups', proof, keyed)).status).toBe(201);
  const { grant } = await world.grantOn(requester, approver, item, { purposeWords: words.purpose });
  const { content } = await world.view(requester, grant, item);
  const got = await buffer(await requester.client.open('GET', content));
  expect(got.includes(words.content)).toBe(true);
  const said = { reasonCode: 'purpose-met', reason: words.reason };
  await approver.client.must('POST', `/api/v1/grants/${grant}/revocation`, said, {
    'idempotency-key': 'canary-key-0002',
  });
  const suspect = await world.person({ centre: world.centres.own, offices: ['requester'] });
  await world.officer.must('POST', `/api/v1/people/${suspect.person}/suspension`, {
    reason: words.suspicion,
  });
  const wish = {
    scope: { kind: 'subject', id: `item:${item}` },
    disclose: 'listed',
    reason: words.exportReason,
  };
  const exported = await world.auditor.open(
    'POST',
    '/api/v1/log/exports',
    { 'content-type': 'application/json' },
    JSON.stringify(wish),
  );
  const tar = await buffer(exported);
  // The search can see: what the auditor was handed does show the title.
  expect(tar.includes(words.title)).toBe(true);
  for (const { client } of [requester, approver, custodian])
    tokens.push(client.cookie.slice('__Host-custos='.length));
  tokens.push(world.node.token);
}

test('P18: the search finds a canary where one lies', async () => {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(temporary, 'bird'), `x${Buffer.from(`..${words.content}..`).toString('base64')}`);
  expect(await sightings(temporary, words)).toEqual(['content in /bird']);
  await rm(join(temporary, 'bird'));
});

test('P18: content and titles are nowhere in data folder, objects, keys, temporary folder', async () => {
  expect((await files(join(folder, 'data'))).length).toBeGreaterThan(3);
  const { content, title, description } = words;
  for (const place of [folder, temporary])
    expect(await sightings(place, { content, title, description })).toEqual([]);
});

test('P18: database and -wal hold no purpose, reason, password, search or token, in no spelling', async () => {
  const names = (await files(folder)).map((file) => file.slice(folder.length));
  expect(names).toEqual(expect.arrayContaining(['/data/custos.db', '/data/custos.db-wal']));
  const secrets = { ...words, ...Object.fromEntries(tokens.map((token, at) => [`token ${at}`, token])) };
  const found = await sightings(folder, secrets);
  // The first-run token's own file is spent: it is gone.
  expect(found).toEqual([]);
  expect(await sightings(temporary, secrets)).toEqual([]);
});

test('P18: the application log holds none of them, and no account name', () => {
  const lines = world.logLines.join('');
  expect(world.logLines.length).toBeGreaterThan(100);
  for (const word of [...Object.values(words), ...tokens, world.people.own.requester.name, '东门路口'])
    expect(lines.includes(word)).toBe(false);
});

test('P18: a fault says nothing of them either: metrics and the answers of refusals hold no word that was put in', async () => {
  const metrics = await (await fetch(`${world.healthUrl}/metrics`)).text();
  const { client } = world.people.own.requester;
  const answers = [
    await client.ask('GET', `/api/v1/items/${words.title}`),
    await client.ask('POST', `/api/v1/applications/${words.title}/submission`, { [words.reason]: 1 }),
    await client.ask('GET', `/${words.title}`),
  ];
  expect(metrics.length).toBeGreaterThan(100);
  for (const word of Object.values(words)) {
    expect(metrics.includes(word)).toBe(false);
    for (const { json, status } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      // The name of an unknown field is told to whoever sent it.
      expect(JSON.stringify({ ...json, errors: [] }).includes(word)).toBe(false);
    }
  }
});
