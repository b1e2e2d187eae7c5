/** Reach over HTTP (reliability.md 2: X2, X3, X7, X8): what lies elsewhere is not there, in no list, count or page. */
import { beforeAll, describe, expect, test } from 'vitest';
import { makeThings, type Things } from '../../arch/matrix-acts.ts';
import { sharedHttpWorld } from '../world-http.ts';

const held = sharedHttpWorld();
let things: Things;
let foreign: string;
beforeAll(async () => {
  things = await makeThings(held.world);
  const { custodian } = held.world.people.sibling;
  foreign = await held.world.takeIn(custodian, Buffer.from('西溪 secret words'), {
    kind: 'document',
    title: '西溪镇 调解室',
  });
});
const nothing = { status: 404, json: { code: 'not-found' } };

describe('X2: an id of another centre in a body', () => {
  test('one among many: the whole request is answered as if nothing were there, and nothing changes', async () => {
    const { world } = held;
    const { requester, custodian } = world.people.own;
    const { next } = await world.service.parts.store.ledger.head();
    const terms = { kind: 'view', purposeCode: 'traffic-incident', purposeWords: '核查', durationMs: 60_000 };
    const ask = (items: object[]) =>
      requester.client.ask('POST', '/api/v1/applications', { ...terms, items });
    expect(await ask([{ item: things.item }, { item: foreign }])).toMatchObject(nothing);
    expect(await ask([{ item: foreign }])).toMatchObject(nothing);
    const submission = { terms: { ...terms, items: [{ item: foreign }] } };
    expect(
      await requester.client.ask('POST', `/api/v1/applications/${things.draft}/submission`, submission),
    ).toMatchObject(nothing);
    const intake = {
      centre: world.centres.sibling,
      kind: 'document',
      class: 'ordinary',
      title: 't',
      source: 's',
      place: 'p',
      size: 1,
    };
    expect(await custodian.client.ask('POST', '/api/v1/intakes', intake)).toMatchObject(nothing);
    const range = { item: foreign };
    expect(
      await requester.client.ask('POST', `/api/v1/grants/${things.grants.running}/viewings`, range),
    ).not.toMatchObject({ status: 201 });
    const kinds = (await world.log(next)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => !kind.endsWith('refused'))).toEqual([]);
  });

  test('an officer below cannot post, enter or seat anybody elsewhere, nor export what lies elsewhere', async () => {
    const { world } = held;
    const { own } = world.people;
    const so = own['security-officer'].client;
    const unit = (
      await world.officer.must('POST', `/api/v1/centres/${world.centres.sibling}/units`, {
        name: '西溪值班室',
      })
    ).unit;
    expect(
      await so.ask('POST', `/api/v1/people/${things.victim.person}/postings`, {
        centre: world.centres.sibling,
      }),
    ).toMatchObject(nothing);
    expect(
      await so.ask('POST', `/api/v1/people/${things.victim.person}/postings`, {
        centre: world.centres.own,
        unit,
      }),
    ).toMatchObject(nothing);
    expect(
      await so.ask('POST', `/api/v1/postings/${things.victim.posting}/offices`, { office: 'approver', unit }),
    ).toMatchObject(nothing);
    expect(await so.ask('POST', '/api/v1/centres', { parent: world.county, name: '新镇' })).toMatchObject(
      nothing,
    );
    const sa = own['system-administrator'].client;
    const words = { name: '张', home: '局', clearance: 'ordinary', account: 'elsewhere' };
    expect(await sa.ask('POST', '/api/v1/people', { ...words, centre: world.centres.sibling })).toMatchObject(
      nothing,
    );
    const auditor = own.auditor.client;
    for (const scope of [
      { kind: 'full' },
      { kind: 'subject', id: `item:${foreign}` },
      { kind: 'subject', id: `centre:${world.centres.sibling}` },
    ])
      expect(await auditor.ask('POST', '/api/v1/log/exports', { scope })).toMatchObject(nothing);
  });
});

