/** Grants as their grantee sees them, and those who may end them (2.2, R36). */
import type { Actor } from '../acts/act.ts';
import { allowedOnGrant } from '../acts/allowed-acts.ts';
import { type GrantFile, loadGrant, roleOver } from '../acts/grant/grant-file.ts';
import type { Grant } from '../domain/grant.ts';
import { asId } from '../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import { namesOf } from './people-reads.ts';
import { readTime } from './session.ts';

/** The grant if it is the actor's own or theirs to end; to anyone else there is none (R1). */
async function grantInView(
  doors: Doors,
  actor: Actor,
  id: string,
  now: number,
): Promise<GrantFile | Refusal> {
  const found = await loadGrant(asId<'grant'>(id), { deps: doors.deps, now });
  if (isRefusal(found)) return found;
  const own = found.grant.personId === actor.person;
  return own || roleOver(found, actor) ? found : refuse('not-found', { rule: 'R1' });
}

export const presentGrant = (grant: Grant, name: string | undefined) => ({
  id: grant.id,
  number: grant.number,
  application: grant.applicationId,
  kind: grant.kind,
  person: grant.personId,
  name: name ?? null,
  centre: grant.centreId,
  state: grant.state,
  endReason: grant.endReason,
  durationMs: grant.durationMs,
  notBefore: grant.notBefore,
  activateBy: grant.activateBy,
  absoluteEnd: grant.absoluteEnd,
  startedAt: grant.startedAt,
  notAfter: grant.notAfter,
  uses: grant.uses,
  maxUses: grant.maxUses,
  stepUpAtStart: grant.stepUpAtStart,
  termsHash: grant.termsHash,
});

export async function grantFor(doors: Doors, actor: Actor, id: string) {
  const now = await readTime(doors);
  const found = await grantInView(doors, actor, id, now);
  if (isRefusal(found)) return found;
  const { grant, items, viewings } = found;
  const { reads } = doors.deps;
  const known = await reads.all('item', { id: { in: items.map((row) => row.itemId) } });
  const titles = await doors.titles.titles(known.map((item) => item.id));
  const names = await namesOf(reads, [grant.personId]);
  return {
    ...presentGrant(grant, names.get(grant.personId)),
    items: known.map((item) => ({
      id: item.id,
      number: item.number,
      kind: item.kind,
      title: titles.get(item.id) ?? null,
      mediaType: item.mediaType,
      durationMs: item.durationMs,
      ended: items.some((row) => row.itemId === item.id && row.endedSeq !== null),
    })),
    viewings: viewings.map((viewing) => ({
      id: viewing.id,
      item: viewing.itemId,
      openedAt: viewing.openedAt,
      secondsWatched: viewing.secondsWatched,
    })),
    allowed: await allowedOnGrant(grant.id, { deps: doors.deps, actor, now, prepared: undefined }),
    now,
  };
}
