/**
 * From a caller to the person who acts, by data current at this moment (R2, R24, R41; reliability.md 5): a
 * session counts only while it runs, its person is active and its epoch is the person's; an office counts only
 * while its posting runs.
 */
import type { PersonId } from '../domain/ids.ts';
import { subjectOf } from '../domain/ids.ts';
import type { Assignment } from '../domain/people.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Actor, Caller } from './act.ts';
import type { Reads } from './ports/tables.ts';

/** Offices that `person` holds at `now`; empty for whoever is not active. */
export async function seatsOf(reads: Reads, person: PersonId, now: number): Promise<Assignment[]> {
  const assignments = await reads.all('assignment', { personId: person, endedSeq: null });
  if (assignments.length === 0) return [];
  const postings = await reads.all('posting', { personId: person, endedSeq: null });
  const running = new Set(
    postings.filter((p) => p.startsAt <= now && (p.endsAt === null || now < p.endsAt)).map((p) => p.id),
  );
  return assignments.filter((assignment) => running.has(assignment.postingId));
}

/** True if `person` signed the newest agreement; where none is published, nobody is bound (R24). */
export async function isBound(reads: Reads, person: PersonId): Promise<boolean> {
  const [current] = await reads.all('agreement', {}, { orderBy: 'version', descending: true, limit: 1 });
  if (!current) return false;
  return (await reads.one('signature', { personId: person, version: current.version })) !== undefined;
}

/** The actor behind `caller`, or `sign-in-required`. */
export async function actorOf(reads: Reads, caller: Caller, now: number): Promise<Actor | Refusal> {
  const { requestId } = caller;
  if ('system' in caller) {
    return {
      person: null,
      name: `system:${caller.system}`,
      session: null,
      through: 'system',
      seats: [],
      bound: true,
      requestId,
    };
  }
  if ('anonymous' in caller) {
    return {
      person: null,
      name: 'system:door',
      session: null,
      through: 'anonymous',
      seats: [],
      bound: false,
      requestId,
    };
  }
  const session = 'session' in caller ? await reads.one('session', { id: caller.session }) : undefined;
  if ('session' in caller && (!session || session.endedAt !== null || session.endsAt <= now)) {
    return refuse('sign-in-required');
  }
  const personId = 'commandLine' in caller ? caller.commandLine : session?.personId;
  const person = personId ? await reads.one('person', { id: personId }) : undefined;
  if (person?.state !== 'active') return refuse('sign-in-required');
  if (session && session.personEpoch !== person.epoch) return refuse('sign-in-required');
  const account = session ? await reads.one('account', { id: session.accountId }) : undefined;
  if (session && account?.state !== 'active') return refuse('sign-in-required');
  return {
    person: person.id,
    name: subjectOf('person', person.id),
    session: session?.id ?? null,
    through: session ? 'session' : 'command-line',
    mustChange: account?.mustChange ?? false,
    seats: await seatsOf(reads, person.id, now),
    bound: await isBound(reads, person.id),
    requestId,
  };
}
