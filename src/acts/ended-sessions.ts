/** Ending all sessions of a person: the epoch makes them void at once, the rows say when and why (R37, R41, P12). */
import type { PersonId, SessionId } from '../domain/ids.ts';
import type { Person, Session } from '../domain/people.ts';
import type { Ending } from './ports/outside.ts';
import { type Reads, update, type Write } from './ports/tables.ts';

/** Session rows without an end, whether or not they still count. */
export const openSessions = (reads: Reads, person: PersonId): Promise<Session[]> =>
  reads.all('session', { personId: person, endedAt: null }, { orderBy: 'createdAt' });

/** Sessions that a request could still use at `now`, the oldest first. */
export const liveSessions = (sessions: readonly Session[], person: Person, now: number): Session[] =>
  sessions
    .filter((session) => session.personEpoch === person.epoch && now < session.endsAt)
    .toSorted((a, b) => a.createdAt - b.createdAt || a.createdSeq - b.createdSeq);

/** Raises the person's epoch and closes the rows; `set` goes into the same row of the person. */
export function endAllSessions(
  person: Person,
  sessions: readonly Session[],
  now: number,
  reason: string,
  set: Partial<Pick<Person, 'state'>> = {},
): { readonly writes: Write[]; readonly endings: Ending[] } {
  return {
    writes: [
      update('person', person.id, { ...set, epoch: person.epoch + 1 }),
      ...sessions.map((session) => endedRow(session.id, now, reason)),
    ],
    endings: [{ ends: 'person', id: person.id, reason }],
  };
}

export const endedRow = (session: SessionId, now: number, reason: string): Write =>
  update('session', session, { endedAt: now, endReason: reason });
