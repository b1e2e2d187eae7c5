/**
 * From where an officer reaches a person (C1, C2, X1): the centre that keeps the record, or one where the person is
 * posted. Nobody else learns that the person exists.
 */
import type { CentreId, PersonId } from '../../domain/ids.ts';
import type { Person, Posting } from '../../domain/people.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Context } from '../act.ts';
import type { ActName } from '../may.ts';
import { permitReach } from '../permit.ts';
import type { Reads } from '../ports/tables.ts';

export interface ReachedPerson {
  readonly person: Person;
  /** Postings that were not ended, lapsed ones included. */
  readonly postings: readonly Posting[];
  /** Within the actor's reach if any of the person's centres is. */
  readonly centre: CentreId;
}

/** Every centre from which `person` may be reached: the keeper of the record first. */
export const centresOf = (person: Person, postings: readonly Posting[]): CentreId[] => [
  ...new Set([person.centreId, ...postings.map((posting) => posting.centreId)]),
];

export const openPostings = (reads: Reads, person: PersonId): Promise<Posting[]> =>
  reads.all('posting', { personId: person, endedSeq: null }, { orderBy: 'startsAt' });

/** The person, as reached by `act`; `not-found` if there is none, and a centre out of reach if none is within it. */
export async function reachPerson(
  act: ActName,
  id: PersonId,
  { deps, actor }: Pick<Context, 'deps' | 'actor'>,
): Promise<ReachedPerson | Refusal> {
  const person = await deps.reads.one('person', { id });
  if (!person) return refuse('not-found', { rule: 'R1' });
  const postings = await openPostings(deps.reads, id);
  for (const centre of centresOf(person, postings)) {
    if (!isRefusal(await permitReach(act, actor, centre, deps.reads))) return { person, postings, centre };
  }
  return { person, postings, centre: person.centreId };
}
