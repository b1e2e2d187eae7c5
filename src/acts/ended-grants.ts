/**
 * Grants that an act on a person or an item suspends or ends in the same commit (approvals.md 2.2; R32, R40): the
 * grant's row, its own log entry, and the cut of whatever runs under it.
 */
import type { Grant, GrantEnd } from '../domain/grant.ts';
import { subjectOf } from '../domain/ids.ts';
import type { Entry } from './act.ts';
import { entry } from './entry.ts';
import type { Ending } from './ports/outside.ts';
import { entrySeq, update, type Write } from './ports/tables.ts';

export interface GrantChanges {
  readonly entries: Entry[];
  readonly writes: Write[];
  readonly endings: Ending[];
}

const subjectsOf = (grant: Grant): string[] => [
  subjectOf('grant', grant.id),
  subjectOf('application', grant.applicationId),
  subjectOf('person', grant.personId),
  subjectOf('centre', grant.centreId),
];

/** Suspends those of `grants` that are active. `at` is the place of the first entry among the commit's entries. */
export function suspendGrants(grants: readonly Grant[], cause: string, at: number): GrantChanges {
  const active = grants.filter((grant) => grant.state === 'active');
  return {
    entries: active.map((grant) =>
      entry('grant.suspended', subjectsOf(grant), {
        grant: grant.id,
        cause,
        fromState: 'active',
        toState: 'suspended',
      }),
    ),
    writes: active.map((grant, place) =>
      update('grant', grant.id, { state: 'suspended', changedSeq: entrySeq(at + place) }),
    ),
    endings: active.map((grant) => ({ ends: 'grant', id: grant.id, reason: 'suspended' })),
  };
}

/** Ends those of `grants` that have not ended. */
export function endGrants(grants: readonly Grant[], reason: GrantEnd, at: number): GrantChanges {
  const open = grants.filter((grant) => grant.state !== 'ended');
  return {
    entries: open.map((grant) =>
      entry('grant.ended', subjectsOf(grant), {
        grant: grant.id,
        reason,
        fromState: grant.state,
        toState: 'ended',
        ...(grant.notAfter === null ? {} : { notAfter: grant.notAfter }),
      }),
    ),
    writes: open.map((grant, place) =>
      update('grant', grant.id, { state: 'ended', endReason: reason, changedSeq: entrySeq(at + place) }),
    ),
    endings: open.map((grant) => ({ ends: 'grant', id: grant.id, reason })),
  };
}
