/**
 * The policy as submitted and the policy as it is now, joined (R19, X22): field by field the stricter, and where
 * stages cannot be ordered, both. A loosened policy never helps what is pending, a tightened one always binds.
 */

import type { Requirement } from './policies.ts';
import type { Stage } from './policy.ts';

/** True if whoever meets `a` has met `b`: every stage of `b` lies in `a`, in order, with at least its k. */
export function stagesCover(a: readonly Stage[], b: readonly Stage[]): boolean {
  let at = 0;
  for (const wanted of b) {
    while (at < a.length && !(a[at]?.group === wanted.group && (a[at]?.k ?? 0) >= wanted.k)) at += 1;
    if (at === a.length) return false;
    at += 1;
  }
  return a.length > 0;
}

const stricterUses = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

const withLimitsOf = (keeps: Requirement, other: Requirement): Requirement => ({
  ...keeps,
  durationDefaultMs: Math.min(keeps.durationDefaultMs, other.durationDefaultMs),
  durationCapMs: Math.min(keeps.durationCapMs, other.durationCapMs),
  requestTtlMs: Math.min(keeps.requestTtlMs, other.requestTtlMs),
  slaMs: Math.min(keeps.slaMs, other.slaMs),
  startTtlMs: Math.min(keeps.startTtlMs, other.startTtlMs),
  stepUpAtStart: keeps.stepUpAtStart || other.stepUpAtStart,
  maxUses: stricterUses(keeps.maxUses, other.maxUses),
});

/** One requirement if the stages can be ordered, else both, each with the stricter limits. */
export function joinTwo(submitted: Requirement, current: Requirement): Requirement[] {
  if (stagesCover(submitted.stages, current.stages)) return [withLimitsOf(submitted, current)];
  if (stagesCover(current.stages, submitted.stages)) return [withLimitsOf(current, submitted)];
  return [withLimitsOf(submitted, current), withLimitsOf(current, submitted)];
}

/**
 * Everything of both lists, joined class by class. A requirement that stands in only one of them stays as it is:
 * an item whose class has risen adds the policy of its new class and keeps the old one (R20).
 */
export function joinPolicies(
  submitted: readonly Requirement[],
  current: readonly Requirement[],
): Requirement[] {
  const joined = submitted.flatMap((then) => {
    const now = current.find((one) => one.class === then.class);
    return now ? joinTwo(then, now) : [then];
  });
  const known = new Set(submitted.map((one) => one.class));
  return [...joined, ...current.filter((one) => !known.has(one.class))];
}

/** What all requirements together allow: the smallest of each limit. */
export interface Limits {
  readonly durationDefaultMs: number;
  readonly durationCapMs: number;
  readonly requestTtlMs: number;
  readonly slaMs: number;
  readonly startTtlMs: number;
  readonly stepUpAtStart: boolean;
  readonly maxUses: number | null;
}

/** The limits that hold under all of `requirements`; none at all allows nothing (R18). */
export function limitsOf(requirements: readonly Requirement[]): Limits {
  const [first, ...rest] = requirements;
  if (!first) {
    return {
      durationDefaultMs: 0,
      durationCapMs: 0,
      requestTtlMs: 0,
      slaMs: 0,
      startTtlMs: 0,
      stepUpAtStart: true,
      maxUses: 0,
    };
  }
  return rest.reduce(withLimitsOf, first);
}
