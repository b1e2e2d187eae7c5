import { describe, expect, it } from 'vitest';
import { describeItem } from '../../../src/acts/intake/describe-item.ts';
import { raiseClass } from '../../../src/acts/intake/raise-class.ts';
import { recordScan } from '../../../src/acts/intake/record-scan.ts';
import { insert } from '../../../src/acts/ports/tables.ts';
import type { GrantId, ItemId } from '../../../src/domain/ids.ts';
import { plantCase } from '../people/plant.ts';
import { sharedWorld, type World } from '../world.ts';

const shared = sharedWorld();

/** Puts `item` under `grant`, and opens it once. */
async function put(world: World, grant: GrantId, item: ItemId, person: string) {
  const expected = await world.deps.ledger.head();
  const viewing = world.chance.id();
  const entry = {
    at: world.clock.wall,
    kind: 'application.created',
    actor: 'system:fixture',
    subjects: [`grant:${grant}`],
    facts: { kind: 'view' },
    private: {},
  };
  const outcome = await world.deps.ledger.commit({
    expected,
    entries: [entry],
    writes: [
      insert('grantItem', { id: `${grant}/${item}`, grantId: grant, itemId: item, endedSeq: null }),
      insert('viewing', {
        id: viewing as never,
        grantId: grant,
        itemId: item,
        personId: person as never,
        sessionId: '' as never,
        openedAt: world.clock.wall,
        openedSeq: expected.next,
        leaseUntil: world.clock.wall + 30_000,
        endedAt: null,
        endReason: null,
        secondsWatched: 0,
      }),
    ],
  });
  if (!Array.isArray(outcome)) throw new Error('The fixture was not written.');
  return viewing;
}

describe('describing an item', () => {
  it('S10: words and times are corrected on the version that was seen; the bytes stay what they are', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const { item } = await world.takeIn(custodian);
    const before = (await world.reads.one('item', { id: item }))!;
    const from = await world.next();
    const change = { item, version: 1, title: '新题名', recordedFrom: 1000, recordedTo: 2000 };
    expect(await world.must(describeItem, custodian, change)).toEqual({ version: 2 });
    const after = (await world.reads.one('item', { id: item }))!;
    expect(await world.deps.privacy.open(`item:${item}`, 'title', after.sealedTitle)).toBe('新题名');
    const { sealedTitle: _title, ...rest } = after;
    expect(rest).toEqual({
      ...rest,
      sha256: before.sha256,
      number: before.number,
      source: before.source,
      class: before.class,
      recordedFrom: 1000,
      recordedTo: 2000,
      version: 2,
    });
    expect(await world.log(from)).toMatchObject([
      { kind: 'item.described', facts: { version: 2, recordedFrom: 1000, recordedTo: 2000 } },
    ]);
  });

  it('P13: of two changes on one version the second is refused', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const { item } = await world.takeIn(custodian);
    const both = await Promise.all(
      ['甲', '乙'].map((title) => world.run(describeItem, custodian, { item, version: 1, title })),
    );
    expect(both.filter((outcome) => 'result' in outcome)).toHaveLength(1);
    expect(both.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'version-conflict' }]);
  });

  it('X4, R29: what a description may not change is refused: class, hash, number, custodian', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const { item } = await world.takeIn(custodian);
    for (const field of ['class', 'sha256', 'number', 'custodianId', 'state']) {
      const outcome = await world.run(describeItem, custodian, { item, version: 1, [field]: 'ordinary' });
      expect(outcome).toMatchObject({ refused: 'unknown-field' });
    }
    const span = await world.run(describeItem, custodian, {
      item,
      version: 1,
      recordedFrom: 9,
      recordedTo: 9,
    });
    expect(span).toMatchObject({ refused: 'bad-input', rule: 'R43' });
    const marked = await world.run(describeItem, custodian, { item, version: 1, title: '绝密★' });
    expect(marked).toMatchObject({ refused: 'class-above-ceiling' });
  });

  it('X1: an item of another centre is not found', async () => {
    const { world } = shared;
    const { townA, townB } = await world.townships();
    const a = await world.member({ centre: townA, offices: ['custodian'] });
    const b = await world.member({ centre: townB, offices: ['custodian', 'approver'] });
    const { item } = await world.takeIn(a);
    const wrong = { refused: 'not-found', rule: 'R1' };
    expect(await world.run(describeItem, b, { item, version: 1, title: 'x' })).toEqual(wrong);
    expect(await world.run(raiseClass, b, { item, class: 'sensitive', reason: 'x' })).toEqual(wrong);
  });
});

