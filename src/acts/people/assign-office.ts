/**
 * Gives one office under one posting. The separated offices are judged over all that the person holds anywhere,
 * through whatever account (R54, R55); nobody gives an office to themselves (R22).
 */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import { type Assignment, offices, type Person, type Posting, type Session } from '../../domain/people.ts';
import { refuse } from '../../domain/refusal.ts';
import { separationBroken } from '../../domain/separation.ts';
import type { Act, Loaded } from '../act.ts';
import { endAllSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { entrySeq, insert } from '../ports/tables.ts';

const input = z.strictObject({
  posting: idInput<'posting'>(),
  office: z.enum(offices),
  /** For an approver: the unit they lead; left out, they lead the centre. */
  unit: idInput<'unit'>().optional(),
});
interface State extends Loaded {
  readonly posting: Posting;
  readonly person: Person;
  /** All that the person holds, under any posting. */
  readonly held: readonly Assignment[];
  readonly sessions: readonly Session[];
}

export const assignOffice: Act<z.infer<typeof input>, State, { assignment: string }> = {
  name: 'assign-office',
  input,
  async load({ posting: id, unit }, { deps: { reads } }) {
    const posting = await reads.one('posting', { id });
    const person = posting && (await reads.one('person', { id: posting.personId }));
    if (!posting || !person) return refuse('not-found', { rule: 'R1' });
    if (unit && !(await reads.one('unit', { id: unit, centreId: posting.centreId }))) {
      return refuse('not-found', { rule: 'R1' });
    }
    return {
      centre: posting.centreId,
      object: subjectOf('person', person.id),
      posting,
      person,
      held: await reads.all('assignment', { personId: person.id, endedSeq: null }),
      sessions: await openSessions(reads, person.id),
    };
  },
  decide({ posting, person, held, sessions, object = '' }, { office, unit }, { actor, now, chance }) {
    if (actor.person === person.id) return refuse('same-person', { rule: 'R22' });
    if (unit && office !== 'approver') {
      return refuse('bad-input', { fields: [{ pointer: '/unit', code: 'only-for-approver' }] });
    }
    const broken = separationBroken(
      held.map((assignment) => assignment.office),
      office,
    );
    if (broken) return refuse('offices-separated', { rule: broken });
    if (person.state !== 'active' || posting.endedSeq !== null) {
      return refuse('state-forbids', { rule: 'R41' });
    }
    if (posting.endsAt !== null && posting.endsAt <= now) return refuse('state-forbids', { rule: 'R43' });
    const unitId = unit ?? null;
    const same = held.find(
      (assignment) =>
        assignment.postingId === posting.id && assignment.office === office && assignment.unitId === unitId,
    );
    if (same) return { already: { assignment: same.id } };
    const assignment = chance.id();
    // A change of rights: whoever holds an older session signs in anew (X40).
    const ended = endAllSessions(person, sessions, now, 'rights-changed');
    return {
      entries: [
        entry('role.assigned', [object, subjectOf('centre', posting.centreId)], {
          assignment,
          posting: posting.id,
          office,
          ...(unit ? { unit } : {}),
        }),
      ],
      writes: [
        insert('assignment', {
          id: assignment,
          postingId: posting.id,
          personId: person.id,
          centreId: posting.centreId,
          unitId,
          office,
          createdSeq: entrySeq(),
          endedSeq: null,
        }),
        ...ended.writes,
      ],
      endings: ended.endings,
      result: { assignment },
    };
  },
};
