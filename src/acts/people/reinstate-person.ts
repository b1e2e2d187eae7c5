/** Lets a suspended person sign in again. Nothing revives: no session, no grant, no vote (R41). */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import type { Person } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { update } from '../ports/tables.ts';
import { reachPerson } from './reached-person.ts';

const input = z.strictObject({ person: idInput<'person'>(), reason: wordsInput(1000) });
interface State extends Loaded {
  readonly person: Person;
}

export const reinstatePerson: Act<z.infer<typeof input>, State, { state: 'active' }> = {
  name: 'reinstate-person',
  input,
  async load({ person: id }, context) {
    const reached = await reachPerson('reinstate-person', id, context);
    if (isRefusal(reached)) return reached;
    return { centre: reached.centre, object: subjectOf('person', id), person: reached.person };
  },
  decide({ person, object = '' }, { reason }, { actor }) {
    if (actor.person === person.id) return refuse('same-person', { rule: 'R22' });
    if (person.state === 'active') return { already: { state: 'active' } };
    if (person.state !== 'suspended') return refuse('state-forbids', { rule: 'R41' });
    return {
      entries: [
        entry('person.reinstated', [object], { fromState: 'suspended', toState: 'active' }, { reason }),
      ],
      // The epoch rises once more: whatever was opened while the suspension ran stays closed.
      writes: [update('person', person.id, { state: 'active', epoch: person.epoch + 1 })],
      result: { state: 'active' },
    };
  },
};
