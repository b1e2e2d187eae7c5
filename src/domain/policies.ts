/**
 * Which requirements an application must meet (approvals.md 4, R18, R20). Rows of table `policy` win over the
 * defaults, and a centre's own row over one for every centre. Never reads an empty list as "nobody needed".
 */
import type { ApplicationKind, SeatGroup } from './application.ts';
import type { CentreId, PolicyId } from './ids.ts';
import { asId } from './ids.ts';
import { type ItemClass, itemClasses } from './item.ts';
import type { Policy, Stage } from './policy.ts';

const hour = 3_600_000;

/** A policy as rules use it: stages parsed, nothing of the row's book-keeping. */
export interface Requirement {
  readonly policy: PolicyId;
  readonly version: number;
  readonly class: ItemClass;
  readonly stages: readonly Stage[];
  readonly durationDefaultMs: number;
  readonly durationCapMs: number;
  readonly requestTtlMs: number;
  readonly slaMs: number;
  readonly startTtlMs: number;
  readonly stepUpAtStart: boolean;
  readonly maxUses: number | null;
}

const view = (
  itemClass: ItemClass,
  stages: readonly Stage[],
  hours: { readonly usual: number; readonly cap: number },
  more: Pick<Requirement, 'stepUpAtStart' | 'maxUses'>,
): Requirement => ({
  policy: asId(`default-view-${itemClass}`),
  version: 1,
  class: itemClass,
  stages,
  durationDefaultMs: hours.usual * hour,
  durationCapMs: hours.cap * hour,
  requestTtlMs: 72 * hour,
  slaMs: 24 * hour,
  startTtlMs: 72 * hour,
  ...more,
});

/** Table 4, row "view". */
export const defaultPolicies: Readonly<Record<ApplicationKind, Readonly<Record<ItemClass, Requirement>>>> = {
  view: {
    ordinary: view(
      'ordinary',
      [{ group: 'C', k: 1 }],
      { usual: 24, cap: 7 * 24 },
      {
        stepUpAtStart: false,
        maxUses: null,
      },
    ),
    restricted: view(
      'restricted',
      [
        { group: 'U', k: 1 },
        { group: 'C', k: 1 },
      ],
      { usual: 8, cap: 72 },
      { stepUpAtStart: true, maxUses: null },
    ),
    sensitive: view(
      'sensitive',
      [
        { group: 'U', k: 1 },
        { group: 'C', k: 2 },
      ],
      { usual: 2, cap: 24 },
      { stepUpAtStart: true, maxUses: 1 },
    ),
  },
};

const groups: readonly SeatGroup[] = ['U', 'C', 'P'];
const isStage = (value: unknown): value is Stage =>
  typeof value === 'object' &&
  value !== null &&
  'group' in value &&
  'k' in value &&
  groups.includes(value.group as SeatGroup) &&
  Number.isSafeInteger(value.k) &&
  Number(value.k) >= 1;

/** The stages of a row, or none where the row is not sane: such a policy lets nobody through (R18). */
function stagesOf(row: Policy): readonly Stage[] {
  try {
    const stages: unknown = JSON.parse(row.stages);
    return Array.isArray(stages) && stages.every(isStage) ? stages : [];
  } catch {
    return [];
  }
}

export const requirementOf = (row: Policy): Requirement => ({
  policy: row.id,
  version: row.version,
  class: row.class,
  stages: stagesOf(row),
  durationDefaultMs: row.durationDefaultMs,
  durationCapMs: row.durationCapMs,
  requestTtlMs: row.requestTtlMs,
  slaMs: row.slaMs,
  startTtlMs: row.startTtlMs,
  stepUpAtStart: row.stepUpAtStart,
  maxUses: row.maxUses,
});

/** A policy with no stage, or one that names no seat, is invalid and admits nobody (R18, X18). */
export const isSane = (requirement: Requirement): boolean =>
  requirement.stages.length > 0 && requirement.stages.every(isStage) && requirement.durationCapMs > 0;

/**
 * The requirements for items of `classes` at `centre`, one for each class, lowest first; all of them hold side by
 * side (R20). `rows` are the policies in force.
 */
export function matchingPolicies(
  rows: readonly Policy[],
  kind: ApplicationKind,
  centre: CentreId,
  classes: ReadonlySet<ItemClass>,
): Requirement[] {
  return itemClasses
    .filter((itemClass) => classes.has(itemClass))
    .map((itemClass) => {
      const fitting = rows.filter(
        (row) => row.kind === kind && row.class === itemClass && row.replacedSeq === null,
      );
      const own = fitting.find((row) => row.centreId === centre);
      const common = fitting.find((row) => row.centreId === null);
      const row = own ?? common;
      return row ? requirementOf(row) : defaultPolicies[kind][itemClass];
    });
}
