import { describe, expect, it } from 'vitest';
import { accessionItem } from '../../../src/acts/intake/accession-item.ts';
import { beginIntake } from '../../../src/acts/intake/begin-intake.ts';
import { cancelIntake } from '../../../src/acts/intake/cancel-intake.ts';
import { expireIntake } from '../../../src/acts/intake/expire-intake.ts';
import { sha256Hex } from '../../../src/crypto/digest.ts';
import type { CentreId } from '../../../src/domain/ids.ts';
import { sharedWorld } from '../world.ts';

const shared = sharedWorld();

const description = (centre: CentreId) => ({
  centre,
  kind: 'recording',
  class: 'ordinary',
  title: '东门 夜间',
  source: '东门摄像机',
  place: '东门',
  size: 4,
});
const bytes = (text: string) => new TextEncoder().encode(text);

describe('beginning an intake', () => {
  it('S7, K2.6: it reserves one key for the item, seals what was typed, and stores no title in the clear', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const from = await world.next();
    const { intake, expiresAt } = await world.must(beginIntake, custodian, {
      ...description(custodian.centre),
      title: '题名不可见',
    });
    expect(expiresAt).toBe(world.clock.wall + world.deps.settings.intakeTtlMs);
    const row = (await world.reads.one('intake', { id: intake }))!;
    const key = (await world.reads.one('subjectKey', { id: `item:${intake}` }))!;
    const [begun] = await world.log(from);
    expect(begun).toMatchObject({ kind: 'intake.begun', facts: { size: 4, keyIndex: key.keyIndex } });
    expect(begun!.subjects.map(({ id }) => id)).toEqual(
      expect.arrayContaining([`intake:${intake}`, `item:${intake}`, `centre:${custodian.centre}`]),
    );
    expect(Buffer.from(row.sealedDescription).includes('题名不可见')).toBe(false);
    const opened = await world.deps.privacy.open(`item:${intake}`, 'description', row.sealedDescription);
    expect(JSON.parse(opened!)).toMatchObject({ title: '题名不可见', class: 'ordinary' });
  });

  it.each(['秘密', '机密', '绝密', 'top-secret'])(
    'R63: what is marked %s is refused before a byte arrives',
    async (mark) => {
      const { world } = shared;
      const custodian = await world.member({ offices: ['custodian'] });
      const outcome = await world.run(beginIntake, custodian, {
        ...description(custodian.centre),
        class: mark,
      });
      expect(outcome).toEqual({ refused: 'class-above-ceiling', rule: 'R63' });
      const inWords = await world.run(beginIntake, custodian, {
        ...description(custodian.centre),
        title: '会议录像 机密★10年',
      });
      expect(inWords).toEqual({ refused: 'class-above-ceiling', rule: 'R63' });
    },
  );

  it.each([
    [{ class: 'public' }, 'bad-input'],
    [{ size: -1 }, 'bad-input'],
    [{ size: 2 ** 53 }, 'bad-input'],
    [{ size: 2 ** 40 }, 'too-large'],
    [{ sha256: 'AB'.repeat(32) }, 'bad-input'],
    [{ recordedFrom: 5 }, 'bad-input'],
    [{ recordedFrom: 5, recordedTo: 5 }, 'bad-input'],
    [{ title: 'a\u0000b' }, 'bad-input'],
    [{ title: ' ' }, 'bad-input'],
    [{ state: 'held' }, 'unknown-field'],
    [{ scan: 'clean' }, 'unknown-field'],
    [{ involved: ['00000000-0000-7000-8000-000000000001'] }, 'not-found'],
  ])('X4, R29: %j is refused and nothing begins', async (change, code) => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const before = await world.reads.count('intake', {});
    const outcome = await world.run(beginIntake, custodian, { ...description(custodian.centre), ...change });
    expect(outcome).toMatchObject({ refused: code });
    expect(await world.reads.count('intake', {})).toBe(before);
  });

  it('X1: only a custodian of that very centre begins, and nobody else makes the keyring turn', async () => {
    const { world } = shared;
    const { townA, townB, county } = await world.townships();
    const custodian = await world.member({ centre: townA, offices: ['custodian'] });
    const requester = await world.member({ centre: townA, offices: ['requester'] });
    const first = await world.deps.privacy.reserve(townB);
    for (const centre of [townB, county]) {
      expect(await world.run(beginIntake, custodian, description(centre))).toEqual({
        refused: 'not-found',
        rule: 'R1',
      });
    }
    expect(await world.run(beginIntake, requester, description(townA))).toMatchObject({
      refused: 'office-missing',
    });
    expect((await world.deps.privacy.reserve(townB)).keyIndex).toBe(first.keyIndex + 1);
  });
});

