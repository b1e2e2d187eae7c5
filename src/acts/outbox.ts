/**
 * Effects after the commit, as rows of the same commit (R59). A payload holds ids only: no title, no name (R60).
 * Whoever delivers may deliver twice, so every effect is one that a repeat does not change.
 */
import type { PersonId } from '../domain/ids.ts';
import type { Chance } from './ports/outside.ts';
import { insert, type Write } from './ports/tables.ts';

/** Every effect that acts ask for. */
export type Topic =
  /** The item was accepted: forget the upload's working state, keep the object. `{ intake }` */
  | 'intake-settle'
  /** The upload was given up: remove its bytes and destroy its key. `{ intake }` */
  | 'intake-remove'
  /** Tell a person that something waits for them. `{ kind, id, state, dueAt? }` */
  | 'notice';

export const outbox = (
  chance: Chance,
  now: number,
  topic: Topic,
  payload: Readonly<Record<string, string | number>>,
  recipientId: PersonId | null = null,
): Write =>
  insert('outbox', {
    id: chance.id(),
    topic,
    recipientId,
    payload: JSON.stringify(payload),
    createdAt: now,
    dueAt: now,
    attempts: 0,
    doneAt: null,
    lastError: null,
  });
