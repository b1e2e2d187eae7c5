/**
 * What a later scan found (S10). A finding puts the item into quarantine and stops whoever is viewing it; a clean
 * scan releases it. By the scanner's job alone.
 */
import { z } from 'zod';
import type { Viewing } from '../../domain/grant.ts';
import type { Item, ItemState } from '../../domain/item.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { itemSubjects, knownItem } from './known-item.ts';

const input = z.strictObject({
  item: idInput<'item'>(),
  scan: z.enum(['clean', 'infected', 'not-scanned']),
  /** The scanner's name of what it found. */
  signature: z.string().min(1).max(200).optional(),
});
interface State extends Loaded {
  readonly item: Item;
  readonly viewings: readonly Viewing[];
}

export const recordScan: Act<z.infer<typeof input>, State, { state: ItemState }> = {
  name: 'record-scan',
  input,
  async load({ item: id }, { deps: { reads } }) {
    const known = await knownItem(reads, id);
    if (isRefusal(known)) return known;
    return { ...known, viewings: await reads.all('viewing', { itemId: id, endedAt: null }) };
  },
  decide({ item, viewings }, { scan, signature }) {
    if (item.state === 'shredded') return refuse('item-not-available');
    // A scan that did not happen never releases what an earlier one found.
    const state =
      scan === 'infected' || (scan === 'not-scanned' && item.state === 'quarantine') ? 'quarantine' : 'held';
    const kept = scan === 'not-scanned' && item.scan === 'infected' ? 'infected' : scan;
    return {
      entries: [
        entry('item.scanned', itemSubjects(item), {
          scan,
          fromState: item.state,
          toState: state,
          ...(signature === undefined ? {} : { signature }),
        }),
      ],
      writes: [update('item', item.id, { scan: kept, state, changedSeq: entrySeq() })],
      endings: state === 'quarantine' ? viewings.map(({ id }) => ({ ends: 'viewing', id })) : [],
      result: { state },
    };
  },
};
