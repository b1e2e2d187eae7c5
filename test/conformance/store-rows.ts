/** Reads of rows, pages of the log, and working rows, the same on both engines. */
import { describe, expect, test } from 'vitest';
import { insert } from '../../src/acts/ports/tables.ts';
import { openStore } from '../../src/store/store.ts';
import { centre, type Engine, fact, item, newId, unitRow, withStore } from '../store/parts.ts';
import { account, act, receipts } from './store-acts.ts';

export function storeRows(engine: Engine): void {
  describe(`${engine.name}: reads and lists`, () => {
    test('one, all and count agree on null, membership and order, and flags are booleans', () =>
      withStore(engine, async (store) => {
        receipts(
          await act(
            store,
            ['b', 'A', 'a', 'Ä', '中'].map((name) => insert('unit', unitRow(name))),
          ),
        );
        receipts(await act(store, [insert('account', account('wang'))]));
        const names = async (where: object) =>
          (await store.reads.all('unit', where, { orderBy: 'name' })).map(({ name }) => name);
        expect(await names({})).toEqual(['A', 'a', 'b', 'Ä', '中']);
        expect(await names({ name: { in: ['a', 'b'] } })).toEqual(['a', 'b']);
        expect(await names({ name: { in: [] } })).toEqual([]);
        expect(await names({ name: { gt: 'a' } })).toEqual(['b', 'Ä', '中']);
        expect(await store.reads.count('unit', { centreId: centre })).toBe(5);
        expect((await store.reads.one('account', { nameKey: 'wang' }))?.mustChange).toBe(true);
        expect(await store.reads.count('account', { mustChange: false })).toBe(0);
        expect(await store.reads.count('session', { endedAt: null })).toBe(0);
      }));

    test('a name with quotes and semicolons is a value and nothing else', () =>
      withStore(engine, async (store) => {
        const name = `x'; drop table unit; --"`;
        receipts(await act(store, [insert('unit', unitRow(name))]));
        expect(await store.reads.count('unit', { name })).toBe(1);
      }));

    test('pages of the log follow each other without a gap or a repeat', () =>
      withStore(engine, async (store) => {
        await store.ledger.append(Array.from({ length: 25 }, () => fact()));
        const seen: number[] = [];
        let after: number | undefined;
        do {
          const page = await store.lists.log({ subject: `item:${item}` }, 10, after);
          seen.push(...page.rows.map(({ seq }) => seq));
          after = page.next ?? undefined;
        } while (after !== undefined);
        expect(seen).toEqual(Array.from({ length: 25 }, (_, at) => 26 - at));
        const opened = await store.lists.log({ kinds: ['log.opened'], ascending: true }, 10);
        expect(opened.rows.map(({ seq }) => seq)).toEqual([0]);
        expect(opened.next).toBeNull();
      }));
  });

  describe(`${engine.name}: working rows`, () => {
    test('X45: misses count in the store and are cleared by a success', () =>
      withStore(engine, async ({ working: { signInGuard } }) => {
        for (let miss = 0; miss < 5; miss += 1) await signInGuard.missed('li', 1_000);
        expect(await signInGuard.blockedFor('li', 1_000)).toBe(15);
        await signInGuard.cleared('li');
        expect(await signInGuard.blockedFor('li', 1_000)).toBe(0);
      }));

    test('P1: a kept answer is the first one, also after a restart, for 24 hours', () =>
      withStore(engine, async (store, place) => {
        await store.working.answers.keep('p', 'key-0001', { bodyHash: 'h', status: 201, body: '{}' }, 1_000);
        await store.working.answers.keep('p', 'key-0001', { bodyHash: 'x', status: 200, body: '!' }, 2_000);
        await store.close();
        const again = await openStore(place.config);
        try {
          expect(await again.working.answers.find('p', 'key-0001', 3_000)).toEqual({
            bodyHash: 'h',
            status: 201,
            body: '{}',
          });
          expect(await again.working.answers.find('p', 'key-0001', 1_000 + 24 * 3_600_000)).toBeUndefined();
          expect(await again.working.answers.find('q', 'key-0001', 3_000)).toBeUndefined();
        } finally {
          await again.close();
        }
      }));

    test('R59: two deliverers never claim the same row', () =>
      withStore(engine, async (store) => {
        const row = {
          topic: 't',
          recipientId: null,
          payload: '{}',
          createdAt: 1,
          dueAt: 1,
          attempts: 0,
          doneAt: null,
          lastError: null,
        };
        receipts(
          await act(
            store,
            Array.from({ length: 10 }, () => insert('outbox', { id: newId(), ...row })),
          ),
        );
        const claims = await Promise.all(
          Array.from({ length: 4 }, () => store.working.outbox.claim(5, 1_000, 10)),
        );
        expect(claims.flat()).toHaveLength(10);
        expect(new Set(claims.flat().map(({ id }) => id)).size).toBe(10);
        await store.working.outbox.done(claims.flat()[0]!.id, 6);
        expect(await store.working.outbox.claim(2_000, 1_000, 20)).toHaveLength(9);
      }));
  });
}
