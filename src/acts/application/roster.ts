/** The approvers of some centres by data current at this moment (R2); what cannot be read makes nobody eligible. */
import type { Candidate, Lead } from '../../domain/eligibility.ts';
import type { CentreId, PersonId } from '../../domain/ids.ts';
import type { Assignment, Posting } from '../../domain/people.ts';
import type { Reads } from '../ports/tables.ts';

/** Everyone who holds an approver's office at one of `centres` under a posting that runs at `now`. */
export async function candidatesAt(
  reads: Reads,
  centres: readonly CentreId[],
  now: number,
): Promise<Candidate[]> {
  const assignments = await reads.all('assignment', {
    office: 'approver',
    centreId: { in: [...centres] },
    endedSeq: null,
  });
  if (assignments.length === 0) return [];
  const persons = [...new Set(assignments.map((one) => one.personId))];
  const postings = await reads.all('posting', { id: { in: assignments.map((one) => one.postingId) } });
  const people = await reads.all('person', { id: { in: persons } });
  const signed = await signers(reads, persons);
  return people.map((person) => ({
    person: person.id,
    active: person.state === 'active',
    bound: signed.has(person.id),
    clearance: person.clearance,
    leads: leadsOf(person.id, assignments, postings, now),
  }));
}

function leadsOf(
  person: PersonId,
  assignments: readonly Assignment[],
  postings: readonly Posting[],
  now: number,
): Lead[] {
  return assignments.flatMap((assignment): Lead[] => {
    if (assignment.personId !== person) return [];
    const posting = postings.find((one) => one.id === assignment.postingId);
    if (!posting || !runs(posting, now) || posting.personId !== person) return [];
    const since = Math.max(assignment.createdSeq, posting.createdSeq);
    return [{ centre: assignment.centreId, unit: assignment.unitId, since }];
  });
}

/** A posting runs from its start until its end or removal, half-open (C1, R43). */
export const runs = (posting: Posting, now: number): boolean =>
  posting.endedSeq === null && posting.startsAt <= now && (posting.endsAt === null || now < posting.endsAt);

/** Those of `persons` who signed the newest agreement; nobody where none is published (R24). */
export async function signers(reads: Reads, persons: readonly PersonId[]): Promise<ReadonlySet<PersonId>> {
  const [current] = await reads.all('agreement', {}, { orderBy: 'version', descending: true, limit: 1 });
  if (!current || persons.length === 0) return new Set();
  const signatures = await reads.all('signature', {
    personId: { in: [...persons] },
    version: current.version,
  });
  return new Set(signatures.map((signature) => signature.personId));
}
