/** The item that an act is about, with the place where it lies. */
import { type ItemId, subjectOf } from '../../domain/ids.ts';
import type { Item } from '../../domain/item.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Loaded } from '../act.ts';
import type { Reads } from '../ports/tables.ts';

export interface KnownItem extends Loaded {
  readonly item: Item;
}

export async function knownItem(reads: Reads, id: ItemId): Promise<KnownItem | Refusal> {
  const item = await reads.one('item', { id });
  if (!item) return refuse('not-found', { rule: 'R1' });
  return { centre: item.centreId, object: subjectOf('item', id), item };
}

export const itemSubjects = (item: Item): string[] => [
  subjectOf('item', item.id),
  subjectOf('centre', item.centreId),
];