describe('X7: what is hidden is in no list', () => {
  test('search, filters and pages hold nothing of another centre, by whatever is asked', async () => {
    const { client } = held.world.people.own.requester;
    const seen = await held.world.people.sibling.requester.client.must('GET', `/api/v1/items/${foreign}`);
    const count = (await client.must('GET', '/api/v1/items?limit=200')).items.length;
    const queries = [
      `q=${encodeURIComponent('西溪')}`,
      `q=${encodeURIComponent(seen.title)}`,
      `sha256=${seen.sha256}`,
      `custodian=${seen.custodian}`,
      `number=${seen.number}&sha256=${seen.sha256}`,
    ];
    for (const query of queries) {
      const found = await client.must('GET', `/api/v1/items?${query}`);
      expect(found, query).toEqual({ items: [], next: null });
    }
    await held.world.takeIn(held.world.people.sibling.custodian, Buffer.from('another'), {
      kind: 'document',
    });
    expect((await client.must('GET', '/api/v1/items?limit=200')).items.length).toBe(count);
    const ids = (await client.must('GET', '/api/v1/items?limit=200')).items.map(
      ({ id }: { id: string }) => id,
    );
    expect(ids).not.toContain(foreign);
  });

  test('pages of one go through all of the own centre’s and end', async () => {
    const { client } = held.world.people.own.requester;
    const all = (await client.must('GET', '/api/v1/items?limit=200')).items.map(
      ({ id }: { id: string }) => id,
    );
    const paged: string[] = [];
    for (let next = ''; ; ) {
      const page = await client.must(
        'GET',
        `/api/v1/items?limit=1${next && `&after=${encodeURIComponent(next)}`}`,
      );
      paged.push(...page.items.map(({ id }: { id: string }) => id));
      if (page.next === null) break;
      next = page.next;
    }
    expect(paged).toEqual(all);
  });

  test('an inbox, the running grants, the people and the log show the own reach alone', async () => {
    const { own, sibling } = held.world.people;
    const { client } = sibling.approver;
    expect(await client.must('GET', '/api/v1/applications?whose=inbox')).toMatchObject({ applications: [] });
    expect(await client.must('GET', '/api/v1/grants?whose=centre')).toMatchObject({ grants: [] });
    expect(await sibling.requester.client.must('GET', '/api/v1/applications')).toMatchObject({
      applications: [],
    });
    const { people } = await sibling['security-officer'].client.must('GET', '/api/v1/people');
    expect(people.map(({ id }: { id: string }) => id)).not.toContain(own.requester.person);
    const { entries } = await sibling.auditor.client.must('GET', '/api/v1/log/entries?limit=200');
    for (const entry of entries) expect(entry.subjects).toContain(`centre:${held.world.centres.sibling}`);
    const subject = encodeURIComponent(`item:${things.item}`);
    expect(await sibling.auditor.client.must('GET', `/api/v1/log/entries?subject=${subject}`)).toMatchObject({
      entries: [],
    });
  });

  test('a second copy of bytes that lie elsewhere is not told of them', async () => {
    const { custodian } = held.world.people.own;
    const intake = await held.world.upload(custodian, Buffer.from('西溪 secret words'), { kind: 'document' });
    const taken = await custodian.client.must('POST', `/api/v1/intakes/${intake}/accession`);
    expect(taken.duplicateOf).toBeNull();
  });
});

describe('X8: page marks', () => {
  const bad = { status: 400, json: { code: 'bad-cursor' } };
  test('altered, another person’s, another list’s, or none at all: 400', async () => {
    const { own } = held.world.people;
    const { client } = own.requester;
    const { next } = await client.must('GET', '/api/v1/items?limit=1');
    expect(next).toBeTypeOf('string');
    const list = (after: string, path = '/api/v1/items', who = client) =>
      who.ask('GET', `${path}?after=${encodeURIComponent(after)}`);
    expect((await list(next)).status).toBe(200);
    expect(await list(next, '/api/v1/items', own.approver.client)).toMatchObject(bad);
    expect(await list(next, '/api/v1/grants')).toMatchObject(bad);
    const [head = '', payload = '', mac = ''] = next.split('.');
    const forged = Buffer.from(
      JSON.stringify(['items', own.requester.person, '{"value":"","id":""}']),
    ).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const spelled = [
      `${head}.${forged}.${mac}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${mac}`,
      `${head}.${payload}.${mac.slice(0, -1)}A`,
      `${next}=`,
      ` ${next}`,
      `${next}.x`,
      'x',
      '',
      '0',
    ].filter((mark) => mark !== next);
    for (const mark of spelled) expect((await list(mark)).status, mark).toBe(400);
  });
});
