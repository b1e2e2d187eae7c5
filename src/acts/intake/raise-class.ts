/**
 * Raises an item's class, at once and by one custodian or centre leader (R63). Running grants on it are suspended: a
 * higher class is opened through a new application only (approvals.md 2.2). Lowering is not done here.
 */
import { z } from 'zod';
import type { Grant } from '../../domain/grant.ts';
import { classReaches, type Item, type ItemClass, itemClasses } from '../../domain/item.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { suspendGrants } from '../ended-grants.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { grantsOn } from './grants-on.ts';
import { itemSubjects, knownItem } from './known-item.ts';

const input = z.strictObject({
  item: idInput<'item'>(),
  class: z.enum(itemClasses),
  reason: wordsInput(1000),
});
interface State extends Loaded {
  readonly item: Item;
  readonly grants: readonly Grant[];
}

export const raiseClass: Act<z.infer<typeof input>, State, { class: ItemClass; version: number }> = {
  name: 'raise-class',
  input,
  async load({ item: id }, { deps: { reads } }) {
    const known = await knownItem(reads, id);
    if (isRefusal(known)) return known;
    return { ...known, item: known.item, grants: await grantsOn(reads, id) };
  },
  decide({ item, grants }, { class: wanted, reason }, { actor }) {
    const leads = actor.seats.some(
      ({ office, unitId, centreId }) =>
        centreId === item.centreId && (office === 'custodian' || (office === 'approver' && unitId === null)),
    );
    if (!leads) return refuse('office-missing', { rule: 'R63' });
    if (item.state === 'shredded') return refuse('item-not-available');
    if (item.class === wanted) return { already: { class: wanted, version: item.version } };
    if (!classReaches(wanted, item.class)) return refuse('state-forbids', { rule: 'R63' });
    const version = item.version + 1;
    const stopped = suspendGrants(grants, 'class-raised', 1);
    return {
      entries: [
        entry('item.reclassified', itemSubjects(item), { before: item.class, after: wanted }, { reason }),
        ...stopped.entries,
      ],
      writes: [
        update('item', item.id, { class: wanted, version, changedSeq: entrySeq() }),
        ...stopped.writes,
      ],
      endings: stopped.endings,
      result: { class: wanted, version },
    };
  },
};
