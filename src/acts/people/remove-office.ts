/**
 * Takes one office away. An approver's votes that still decide something are struck out (R14); removed for cause,
 * the running grants that rest on them wait until another approver confirms (R15).
 */
import { z } from 'zod';
import type { Grant } from '../../domain/grant.ts';
import { subjectOf } from '../../domain/ids.ts';
import type { Assignment, Person, Session } from '../../domain/people.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { suspendGrants } from '../ended-grants.ts';
import { endAllSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { discountVotes, type StandingVotes, standingVotes } from './discounted-votes.ts';

const input = z.strictObject({
  assignment: idInput<'assignment'>(),
  cause: z.enum(['ordinary', 'for-cause']),
});
interface State extends Loaded {
  readonly assignment: Assignment;
  readonly person: Person;
  readonly sessions: readonly Session[];
  /** Empty where the person keeps another approver's office. */
  readonly votes: StandingVotes;
}

/** Running grants that rest on an approval of the votes' author. */
const restingOn = ({ decisions, grants }: StandingVotes): Grant[] => {
  const approved = new Set(
    decisions.filter(({ outcome }) => outcome === 'approved').map((vote) => vote.applicationId),
  );
  return grants.filter((grant) => approved.has(grant.applicationId));
};

export const removeOffice: Act<z.infer<typeof input>, State, { removed: boolean }> = {
  name: 'remove-office',
  input,
  async load({ assignment: id }, { deps: { reads } }) {
    const assignment = await reads.one('assignment', { id });
    const person = assignment && (await reads.one('person', { id: assignment.personId }));
    if (!assignment || !person) return refuse('not-found', { rule: 'R1' });
    const approving = await reads.all('assignment', {
      personId: person.id,
      office: 'approver',
      endedSeq: null,
    });
    const last = assignment.office === 'approver' && approving.every((seat) => seat.id === id);
    return {
      centre: assignment.centreId,
      object: subjectOf('person', person.id),
      assignment,
      person,
      sessions: await openSessions(reads, person.id),
      votes: last ? await standingVotes(reads, person.id) : { decisions: [], applications: [], grants: [] },
    };
  },
  decide({ assignment, person, sessions, votes, object = '' }, { cause }, { now }) {
    if (assignment.endedSeq !== null) return { already: { removed: false } };
    const stopped = suspendGrants(cause === 'for-cause' ? restingOn(votes) : [], 'vote-removed', 1);
    const struck = discountVotes(votes, `removed-${cause}`, 1 + stopped.entries.length);
    const ended = endAllSessions(person, sessions, now, 'rights-changed');
    return {
      entries: [
        entry('role.removed', [object, subjectOf('centre', assignment.centreId)], {
          assignment: assignment.id,
          office: assignment.office,
          cause,
        }),
        ...stopped.entries,
        ...struck.entries,
      ],
      writes: [
        update('assignment', assignment.id, { endedSeq: entrySeq() }),
        ...stopped.writes,
        ...struck.writes,
        ...ended.writes,
      ],
      endings: [...ended.endings, ...stopped.endings],
      result: { removed: true },
    };
  },
};
