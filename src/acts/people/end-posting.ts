/**
 * Ends a posting and with it, at once, all that came from it (C1, R37, R41): offices, sessions, grants that were
 * applied for under it, votes that still decide something.
 */
import { z } from 'zod';
import type { Grant } from '../../domain/grant.ts';
import { subjectOf } from '../../domain/ids.ts';
import type { Assignment, Person, Posting, Session } from '../../domain/people.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { endGrants } from '../ended-grants.ts';
import { endAllSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { entrySeq, type Reads, update } from '../ports/tables.ts';
import { discountVotes, type StandingVotes, standingVotes } from './discounted-votes.ts';

const input = z.strictObject({ posting: idInput<'posting'>() });
interface State extends Loaded {
  readonly posting: Posting;
  readonly person: Person;
  readonly assignments: readonly Assignment[];
  readonly sessions: readonly Session[];
  readonly grants: readonly Grant[];
  readonly votes: StandingVotes;
}

/** Grants whose applications were made under `posting`. */
async function grantsUnder(reads: Reads, posting: Posting): Promise<Grant[]> {
  const applications = await reads.all('application', { postingId: posting.id });
  if (applications.length === 0) return [];
  return reads.all('grant', { applicationId: { in: applications.map(({ id }) => id) } });
}

/** Votes on applications of the posting's centre or centres below count as long as another office carries them. */
async function votesUnder(reads: Reads, posting: Posting, assignments: readonly Assignment[]) {
  const none: StandingVotes = { decisions: [], applications: [], grants: [] };
  if (!assignments.some(({ office }) => office === 'approver')) return none;
  const elsewhere = await reads.all('assignment', {
    personId: posting.personId,
    office: 'approver',
    endedSeq: null,
  });
  return elsewhere.some(({ postingId }) => postingId !== posting.id)
    ? none
    : standingVotes(reads, posting.personId);
}

export const endPosting: Act<z.infer<typeof input>, State, { offices: number }> = {
  name: 'end-posting',
  input,
  async load({ posting: id }, { deps: { reads } }) {
    const posting = await reads.one('posting', { id });
    const person = posting && (await reads.one('person', { id: posting.personId }));
    if (!posting || !person) return refuse('not-found', { rule: 'R1' });
    const assignments = await reads.all('assignment', { postingId: id, endedSeq: null });
    return {
      centre: posting.centreId,
      object: subjectOf('person', person.id),
      posting,
      person,
      assignments,
      sessions: await openSessions(reads, person.id),
      grants: await grantsUnder(reads, posting),
      votes: await votesUnder(reads, posting, assignments),
    };
  },
  decide({ posting, person, assignments, sessions, grants, votes, object = '' }, _input, { now }) {
    if (posting.endedSeq !== null) return { already: { offices: 0 } };
    const subjects = [object, subjectOf('centre', posting.centreId)];
    const removed = assignments.map((assignment) =>
      entry('role.removed', subjects, {
        assignment: assignment.id,
        office: assignment.office,
        cause: 'posting-ended',
      }),
    );
    const over = endGrants(grants, 'offboarded', 1 + removed.length);
    const struck = discountVotes(votes, 'posting-ended', 1 + removed.length + over.entries.length);
    const ended = endAllSessions(person, sessions, now, 'posting-ended');
    return {
      entries: [
        entry('posting.ended', subjects, { posting: posting.id }),
        ...removed,
        ...over.entries,
        ...struck.entries,
      ],
      writes: [
        update('posting', posting.id, { endedSeq: entrySeq() }),
        ...assignments.map(({ id }, at) => update('assignment', id, { endedSeq: entrySeq(1 + at) })),
        ...over.writes,
        ...struck.writes,
        ...ended.writes,
      ],
      endings: [...ended.endings, ...over.endings],
      result: { offices: assignments.length },
    };
  },
};
