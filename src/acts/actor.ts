/**
 * From a caller to the person who acts, by data current at this moment (R2, R24, R41; reliability.md 5): a
 * session counts only while it runs, its person is active and its epoch is the person's; an office counts only
 * while its posting runs.
 */
import type { PersonId } from '../domain/ids.ts';
import { subjectOf } from '../domain/ids.ts';
import type { Assignment, Posting, Signature } from '../domain/people.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Actor, Caller, Deps } from './act.ts';
import type { Reads } from './ports/tables.ts';
import { rightRow } from './rights/proof.ts';

interface Seats {
  readonly seats: readonly Assignment[];
  /** Those under which the seats are held. */
  readonly postings: readonly Posting[];
}

/** Offices that `person` holds at `now`; empty for whoever is not active. */
async function seatsOf(reads: Reads, person: PersonId, now: number): Promise<Seats> {
  const assignments = await reads.all('assignment', { personId: person, endedSeq: null });
  if (assignments.length === 0) return { seats: [], postings: [] };
  const open = await reads.all('posting', { personId: person, endedSeq: null });
  const running = open.filter((p) => p.startsAt <= now && (p.endsAt === null || now < p.endsAt));
  const under = (assignment: Assignment) => running.find((posting) => posting.id === assignment.postingId);
  const seats = assignments.filter((assignment) => under(assignment) !== undefined);
  return {
    seats,
    postings: running.filter((posting) => seats.some((seat) => seat.postingId === posting.id)),
  };
}

/** The signature of `person` under the newest agreement; where none is published, nobody is bound (R24). */
async function signatureOf(reads: Reads, person: PersonId): Promise<Signature | undefined> {
  const [current] = await reads.all('agreement', {}, { orderBy: 'version', descending: true, limit: 1 });
  return current && reads.one('signature', { personId: person, version: current.version });
}

const looks = 3;

/**
 * The actor behind `caller`, or `sign-in-required`. Every row that makes the actor is what the log says of it, else
 * `integrity` (L4.7).
 */
export async function actorOf(
  deps: Pick<Deps, 'reads' | 'rights'>,
  caller: Caller,
  now: number,
): Promise<Actor | Refusal> {
  for (let look = 1; ; look += 1) {
    const actor = await lookAtActor(deps, caller, now);
    if (!isRefusal(actor) || actor.refused !== 'busy' || look === looks) return actor;
  }
}

async function lookAtActor(
  { reads, rights }: Pick<Deps, 'reads' | 'rights'>,
  caller: Caller,
  now: number,
): Promise<Actor | Refusal> {
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
  const { seats, postings } = await seatsOf(reads, person.id, now);
  const signature = await signatureOf(reads, person.id);
  const proof = await rights.prove([
    rightRow('person', person),
    ...(session ? [rightRow('session', session)] : []),
    ...postings.map((posting) => rightRow('posting', posting)),
    ...seats.map((seat) => rightRow('assignment', seat)),
    ...(signature ? [rightRow('signature', signature)] : []),
  ]);
  if (proof) return proof;
  return {
    person: person.id,
    name: subjectOf('person', person.id),
    session: session?.id ?? null,
    through: session ? 'session' : 'command-line',
    mustChange: account?.mustChange ?? false,
    seats,
    bound: signature !== undefined,
    requestId,
  };
}