describe('accession', () => {
  it('K5, S7: the item is what was found in the bytes, with a register number and its custodian', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const content = bytes('the footage of one night');
    const from = await world.next();
    const taken = await world.takeIn(custodian, { bytes: content, title: '题名', class: 'restricted' });
    expect(taken).toMatchObject({ state: 'held', scan: 'clean', typeAsClaimed: true, duplicateOf: null });
    expect(taken.number).toMatch(/^2026-\d{6}$/);
    const item = (await world.reads.one('item', { id: taken.item }))!;
    expect(item).toMatchObject({
      centreId: custodian.centre,
      custodianId: custodian.person,
      class: 'restricted',
      size: content.length,
      sha256: sha256Hex(content),
      mediaType: 'video/mp4',
      version: 1,
    });
    expect(await world.deps.privacy.open(`item:${taken.item}`, 'title', item.sealedTitle)).toBe('题名');
    const entry = (await world.log(from)).at(-1)!;
    expect(entry).toMatchObject({
      kind: 'item.accessioned',
      facts: { number: taken.number, sha256: item.sha256, custodian: custodian.person, typeAsClaimed: true },
    });
    expect(Object.keys(entry.private)).toEqual(['place', 'source', 'title']);
    expect(JSON.stringify(entry)).not.toContain('题名');
    const effects = await world.reads.all('outbox', { topic: 'intake-settle' });
    expect(effects.map(({ payload }) => payload)).toContain(JSON.stringify({ intake: taken.item }));
  });

  it('S7: register numbers of a centre rise by one, under parallel accessions too', async () => {
    const { world } = shared;
    const { townA } = await world.townships();
    const custodian = await world.member({ centre: townA, offices: ['custodian'] });
    const intakes = [];
    for (let at = 0; at < 6; at++) intakes.push(await world.upload(custodian));
    const done = await Promise.all(intakes.map((intake) => world.must(accessionItem, custodian, { intake })));
    expect(done.map(({ number }) => number).toSorted()).toEqual(
      [1, 2, 3, 4, 5, 6].map((number) => `2026-00000${number}`),
    );
  });

  it('I27: accepting the same intake again gives the same item and writes nothing', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const taken = await world.takeIn(custodian);
    const before = await world.next();
    expect(await world.must(accessionItem, custodian, { intake: taken.item })).toEqual(taken);
    expect(await world.next()).toBe(before);
  });

  it('S10: the same bytes again are named as a duplicate, within the centre only', async () => {
    const { world } = shared;
    const { townA, townB } = await world.townships();
    const content = bytes('the same bytes');
    const a = await world.member({ centre: townA, offices: ['custodian'] });
    const b = await world.member({ centre: townB, offices: ['custodian'] });
    const first = await world.takeIn(a, { bytes: content });
    const from = await world.next();
    const again = await world.takeIn(a, { bytes: content });
    expect(again.duplicateOf).toEqual({ item: first.item, number: first.number });
    expect((await world.log(from)).at(-1)!.facts.duplicateOf).toBe(first.item);
    expect((await world.takeIn(b, { bytes: content })).duplicateOf).toBeNull();
  });

  it('S10: a file that lies about its type is taken in and recorded as lying', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const from = await world.next();
    const taken = await world.takeIn(custodian, { claimedType: 'image/png' });
    expect(taken.typeAsClaimed).toBe(false);
    expect((await world.log(from)).at(-1)!.facts).toMatchObject({
      typeAsClaimed: false,
      mediaType: 'video/mp4',
    });
  });

  it.each([
    ['infected', 'quarantine'],
    ['not-scanned', 'held'],
    ['clean', 'held'],
  ] as const)('S10: what the scan calls %s is %s, and says so in item and log', async (scan, state) => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    world.finding.scan = scan;
    try {
      const from = await world.next();
      const taken = await world.takeIn(custodian);
      expect(taken).toMatchObject({ scan, state });
      expect(await world.reads.one('item', { id: taken.item })).toMatchObject({ scan, state });
      expect((await world.log(from)).at(-1)!.facts).toMatchObject({ scan, state });
    } finally {
      world.finding.scan = 'clean';
    }
  });

  it('K5: bytes that are not all there, or not those that were declared, make no item', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const short = await world.must(beginIntake, custodian, description(custodian.centre));
    await world.send(short.intake, bytes('abc'));
    expect(await world.run(accessionItem, custodian, { intake: short.intake })).toMatchObject({
      refused: 'upload-conflict',
    });
    const other = await world.must(beginIntake, custodian, {
      ...description(custodian.centre),
      sha256: sha256Hex('abcd'),
    });
    await world.send(other.intake, bytes('abce'));
    expect(await world.run(accessionItem, custodian, { intake: other.intake })).toMatchObject({
      refused: 'file-refused',
    });
    expect(await world.reads.count('item', { id: { in: [short.intake, other.intake] } })).toBe(0);
  });

  it('X1, X4: another centre’s intake is not found, and findings in the body are refused', async () => {
    const { world } = shared;
    const { townA, townB } = await world.townships();
    const a = await world.member({ centre: townA, offices: ['custodian'] });
    const b = await world.member({ centre: townB, offices: ['custodian'] });
    const intake = await world.upload(a);
    for (const wanted of [intake, a.person]) {
      const outcomes = [
        await world.run(accessionItem, b, { intake: wanted }),
        await world.run(cancelIntake, b, { intake: wanted }),
      ];
      for (const outcome of outcomes) expect(outcome).toEqual({ refused: 'not-found', rule: 'R1' });
    }
    const lie = await world.run(accessionItem, a, { intake, sha256: sha256Hex('') });
    expect(lie).toMatchObject({ refused: 'unknown-field' });
    expect(await world.reads.one('intake', { id: intake })).toMatchObject({ state: 'open' });
  });
});

