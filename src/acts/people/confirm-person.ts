/** The security officer confirms whom the system administrator entered: only now may the person sign in (R54, X5). */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import type { Person } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { update } from '../ports/tables.ts';
import { reachPerson } from './reached-person.ts';

const input = z.strictObject({ person: idInput<'person'>() });
interface State extends Loaded {
  readonly person: Person;
}

export const confirmPerson: Act<z.infer<typeof input>, State, { state: 'active' }> = {
  name: 'confirm-person',
  input,
  async load({ person: id }, context) {
    const reached = await reachPerson('confirm-person', id, context);
    if (isRefusal(reached)) return reached;
    return { centre: reached.centre, object: subjectOf('person', id), person: reached.person };
  },
  decide({ person, object = '' }) {
    if (person.state === 'active') return { already: { state: 'active' } };
    if (person.state !== 'pending') return refuse('state-forbids');
    return {
      entries: [entry('person.confirmed', [object], { fromState: 'pending', toState: 'active' })],
      writes: [update('person', person.id, { state: 'active' })],
      result: { state: 'active' },
    };
  },
};
