/** Acts without rules, for the tests of stores. */
import type { Receipt } from '../../src/acts/ports/ledger.ts';
import { entrySeq, type Write } from '../../src/acts/ports/tables.ts';
import { asId } from '../../src/domain/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { fact, newId, person } from '../store/parts.ts';

/** A row whose name key is unique. */
export const account = (nameKey: string) => ({
  id: asId<'account'>(newId()),
  personId: asId<'person'>(person),
  name: nameKey,
  nameKey,
  passwordHash: '',
  mustChange: true,
  state: 'active' as const,
  createdSeq: entrySeq(),
});

/** One act that writes `writes` with one entry. */
export const act = (store: Store, writes: readonly Write[] = [], entries = [fact()]) =>
  store.ledger.exclusively(async () =>
    store.ledger.commit({ expected: await store.ledger.head(), entries, writes }),
  );

/** Receipts of what must have been committed. */
export function receipts(outcome: Awaited<ReturnType<typeof act>>): readonly Receipt[] {
  if ('conflict' in outcome) throw new Error(`conflict: ${outcome.conflict}`);
  return outcome;
}
