/** Lists are the same pages in the same order on both engines (acts/ports/lists.ts). */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { After, Page } from '../../src/acts/ports/lists.ts';
import { insert, type NewRow } from '../../src/acts/ports/tables.ts';
import { asId } from '../../src/domain/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { centre, type Engine, fact, newId, type Place, person } from '../store/parts.ts';

const bytes = new Uint8Array(4);
const otherCentre = asId<'centre'>(newId());
const hour = 3_600_000;

const itemRow = (at: number): NewRow<'item'> => ({
  id: asId<'item'>(newId()),
  centreId: at % 3 === 0 ? otherCentre : centre,
  number: `2026-${String(at).padStart(6, '0')}`,
  kind: at % 2 ? 'recording' : 'document',
  class: (['ordinary', 'restricted', 'sensitive'] as const)[at % 3] ?? 'ordinary',
  source: at % 5 ? '执法记录仪' : 'body camera',
  place: '',
  recordedFrom: at % 4 ? at * hour : null,
  recordedTo: at % 4 ? (at + 1) * hour : null,
  custodianId: asId<'person'>(person),
  state: 'held',
  scan: 'clean',
  mediaType: 'video/mp4',
  claimedType: 'video/mp4',
  size: at,
  sha256: '',
  durationMs: null,
  probe: '',
  sealedTitle: bytes,
  objectName: '',
  wrappedDek: bytes,
  sealedManifest: bytes,
  involved: '[]',
  version: 1,
  acceptedAt: at,
  createdSeq: 1,
  changedSeq: 1,
});

const applicationRow = (at: number): NewRow<'application'> => ({
  id: asId<'application'>(newId()),
  number: '',
  kind: 'view',
  centreId: centre,
  requesterId: asId<'person'>(at % 2 ? person : newId()),
  postingId: asId<'posting'>(newId()),
  unitId: null,
  state: at % 2 ? 'draft' : 'pending',
  revision: 1,
  termsHash: '',
  class: 'ordinary',
  stage: 0,
  stageDueAt: null,
  ttlAt: null,
  escalation: 0,
  stalled: at % 3 === 0,
  previousGrantId: null,
  // Several at one moment, so that the id has to order them.
  createdAt: Math.floor(at / 4),
  submittedAt: null,
  closedAt: null,
  createdSeq: 1,
  changedSeq: 1,
});

/** Walks all pages; every one but the last is full. */
async function walk<Row extends { id: string }, V extends string | number>(
  page: (after?: After<V>) => Promise<Page<Row, After<V>>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: After<V> | undefined;
  do {
    const found = await page(after);
    rows.push(...found.rows);
    after = found.next ?? undefined;
  } while (after);
  return rows;
}

export function storeLists(engine: Engine): void {
  describe(`${engine.name}: lists`, () => {
    let place: Place;
    let store: Store;
    beforeAll(async () => {
      place = await engine.place();
      store = await openStore(place.config);
      const writes = [
        ...Array.from({ length: 60 }, (_, at) => insert('item', itemRow(at + 1))),
        ...Array.from({ length: 40 }, (_, at) => insert('application', applicationRow(at))),
      ];
      await store.ledger.commit({ expected: await store.ledger.head(), entries: [fact()], writes });
    });
    afterAll(async () => {
      await store.close();
      await place.remove();
    });

    test('the catalogue is in falling order of number, each item once, whatever the page', () =>
      fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (limit) => {
          const rows = await walk<{ id: string; number: string }, string>((after) =>
            store.lists.catalogue({ centres: [centre, otherCentre] }, limit, after),
          );
          expect(rows.map(({ number }) => Number(number.slice(5)))).toEqual(
            Array.from({ length: 60 }, (_, at) => 60 - at),
          );
        }),
        { numRuns: 8 },
      ));

    test('X7: nothing of another centre is on a page or in a count; no centre finds nothing', async () => {
      const filter = { centres: [centre] };
      const rows = (await store.lists.catalogue(filter, 200)).rows;
      expect(rows.every(({ centreId }) => centreId === centre)).toBe(true);
      expect(await store.lists.countCatalogue(filter)).toBe(rows.length);
      expect(rows).toHaveLength(40);
      expect((await store.lists.catalogue({ centres: [] }, 200)).rows).toEqual([]);
      expect(await store.lists.countCatalogue({ centres: [] })).toBe(0);
    });

    test('filters join: kind, class, source and an overlap in time, half-open', async () => {
      const all = { centres: [centre, otherCentre] };
      const numbers = async (filter: object) =>
        (await store.lists.catalogue({ ...all, ...filter }, 200)).rows.map(({ size }) => size);
      expect(await numbers({ recorded: { from: 10 * hour, to: 14 * hour } })).toEqual([13, 11, 10]);
      expect(await numbers({ kinds: ['document'], classes: ['sensitive'], source: 'body camera' })).toEqual([
        50, 20,
      ]);
      expect(await numbers({ number: '2026-000007' })).toEqual([7]);
      expect(await numbers({ custodianId: asId<'person'>(newId()) })).toEqual([]);
    });

    test('applications come newest first, those of one moment by id, none twice', async () => {
      const rows = await walk<{ id: string; createdAt: number; stalled: boolean }, number>((after) =>
        store.lists.applications({ centres: [centre] }, 7, after),
      );
      expect(rows).toHaveLength(40);
      const sorted = rows.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
      expect(rows.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
      expect(typeof rows[0]?.stalled).toBe('boolean');
      expect(
        await store.lists.countApplications({ requesterId: asId<'person'>(person), states: ['draft'] }),
      ).toBe(20);
    });

    test('a page is at most 200 rows and at least one', async () => {
      expect((await store.lists.catalogue({ centres: [centre] }, 1e9)).rows).toHaveLength(40);
      expect((await store.lists.catalogue({ centres: [centre] }, -1)).rows).toHaveLength(1);
    });
  });
}
