/** Posts a person to a centre (C1): the frame in which offices may be given. By itself it gives no right. */
import { z } from 'zod';
import { asId, type CentreId, type PersonId, type PostingId, subjectOf } from '../../domain/ids.ts';
import type { Person, Unit } from '../../domain/people.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act, Context, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, millisInput } from '../input.ts';
import { permitReach } from '../permit.ts';
import { entrySeq, insert } from '../ports/tables.ts';
import { reachPerson } from './reached-person.ts';

const input = z.strictObject({
  person: idInput<'person'>(),
  centre: idInput<'centre'>(),
  unit: idInput<'unit'>().optional(),
  /** Default: now. */
  startsAt: millisInput().optional(),
  /** Half-open; left out: until it is ended. */
  endsAt: millisInput().optional(),
});
type Input = z.infer<typeof input>;
interface State extends Loaded {
  readonly person: Person;
  readonly unit: Unit | null;
}

/** Both ends must be within reach: the person, and the centre they are posted to. */
async function load(wanted: Input, context: Context): Promise<State | Refusal> {
  const { deps, actor } = context;
  const reached = await reachPerson('start-posting', wanted.person, context);
  if (isRefusal(reached)) return reached;
  const far = await permitReach('start-posting', actor, reached.centre, deps.reads);
  if (isRefusal(far)) return far;
  if (!(await deps.reads.one('centre', { id: wanted.centre }))) return refuse('not-found', { rule: 'R1' });
  const unit = wanted.unit
    ? await deps.reads.one('unit', { id: wanted.unit, centreId: wanted.centre })
    : null;
  if (unit === undefined) return refuse('not-found', { rule: 'R1' });
  return { centre: wanted.centre, object: subjectOf('person', wanted.person), person: reached.person, unit };
}

export const startPosting: Act<Input, State, { posting: PostingId }> = {
  name: 'start-posting',
  input,
  load,
  decide({ person, unit, object = '' }, { centre, startsAt, endsAt }, { actor, now, chance }) {
    if (actor.person === person.id) return refuse('same-person', { rule: 'R22' });
    if (person.state !== 'active') return refuse('state-forbids', { rule: 'R41' });
    const from = startsAt ?? now;
    if (endsAt !== undefined && (endsAt <= from || endsAt <= now)) {
      return refuse('bad-input', { rule: 'R43', fields: [{ pointer: '/endsAt', code: 'before-start' }] });
    }
    const posting = asId<'posting'>(chance.id());
    return {
      entries: [
        entry('posting.started', [object, subjectOf('centre', centre)], {
          posting,
          startsAt: from,
          ...(unit ? { unit: unit.id } : {}),
          ...(endsAt === undefined ? {} : { endsAt }),
        }),
      ],
      writes: [insert('posting', postingRow(posting, person.id, centre, unit, from, endsAt ?? null))],
      result: { posting },
    };
  },
};

const postingRow = (
  id: PostingId,
  personId: PersonId,
  centreId: CentreId,
  unit: Unit | null,
  startsAt: number,
  endsAt: number | null,
) => ({
  id,
  personId,
  centreId,
  unitId: unit?.id ?? null,
  startsAt,
  endsAt,
  createdSeq: entrySeq(),
  endedSeq: null,
});
