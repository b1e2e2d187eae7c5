/**
 * Terms of an application: what is refused at submission (R23, R25, R28) and what an offer may narrow (R27).
 * Terms are never repaired or shortened silently.
 */
import type { Terms } from './application.ts';
import { classReaches, type Item, type ItemClass } from './item.ts';
import { type FieldProblem, type Refusal, refuse } from './refusal.ts';
import type { Limits } from './stricter.ts';

/** The most items in one application: entries name at most 128 subjects (custody-log L2.4). */
export const maxItems = 100;

type Ranges = Terms['items'][number]['ranges'];

/** Ascending, apart from each other, not empty, and inside the item's own time where that is known. */
export function rangesAreSound(ranges: Ranges, durationMs: number | null): boolean {
  if (ranges === null) return true;
  if (ranges.length === 0) return false;
  let end = -1;
  for (const [from, to] of ranges) {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from <= end || to <= from) {
      return false;
    }
    end = to;
  }
  return durationMs === null || end <= durationMs;
}

/** True if `ranges` name all of an item that lasts `durationMs`. */
export const isWhole = (ranges: Ranges, durationMs: number | null): boolean =>
  ranges === null ||
  (ranges.length === 1 && durationMs !== null && ranges[0]?.[0] === 0 && ranges[0]?.[1] === durationMs);

const pointerOf = (terms: Terms, item: string, member: string): string =>
  `/items/${terms.items.findIndex((one) => one.item === item)}/${member}`;

/** Problems of the items' ranges: unsound, or a part only, which is not granted yet. */
export function rangeProblems(terms: Terms, items: readonly Item[]): FieldProblem[] {
  return terms.items.flatMap((wanted): FieldProblem[] => {
    const item = items.find((one) => one.id === wanted.item);
    const durationMs = item?.durationMs ?? null;
    const pointer = pointerOf(terms, wanted.item, 'ranges');
    if (!rangesAreSound(wanted.ranges, durationMs)) return [{ pointer, code: 'ranges-unsound' }];
    return isWhole(wanted.ranges, durationMs) ? [] : [{ pointer, code: 'ranges-not-yet' }];
  });
}

/** What the limits of the matching policies and the requester's clearance say to `terms` (R25); empty if nothing. */
export function limitProblems(terms: Terms, limits: Limits): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (terms.durationMs > limits.durationCapMs) {
    problems.push({ pointer: '/durationMs', code: 'over-cap', params: { cap: limits.durationCapMs } });
  }
  if (!Number.isSafeInteger(terms.durationMs) || terms.durationMs < 1) {
    problems.push({ pointer: '/durationMs', code: 'no-duration' });
  }
  if (limits.maxUses !== null && terms.maxUses !== undefined && terms.maxUses > limits.maxUses) {
    problems.push({ pointer: '/maxUses', code: 'over-cap', params: { cap: limits.maxUses } });
  }
  return problems;
}

/** How far ahead a fixed window may begin, ms: 90 d. */
export const windowAheadMs = 90 * 24 * 3_600_000;

/** All that refuses terms at submission; undefined if they stand (R23, R25). */
export function termsRefusal(
  terms: Terms,
  items: readonly Item[],
  limits: Limits,
  clearance: ItemClass,
  now: number,
): Refusal | undefined {
  const missing = (['purposeCode', 'purposeWords'] as const).filter((name) => terms[name].trim() === '');
  if (missing.length > 0) {
    const fields = missing.map((name) => ({ pointer: `/${name}`, code: 'missing' }));
    return refuse('purpose-missing', { rule: 'R23', fields });
  }
  const tooHigh = items.filter((item) => !classReaches(clearance, item.class));
  if (tooHigh.length > 0) {
    const fields = tooHigh.map((item) => ({ pointer: pointerOf(terms, item.id, 'item'), code: item.class }));
    return refuse('clearance-too-low', { rule: 'R25', fields });
  }
  const fields = [...limitProblems(terms, limits), ...rangeProblems(terms, items)];
  if (terms.notBefore !== undefined && terms.notBefore > now + windowAheadMs) {
    fields.push({ pointer: '/notBefore', code: 'over-cap', params: { cap: windowAheadMs } });
  }
  return fields.length > 0 ? refuse('beyond-policy', { rule: 'R25', fields }) : undefined;
}

/** True if `inner` lies in `outer`; null is the whole. */
function rangesWithin(inner: Ranges, outer: Ranges): boolean {
  if (outer === null) return true;
  if (inner === null) return false;
  return inner.every(([from, to]) => outer.some(([low, high]) => low <= from && to <= high));
}

const usesOf = (terms: Terms): number => terms.maxUses ?? Number.POSITIVE_INFINITY;

/** R27: every member of `offer` a subset of `asked`, purpose and person equal. Says nothing of "smaller". */
function isWithin(offer: Terms, asked: Terms): boolean {
  const itemsFit = offer.items.every((wanted) => {
    const same = asked.items.find((one) => one.item === wanted.item);
    return same !== undefined && rangesWithin(wanted.ranges, same.ranges);
  });
  return (
    itemsFit &&
    offer.items.length > 0 &&
    offer.kind === asked.kind &&
    offer.beneficiary === asked.beneficiary &&
    offer.purposeCode === asked.purposeCode &&
    offer.purposeWords === asked.purposeWords &&
    offer.legalBasis === asked.legalBasis &&
    offer.documentNumber === asked.documentNumber &&
    offer.durationMs > 0 &&
    offer.durationMs <= asked.durationMs &&
    // A window starts later or stays; one that was asked for cannot be dropped.
    (asked.notBefore === undefined || (offer.notBefore ?? -1) >= asked.notBefore) &&
    usesOf(offer) <= usesOf(asked)
  );
}

/** A proper narrowing: within, and at least one member smaller (R27). Else `wider-than-asked` (X17). */
export const isNarrower = (offer: Terms, asked: Terms): boolean =>
  isWithin(offer, asked) && !isWithin(asked, offer);
