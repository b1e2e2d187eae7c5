/** The store on a real PostgreSQL. */
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { storeConformance } from '../conformance/store.ts';
import { storeAttacks } from '../conformance/store-attacks.ts';
import { storeLists } from '../conformance/store-lists.ts';
import { storeRows } from '../conformance/store-rows.ts';
import { describeWith } from '../servers/needs.ts';
import { fact, postgres, withStore } from './parts.ts';

describeWith('postgres', 'PostgreSQL', ({ url }) => {
  storeConformance(postgres(url));
  storeRows(postgres(url));
  storeLists(postgres(url));
  storeAttacks(postgres(url));

  test('P16: a session that the server ends refuses what was under way, and the log writes on by itself', () =>
    withStore(postgres(url), async (store, place) => {
      await store.ledger.append([fact()]);
      const { next } = await store.ledger.head();
      await place.tamper(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await expect(store.ledger.append([fact()])).rejects.toMatchObject({ name: 'LogUnavailable' });
      await expect.poll(() => store.ledger.state.log, { timeout: 10_000, interval: 20 }).toBe('writing');
      const [receipt] = await store.ledger.append([fact()]);
      expect(receipt?.seq).toBeGreaterThanOrEqual(next);
    }));

  test('L4.6: a server that loses what it acknowledged is refused unless a test says otherwise', () =>
    withStore(postgres(url), async (store, place) => {
      await store.close();
      await expect(openStore({ ...place.config, unsafeNoFsync: false })).rejects.toThrow('fsync = off');
    }));
});
