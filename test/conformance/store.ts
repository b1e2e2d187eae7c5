/** What every store must do, whatever engine it runs on (architecture.md, Store; custody-log L4, L5). */
import { describe, expect, test } from 'vitest';
import { entrySeq, insert, update, upsert } from '../../src/acts/ports/tables.ts';
import { asId } from '../../src/domain/ids.ts';
import { readCheckpoint } from '../../src/log/checkpoint.ts';
import { verifyMapProof } from '../../src/log/map-proof.ts';
import { parseEntry } from '../../src/log/parse-entry.ts';
import { Frontier, leafHash } from '../../src/log/tree.ts';
import { inclusionProof, verifyInclusion } from '../../src/log/tree-proof.ts';
import { createLog } from '../../src/store/create-log.ts';
import { HeadFile } from '../../src/store/head-file.ts';
import { rebuildLog } from '../../src/store/rebuild.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { type Engine, fact, item, newId, person, unitRow, withStore } from '../store/parts.ts';
import { account, act, receipts } from './store-acts.ts';

async function entriesOf(store: Store) {
  const { next } = await store.ledger.head();
  return Promise.all(Array.from({ length: next }, async (_, seq) => (await store.ledger.entry(seq)).bytes));
}

export function storeConformance(engine: Engine): void {
  describe(`${engine.name}: commits`, () => {
    test('L4.1: entry and writes take effect together, and rights carry the number of their entry', () =>
      withStore(engine, async (store) => {
        const id = asId<'unit'>(newId());
        const second = asId<'unit'>(newId());
        const [first, other] = receipts(
          await act(
            store,
            [
              insert('unit', { ...unitRow('a'), id, createdSeq: entrySeq() }),
              insert('unit', { ...unitRow('b'), id: second, createdSeq: entrySeq(1) }),
            ],
            [fact(), fact()],
          ),
        );
        expect((await store.reads.one('unit', { id }))?.createdSeq).toBe(first?.seq);
        expect((await store.reads.one('unit', { id: second }))?.createdSeq).toBe(other?.seq);
        expect(other?.seq).toBe((first?.seq ?? 0) + 1);
      }));

    test('L4.2: of 64 parallel commits on one head exactly one wins, the rest are taken and change nothing', () =>
      withStore(engine, async (store) => {
        const expected = await store.ledger.head();
        const outcomes = await Promise.all(
          Array.from({ length: 64 }, (_, at) =>
            store.ledger.commit({ expected, entries: [fact()], writes: [insert('unit', unitRow(`u${at}`))] }),
          ),
        );
        expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(63);
        expect(await store.reads.count('unit', {})).toBe(1);
      }));

    test('L4.2: 64 parallel acts on one counter end at 64, each with a number of its own', () =>
      withStore(engine, async (store) => {
        const seqs = await Promise.all(
          Array.from({ length: 64 }, () =>
            store.ledger.exclusively(async () => {
              const expected = await store.ledger.head();
              const value = ((await store.reads.one('counter', { id: 'c' }))?.value ?? 0) + 1;
              const outcome = await store.ledger.commit({
                expected,
                entries: [fact()],
                writes: [upsert('counter', { id: 'c', value })],
              });
              return outcome === 'taken' ? 'taken' : receipts(outcome)[0]?.seq;
            }),
          ),
        );
        expect(new Set(seqs).size).toBe(64);
        expect((await store.reads.one('counter', { id: 'c' }))?.value).toBe(64);
      }));

    test('L4.2: a head that is read before the state makes a decision on an old state lose', () =>
      withStore(engine, async (store) => {
        const expected = await store.ledger.head();
        receipts(await act(store, [upsert('counter', { id: 'limit', value: 1 })]));
        expect(await store.reads.count('counter', { id: 'limit' })).toBe(1);
        const late = await store.ledger.commit({
          expected,
          entries: [fact()],
          writes: [upsert('counter', { id: 'limit', value: 1 })],
        });
        expect(late).toBe('taken');
      }));

    test('L4.2: a unique rule other than the log number is a conflict, not a retry, and rolls the entry back', () =>
      withStore(engine, async (store) => {
        receipts(await act(store, [insert('account', account('li'))]));
        const { next } = await store.ledger.head();
        let tries = 0;
        const outcome = await store.ledger.exclusively(async () => {
          tries += 1;
          return store.ledger.commit({
            expected: await store.ledger.head(),
            entries: [fact()],
            writes: [upsert('counter', { id: 'x', value: 1 }), insert('account', account('li'))],
          });
        });
        expect(outcome).toEqual({ conflict: 'account' });
        expect(tries).toBe(1);
        expect((await store.ledger.head()).next).toBe(next);
        expect(await store.reads.count('counter', {})).toBe(0);
        receipts(await act(store));
      }));

    test('L4.1: an update of a row that is not there is a fault, undoes everything and leaves the log well', () =>
      withStore(engine, async (store) => {
        const { next } = await store.ledger.head();
        await expect(act(store, [update('unit', newId(), { name: 'x' })])).rejects.toThrow('no row');
        expect((await store.ledger.head()).next).toBe(next);
        expect(receipts(await act(store))[0]?.seq).toBe(next);
      }));

    test('L4.2: two openers of one database write one log without a gap, and one of them signs', () =>
      withStore(engine, async (store, place) => {
        const other = await openStore(place.config);
        try {
          const writeMany = async (one: Store) => {
            for (let at = 0; at < 20; at += 1) {
              receipts(await act(one));
              await one.ledger.append([fact()]);
            }
          };
          await Promise.all([writeMany(store), writeMany(other)]);
          const sealed = await other.ledger.seal();
          expect(sealed.size).toBeGreaterThanOrEqual(82);
          const seqs = (await entriesOf(store)).map((bytes) => parseEntry(bytes).seq);
          expect(seqs).toEqual(seqs.map((_, at) => at));
        } finally {
          await other.close();
        }
      }));
  });

  describe(`${engine.name}: two processes`, () => {
    test('L5.4, J4: a second opener beside a busy writer starts, and its proofs hold while writing goes on', () =>
      withStore(
        engine,
        async (store, place) => {
          let busy = true;
          const writing = (async () => {
            while (busy)
              await store.ledger.append([fact({ subjects: [`item:${newId()}`, `person:${person}`] })]);
          })();
          const [receipt] = await store.ledger.append([fact()]);
          const other = await openStore(place.config);
          await other.ledger.append([fact()]);
          const sealed = await other.ledger.seal();
          expect(sealed.size).toBeGreaterThan(receipt?.seq ?? 0);
          const { head, proofs } = await other.ledger.prove([`item:${item}`]);
          busy = false;
          await writing;
          const seal = parseEntry((await store.ledger.entry(head.size - 1)).bytes);
          expect(verifyMapProof(proofs[0]!, Buffer.from(String(seal.facts.map), 'hex'))).toMatchObject({
            count: 2,
          });
          await other.close();
        },
        { sealAfterMs: 50 },
      ));

    test('L5.3: when the signer is gone, a writer takes its place', () =>
      withStore(engine, async (store, place) => {
        const other = await openStore(place.config);
        await store.ledger.append([fact()]);
        await store.ledger.seal();
        await store.close();
        const [receipt] = await other.ledger.append([fact()]);
        expect((await other.ledger.seal()).size).toBeGreaterThan(receipt?.seq ?? 0);
        await other.close();
      }));
  });

  describe(`${engine.name}: facts`, () => {
    test('L4.3: facts from 64 writers get consecutive numbers, chains continue, acts are not starved', () =>
      withStore(engine, async (store) => {
        const writers = Array.from({ length: 64 }, async () => {
          for (let at = 0; at < 5; at += 1) await store.ledger.append([fact()]);
        });
        const acts = Array.from({ length: 8 }, () => act(store, [insert('unit', unitRow('u'))]));
        await Promise.all([...writers, ...acts]);
        expect(await store.reads.count('unit', {})).toBe(8);
        const chains = new Map<string, { n: number; leaf: string }>();
        for (const bytes of await entriesOf(store)) {
          const leaf = leafHash(bytes).toString('hex');
          for (const { id, n, prev } of parseEntry(bytes).subjects) {
            expect(n).toBe((chains.get(id)?.n ?? 0) + 1);
            expect(prev).toBe(chains.get(id)?.leaf ?? '0'.repeat(64));
            chains.set(id, { n, leaf });
          }
        }
        expect(chains.get(`item:${item}`)?.n).toBe(328);
      }));

    test('L2.5: a fact that the registry does not know is refused alone; its neighbours are written', () =>
      withStore(engine, async (store) => {
        const answers = await Promise.allSettled([
          store.ledger.append([fact()]),
          store.ledger.append([fact({ kind: 'item.sold' })]),
          store.ledger.append([fact({ subjects: ['item:ABC'] })]),
          store.ledger.append([fact()]),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([
          'fulfilled',
          'rejected',
          'rejected',
          'fulfilled',
        ]);
      }));

    test('L7.1: `at` never falls, whatever the draft says', () =>
      withStore(engine, async (store) => {
        const [first] = await store.ledger.append([fact()]);
        const [second] = await store.ledger.append([fact({ at: 5 })]);
        expect(second?.at).toBe(first?.at);
      }));

    test('L8: private fields are kept as sealed and listed with their entry', () =>
      withStore(engine, async (store) => {
        const draft = fact();
        const [receipt] = await store.ledger.append([draft]);
        const { rows } = await store.lists.log({ from: receipt?.seq ?? 0 }, 1);
        expect(rows[0]?.sealed).toEqual([
          { name: 'reason', sealed: Buffer.from(draft.private.reason?.sealed ?? []) },
        ]);
      }));
  });

  describe(`${engine.name}: seals and proofs`, () => {
    test('L5.1, L5.2: the last leaf under a checkpoint is a seal, its root is that of the stored entries', () =>
      withStore(engine, async (store, place) => {
        await store.ledger.append(Array.from({ length: 300 }, () => fact()));
        const sealed = await store.ledger.seal();
        expect(await new HeadFile(place.config.headPath).read()).toBe(sealed.note);
        const { checkpoint } = readCheckpoint(sealed.note);
        const frontier = new Frontier();
        const entries = await entriesOf(store);
        for (const bytes of entries.slice(0, sealed.size)) frontier.append(leafHash(bytes));
        expect(frontier.root().equals(Buffer.from(checkpoint.root))).toBe(true);
        expect(parseEntry(entries[sealed.size - 1]!).kind).toBe('seal');
      }));

    test('L5.1: a seal follows the first entry without being asked for', () =>
      withStore(engine, async (store) => {
        const [receipt] = await store.ledger.append([fact()]);
        await expect
          .poll(() => store.ledger.sealed.size, { timeout: 5_000, interval: 20 })
          .toBeGreaterThan(receipt?.seq ?? 0);
      }));

    test('L3.4, L9: map and inclusion proofs hold against the signed head while writing goes on', () =>
      withStore(engine, async (store) => {
        await store.ledger.append(Array.from({ length: 600 }, () => fact()));
        await store.ledger.seal();
        const writing = store.ledger.append([
          fact({ subjects: [`item:${item}`, `item:${newId()}`, `person:${person}`] }),
        ]);
        const { head, proofs } = await store.ledger.prove([`item:${item}`, `item:${newId()}`]);
        await writing;
        const seal = parseEntry((await store.ledger.entry(head.size - 1)).bytes);
        const map = Buffer.from(String(seal.facts.map), 'hex');
        const found = verifyMapProof(proofs[0]!, map);
        expect(found).toMatchObject({ count: 600 });
        expect(verifyMapProof(proofs[1]!, map)).toBe('absent');
        const { nodes } = store.exportReader(head.size, async () => null);
        const root = Buffer.from(readCheckpoint(head.note).checkpoint.root);
        for (const seq of [0, 255, 256, 511, head.size - 1]) {
          const leaf = Buffer.from((await store.ledger.entry(seq)).leaf, 'hex');
          const path = await inclusionProof(seq, head.size, nodes);
          expect(verifyInclusion(seq, head.size, leaf, path, root)).toBe(true);
        }
      }));

    test('L9: the export reader follows a chain and counts by time', () =>
      withStore(engine, async (store) => {
        const start = Date.now();
        for (const at of [1, 2, 3]) await store.ledger.append([fact({ at: start + at * 1000 })]);
        const { size } = await store.ledger.seal();
        const reader = store.exportReader(size, async ({ name }) => ({
          value: name,
          salt: new Uint8Array(32),
        }));
        const chain: { seq: number }[] = [];
        for await (const entry of reader.chain(`item:${item}`, 2, 3)) chain.push(entry);
        expect(chain.map(({ seq }) => seq)).toEqual([3, 4]);
        expect(await reader.chainCountBefore(`item:${item}`, start + 2500, 3)).toBe(2);
        expect(await reader.countBefore(start + 2500, size)).toBe(4);
        expect(await reader.disclosures([3])).toMatchObject([{ seq: 3, name: 'reason', value: 'reason' }]);
      }));

    test('L4.5: subjects, links and tiles made anew from the entries are the same', () =>
      withStore(engine, async (store, place) => {
        await store.ledger.append(Array.from({ length: 520 }, () => fact()));
        await store.ledger.seal();
        const derived = async () => ({
          subjects: await place.tamper('select key, id, n, head from log_subject order by id'),
          links: await place.tamper(
            'select s.id, l.n, l.seq from log_link l join log_subject s on s.sid = l.sid order by s.id, l.n',
          ),
          tiles: await place.tamper('select * from log_tile order by level, idx'),
        });
        const before = await derived();
        await store.close();
        await place.tamper('delete from log_tile');
        await place.tamper('update log_subject set n = 1');
        await rebuildLog(place.config);
        expect(await derived()).toEqual(before);
        await (await openStore(place.config)).close();
      }));

    test('L5.3: a log is opened once', () =>
      withStore(engine, async (_, place) => {
        await expect(createLog(place.config, Date.now())).rejects.toThrow('already');
      }));
  });
}
