/** Who is told of a change (R59–R61): outbox rows of the same commit and a notice to open pages. Ids only (R60). */
import type { Decision } from '../../domain/application.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { Moment } from '../act.ts';
import { outbox } from '../outbox.ts';
import type { Notice } from '../ports/outside.ts';
import type { Write } from '../ports/tables.ts';

export interface Told {
  readonly notices: readonly Notice[];
  readonly writes: readonly Write[];
}

/** Tells each of `to` once, except who acts; `event` is the log kind of the change, `kind` and `id` the object. */
export function tell(
  { actor, chance, now }: Pick<Moment, 'actor' | 'chance' | 'now'>,
  event: string,
  object: { readonly kind: string; readonly id: string },
  to: Iterable<PersonId>,
): Told {
  const persons = [...new Set(to)].filter((person) => person !== actor.person);
  return {
    notices: [{ ...object, to: [...persons, ...(actor.person ? [actor.person] : [])] }],
    writes: persons.map((person) => outbox(chance, now, 'notice', { ...object, event }, person)),
  };
}

/** Those who have decided on this revision. */
export const deciders = (decisions: readonly Decision[]): PersonId[] =>
  decisions.map((decision) => decision.personId);
