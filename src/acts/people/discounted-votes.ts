/**
 * Votes of a person who may no longer decide (R14, R41): where the application is open or its grant never started,
 * they are struck out for good, so that a return does not bring them back.
 */
import type { Application, Decision } from '../../domain/application.ts';
import type { Grant } from '../../domain/grant.ts';
import { type PersonId, subjectOf } from '../../domain/ids.ts';
import type { Entry } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, type Reads, update, type Write } from '../ports/tables.ts';

export interface StandingVotes {
  /** Not withdrawn, newest revision only. */
  readonly decisions: readonly Decision[];
  readonly applications: readonly Application[];
  /** Grants of those applications. */
  readonly grants: readonly Grant[];
}

export async function standingVotes(reads: Reads, person: PersonId): Promise<StandingVotes> {
  const decisions = await reads.all('decision', { personId: person, withdrawnSeq: null });
  if (decisions.length === 0) return { decisions, applications: [], grants: [] };
  const ids = [...new Set(decisions.map((decision) => decision.applicationId))];
  const applications = await reads.all('application', { id: { in: ids } });
  const grants = await reads.all('grant', { applicationId: { in: ids } });
  const revisions = new Map(applications.map((application) => [application.id, application.revision]));
  return {
    decisions: decisions.filter((decision) => revisions.get(decision.applicationId) === decision.revision),
    applications,
    grants,
  };
}

const undecided = ['pending', 'returned', 'countered'];

/** Strikes out the approvals that still decide something. `at` is the place of the first entry in the commit. */
export function discountVotes(
  { decisions, applications, grants }: StandingVotes,
  cause: string,
  at: number,
): { readonly entries: Entry[]; readonly writes: Write[] } {
  const open = new Set<string>([
    ...applications.filter(({ state }) => undecided.includes(state)).map(({ id }) => id),
    ...grants.filter(({ state }) => state === 'scheduled').map(({ applicationId }) => applicationId),
  ]);
  const struck = decisions.filter(({ applicationId, outcome }) => {
    return open.has(applicationId) && (outcome === 'approved' || outcome === 'countered');
  });
  return {
    entries: struck.map((decision) =>
      entry(
        'decision.discounted',
        [subjectOf('application', decision.applicationId), subjectOf('person', decision.personId)],
        { decision: decision.id, cause, revision: decision.revision, termsHash: decision.termsHash },
      ),
    ),
    writes: struck.map((decision, place) =>
      update('decision', decision.id, { withdrawnSeq: entrySeq(at + place) }),
    ),
  };
}