describe('classes', () => {
  it('R63: one custodian or one leader of the centre raises a class at once; running grants on it are suspended', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const leader = await world.member({ offices: ['approver'] });
    const requester = await world.member({ offices: ['requester'] });
    const { item } = await world.takeIn(custodian);
    const { grant } = await plantCase(world, requester, { grant: 'active' });
    const elsewhere = await plantCase(world, requester, { grant: 'active' });
    await put(world, grant, item, requester.person);
    const from = await world.next();
    const raised = await world.must(raiseClass, leader, { item, class: 'restricted', reason: '涉未成年人' });
    expect(raised).toEqual({ class: 'restricted', version: 2 });
    expect((await world.log(from)).map(({ kind }) => kind)).toEqual(['item.reclassified', 'grant.suspended']);
    expect(await world.reads.one('grant', { id: grant })).toMatchObject({ state: 'suspended' });
    expect(await world.reads.one('grant', { id: elsewhere.grant })).toMatchObject({ state: 'active' });
    expect(world.live.endings).toContainEqual({ ends: 'grant', id: grant, reason: 'suspended' });
    await world.must(raiseClass, custodian, { item, class: 'sensitive', reason: '再升' });
  });

  it('R63: nobody lowers a class here, and a unit leader or a requester does not raise one', async () => {
    const { world } = shared;
    const { county, countyUnit } = await world.townships();
    const custodian = await world.member({ offices: ['custodian'] });
    const unitLeader = await world.member({
      centre: county,
      unit: countyUnit,
      offices: ['approver'],
      leads: 'unit',
    });
    const requester = await world.member({ offices: ['requester'] });
    const { item } = await world.takeIn(custodian, { class: 'restricted' });
    const set = (itemClass: string) => ({ item, class: itemClass, reason: 'x' });
    expect(await world.run(raiseClass, custodian, set('ordinary'))).toMatchObject({
      refused: 'state-forbids',
    });
    for (const who of [unitLeader, requester]) {
      expect(await world.run(raiseClass, who, set('sensitive'))).toMatchObject({ refused: 'office-missing' });
    }
    expect(await world.reads.one('item', { id: item })).toMatchObject({ class: 'restricted', version: 1 });
    const before = await world.next();
    await world.must(raiseClass, custodian, set('restricted'));
    expect(await world.next()).toBe(before);
  });
});

describe('scans', () => {
  it('S10: a later finding puts the item into quarantine and cuts who is viewing; a clean scan releases it', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const requester = await world.member({ offices: ['requester'] });
    const { item } = await world.takeIn(custodian);
    const { grant } = await plantCase(world, requester, { grant: 'active' });
    const viewing = await put(world, grant, item, requester.person);
    const scan = (found: string) => world.must(recordScan, world.system('scanner'), { item, scan: found });
    await world.must(recordScan, world.system('scanner'), {
      item,
      scan: 'infected',
      signature: 'Eicar-Signature',
    });
    expect(await world.reads.one('item', { id: item })).toMatchObject({
      scan: 'infected',
      state: 'quarantine',
    });
    expect(world.live.endings).toContainEqual({ ends: 'viewing', id: viewing });
    expect(await scan('not-scanned')).toEqual({ state: 'quarantine' });
    expect(await world.reads.one('item', { id: item })).toMatchObject({ scan: 'infected' });
    expect(await scan('clean')).toEqual({ state: 'held' });
    expect(await scan('not-scanned')).toEqual({ state: 'held' });
    expect(await world.reads.one('item', { id: item })).toMatchObject({ scan: 'not-scanned', state: 'held' });
  });

  it('R44: no person records a scan', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const { item } = await world.takeIn(custodian);
    expect(await world.run(recordScan, custodian, { item, scan: 'clean' })).toMatchObject({
      refused: 'office-missing',
    });
  });
});
