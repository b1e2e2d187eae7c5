/** Which policies hold for some items now, and which held at submission (R19, R20). */
import type { ApplicationKind, Revision } from '../../domain/application.ts';
import type { CentreId } from '../../domain/ids.ts';
import { type ItemClass, itemClasses } from '../../domain/item.ts';
import {
  defaultPolicies,
  isSane,
  matchingPolicies,
  type Requirement,
  requirementOf,
} from '../../domain/policies.ts';
import type { Reads } from '../ports/tables.ts';

export interface Requirements {
  /** One for each class among the items; all of them hold. */
  readonly current: readonly Requirement[];
  /** Every version there ever was, so that a vote keeps its seat when a policy is replaced. */
  readonly versions: readonly Requirement[];
  /** False where one of them has no stage: then nothing can be applied for (R18). */
  readonly sane: boolean;
}

export async function requirementsNow(
  reads: Reads,
  kind: ApplicationKind,
  centre: CentreId,
  classes: ReadonlySet<ItemClass>,
): Promise<Requirements> {
  const rows = await reads.all('policy', { kind });
  const current = matchingPolicies(rows, kind, centre, classes);
  return {
    current,
    versions: [...Object.values(defaultPolicies[kind]), ...rows.map(requirementOf)],
    sane: current.length > 0 && current.every(isSane),
  };
}

/** The policies as submitted, from the revision. */
export const submittedPolicies = (revision: Pick<Revision, 'policies'>): Requirement[] =>
  JSON.parse(revision.policies) as Requirement[];

/** For the log: `<id>@<version>` of each. */
export const policyNames = (requirements: readonly Requirement[]): string[] => [
  ...new Set(requirements.map((one) => `${one.policy}@${one.version}`)),
];

export const highestClass = (classes: ReadonlySet<ItemClass>): ItemClass =>
  itemClasses.findLast((one) => classes.has(one)) ?? 'sensitive';
