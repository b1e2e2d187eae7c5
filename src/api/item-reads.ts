/** Items as their own centre's requesters, approvers and custodians see them, and the auditors above (R1, S4). */
import type { Actor } from '../acts/act.ts';
import type { After, CatalogueFilter } from '../acts/ports/lists.ts';
import type { CentreId, ItemId } from '../domain/ids.ts';
import type { Item } from '../domain/item.ts';
import type { Office } from '../domain/people.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import { centresReached } from './people-reads.ts';

/** Who may know what items there are; the two officers may not (S4, R55). */
const readers: readonly Office[] = ['requester', 'approver', 'custodian', 'auditor'];

/** Centres whose catalogue the actor may read, or a refusal for whoever holds no such office. */
export async function catalogueScope(doors: Doors, actor: Actor): Promise<CentreId[] | Refusal> {
  if (actor.seats.length === 0) return refuse('not-posted', { rule: 'R2' });
  if (!actor.seats.some((seat) => readers.includes(seat.office)))
    return refuse('office-missing', { rule: 'S4' });
  if (!actor.bound) return refuse('agreement-missing', { rule: 'R24' });
  return (await centresReached(doors.deps.reads, actor, readers)).map((centre) => centre.id);
}

/** An item within the actor's scope; anything else does not exist (R1). */
export async function itemInScope(doors: Doors, actor: Actor, id: string): Promise<Item | Refusal> {
  const scope = await catalogueScope(doors, actor);
  if ('refused' in scope) return scope;
  const item = await doors.deps.reads.one('item', { id: id as ItemId });
  return item && scope.includes(item.centreId) ? item : refuse('not-found', { rule: 'R1' });
}

export const presentItem = (item: Item, title: string | undefined) => ({
  id: item.id,
  centre: item.centreId,
  number: item.number,
  kind: item.kind,
  class: item.class,
  title: title ?? null,
  source: item.source,
  place: item.place,
  recordedFrom: item.recordedFrom,
  recordedTo: item.recordedTo,
  state: item.state,
  scan: item.scan,
  mediaType: item.mediaType,
  claimedType: item.claimedType,
  size: item.size,
  sha256: item.sha256,
  durationMs: item.durationMs,
  custodian: item.custodianId,
  version: item.version,
  acceptedAt: item.acceptedAt,
});

/** Below this many hits the store is asked for exactly them; above, its pages are sifted. */
const askedByName = 1_000;

/** A page of the catalogue; with `words`, of the items whose title, place or source holds them. */
export async function cataloguePage(
  doors: Doors,
  filter: CatalogueFilter,
  words: string | undefined,
  limit: number,
  after: After<string> | undefined,
) {
  if (words === undefined) return doors.lists.catalogue(filter, limit, after);
  const hits = await doors.titles.find(words);
  if (hits.size <= askedByName) return doors.lists.catalogue({ ...filter, ids: [...hits] }, limit, after);
  const rows: Item[] = [];
  for (let from = after; ; ) {
    const page = await doors.lists.catalogue(filter, 200, from);
    for (const item of page.rows) {
      if (!hits.has(item.id)) continue;
      rows.push(item);
      if (rows.length === limit) return { rows, next: { value: item.number, id: item.id } };
    }
    if (page.next === null) return { rows, next: null };
    from = page.next;
  }
}
