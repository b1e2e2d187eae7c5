/**
 * When a grant may be used (R31, R33, R34, R43): half-open windows in integer ms UTC. Duration runs from the start;
 * an end never moves later (I7).
 */
import type { Grant } from './grant.ts';
import type { ItemId, PersonId } from './ids.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Limits } from './stricter.ts';

export interface Window {
  readonly activateBy: number;
  readonly absoluteEnd: number;
}

/**
 * The window of a grant approved at `now`: the first use within `startTtlMs` of the later of approval and
 * `notBefore`, the end at most one duration after that and never past the posting.
 */
export function windowOf(
  now: number,
  terms: { readonly durationMs: number; readonly notBefore?: number },
  limits: Pick<Limits, 'startTtlMs'>,
  postingEnd: number | null,
): Window {
  const posted = postingEnd ?? Number.MAX_SAFE_INTEGER;
  const activateBy = Math.min(Math.max(now, terms.notBefore ?? now) + limits.startTtlMs, posted);
  return { activateBy, absoluteEnd: Math.min(activateBy + terms.durationMs, posted) };
}

/** not_after of a grant that starts at `now` (2.2, R31). */
export const endOfStart = (grant: Pick<Grant, 'durationMs' | 'absoluteEnd'>, now: number): number =>
  Math.min(now + grant.durationMs, grant.absoluteEnd);

/** The instant at which a timer ends the grant in its state, or null when it has ended (2.2). */
export const dueEnd = (
  grant: Pick<Grant, 'state' | 'activateBy' | 'notAfter' | 'absoluteEnd'>,
): number | null => {
  if (grant.state === 'ended') return null;
  return grant.state === 'scheduled' ? grant.activateBy : (grant.notAfter ?? grant.absoluteEnd);
};

/** Why the grant cannot be used at `now`; undefined if its state, window and uses allow it (R43, X19, X21). */
export function useRefusal(
  grant: Pick<
    Grant,
    'state' | 'endReason' | 'notBefore' | 'activateBy' | 'notAfter' | 'absoluteEnd' | 'uses' | 'maxUses'
  >,
  now: number,
): Refusal | undefined {
  const usedUp = grant.maxUses !== null && grant.uses >= grant.maxUses;
  if (grant.state === 'ended') {
    return refuse(grant.endReason === 'used-up' ? 'used-up' : 'grant-ended', { rule: 'R43' });
  }
  const end = dueEnd(grant);
  if (end === null || now >= end) return refuse('grant-ended', { rule: 'R43' });
  if (grant.state === 'suspended') return refuse('grant-suspended', { rule: 'R40' });
  if (grant.notBefore !== null && now < grant.notBefore) return refuse('grant-not-started', { rule: 'R43' });
  return usedUp ? refuse('used-up', { rule: 'X19' }) : undefined;
}

/** How long after its end a grant still counts as the link before a new request (R34), ms: 30 d. */
export const linkMs = 30 * 24 * 3_600_000;

/** An earlier grant as the chain sees it. `endedAt` null: it has not ended. */
export interface EarlierGrant {
  readonly grant: Pick<Grant, 'id' | 'personId' | 'chainLinks'>;
  readonly items: readonly ItemId[];
  readonly endedAt: number | null;
}

/** The grant that a request for `items` continues, whether it was named or not: the one with most links (R33, R34). */
export function previousGrant(
  earlier: readonly EarlierGrant[],
  person: PersonId,
  items: ReadonlySet<ItemId>,
  now: number,
): EarlierGrant | undefined {
  return earlier
    .filter(
      (one) =>
        one.grant.personId === person &&
        one.items.some((item) => items.has(item)) &&
        (one.endedAt === null || now < one.endedAt + linkMs),
    )
    .toSorted((a, b) => b.grant.chainLinks - a.grant.chainLinks)[0];
}

/** Links of the chain that a grant after `previous` would have. */
export const linksAfter = (previous: EarlierGrant | undefined): number =>
  previous ? previous.grant.chainLinks + 1 : 0;