describe('giving an intake up', () => {
  it('K5: a cancelled intake becomes no item, and its bytes and key are to be removed', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const intake = await world.upload(custodian);
    await world.must(cancelIntake, custodian, { intake });
    expect(await world.run(accessionItem, custodian, { intake })).toMatchObject({ refused: 'state-forbids' });
    const effects = await world.reads.all('outbox', { topic: 'intake-remove' });
    expect(effects.map(({ payload }) => payload)).toContain(JSON.stringify({ intake }));
    const before = await world.next();
    await world.must(cancelIntake, custodian, { intake });
    expect(await world.next()).toBe(before);
  });

  it('K5, R43, R44: the timer ends it at its time and not before, and nobody else may', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    const intake = await world.upload(custodian);
    const { expiresAt } = (await world.reads.one('intake', { id: intake }))!;
    world.clock.turn(expiresAt - world.clock.wall - 1);
    expect(await world.run(expireIntake, world.system(), { intake })).toMatchObject({
      refused: 'state-forbids',
    });
    world.clock.turn(1);
    await world.signIn(custodian);
    expect(await world.run(expireIntake, custodian, { intake })).toMatchObject({ refused: 'office-missing' });
    expect(await world.run(accessionItem, custodian, { intake })).toMatchObject({ refused: 'state-forbids' });
    await world.must(expireIntake, world.system(), { intake });
    expect(await world.reads.one('intake', { id: intake })).toMatchObject({ state: 'expired' });
  });

  it('P13: accession and cancellation at once: one of them wins', async () => {
    const { world } = shared;
    const custodian = await world.member({ offices: ['custodian'] });
    for (let round = 0; round < 5; round++) {
      const intake = await world.upload(custodian);
      const both = await Promise.all([
        world.run(accessionItem, custodian, { intake }),
        world.run(cancelIntake, custodian, { intake }),
      ]);
      expect(both.filter((outcome) => 'result' in outcome)).toHaveLength(1);
      const item = await world.reads.one('item', { id: intake });
      const row = await world.reads.one('intake', { id: intake });
      expect(row?.state).toBe(item ? 'accepted' : 'cancelled');
    }
  });
});
