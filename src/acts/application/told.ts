/** Who is told of a change (R59–R61): outbox rows of the same commit and a notice to open pages. Ids only (R60). */
import type { Decision } from '../../domain/application.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { Moment } from '../act.ts';
import type { Notice } from '../ports/outside.ts';
import { insert, type Write } from '../ports/tables.ts';

export interface Told {
  readonly notices: readonly Notice[];
  readonly writes: readonly Write[];
}

/** Tells each of `to` once, except who acts; `topic` is the log kind of the change, `kind` and `id` the object. */
export function tell(
  { actor, chance, now }: Pick<Moment, 'actor' | 'chance' | 'now'>,
  topic: string,
  object: { readonly kind: string; readonly id: string },
  to: Iterable<PersonId>,
): Told {
  const persons = [...new Set(to)].filter((person) => person !== actor.person);
  return {
    notices: [{ ...object, to: [...persons, ...(actor.person ? [actor.person] : [])] }],
    writes: persons.map((recipientId) =>
      insert('outbox', {
        id: chance.id(),
        topic,
        recipientId,
        payload: JSON.stringify(object),
        createdAt: now,
        dueAt: now,
        attempts: 0,
        doneAt: null,
        lastError: null,
      }),
    ),
  };
}

/** Those who have decided on this revision. */
export const deciders = (decisions: readonly Decision[]): PersonId[] =>
  decisions.map((decision) => decision.personId);
