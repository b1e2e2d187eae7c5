/** People, centres and postings as those may see them who manage them or share a centre with them (C1, R54). */
import type { Actor } from '../acts/act.ts';
import { centresAbove } from '../acts/permit.ts';
import type { Reads } from '../acts/ports/tables.ts';
import type { PersonId } from '../domain/ids.ts';
import type { Centre, Office, Person } from '../domain/people.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

const overseers: readonly Office[] = ['security-officer', 'system-administrator', 'auditor'];

/** Centres that the actor's seats reach: their own, and for the three administrators those below. */
export async function centresReached(
  reads: Reads,
  actor: Actor,
  offices?: readonly Office[],
): Promise<Centre[]> {
  const seats = actor.seats.filter((seat) => !offices || offices.includes(seat.office));
  const own = new Set(seats.map((seat) => seat.centreId));
  const over = new Set(seats.filter((seat) => overseers.includes(seat.office)).map((seat) => seat.centreId));
  const reached: Centre[] = [];
  for (const centre of await reads.all('centre', {}, { orderBy: 'createdSeq' })) {
    const above = over.size > 0 ? await centresAbove(reads, centre.id) : [];
    if (own.has(centre.id) || above.some((parent) => over.has(parent))) reached.push(centre);
  }
  return reached;
}

/** Persons of the centres that the actor oversees. */
export async function peopleOverseen(reads: Reads, actor: Actor): Promise<Person[] | Refusal> {
  if (!actor.seats.some((seat) => overseers.includes(seat.office)))
    return refuse('office-missing', { rule: 'R55' });
  const centres = (await centresReached(reads, actor, overseers)).map((centre) => centre.id);
  const posted = await reads.all('posting', { centreId: { in: centres } });
  const ids = new Set(posted.map((posting) => posting.personId));
  const people = await reads.all('person', {}, { orderBy: 'createdSeq' });
  return people.filter((person) => ids.has(person.id) || centres.includes(person.centreId));
}

/** One person with accounts, postings and offices; who is out of reach does not exist (R1). */
export async function personOverseen(reads: Reads, actor: Actor, id: string) {
  const people = await peopleOverseen(reads, actor);
  if ('refused' in people) return people;
  const person = people.find((known) => known.id === id);
  if (!person) return refuse('not-found', { rule: 'R1' });
  const [accounts, postings, assignments, signatures] = await Promise.all([
    reads.all('account', { personId: person.id }),
    reads.all('posting', { personId: person.id }, { orderBy: 'createdSeq' }),
    reads.all('assignment', { personId: person.id }, { orderBy: 'createdSeq' }),
    reads.all('signature', { personId: person.id }, { orderBy: 'version' }),
  ]);
  return {
    ...presentPerson(person),
    accounts: accounts.map(({ id: account, name, state, mustChange }) => ({
      id: account,
      name,
      state,
      mustChange,
    })),
    postings: postings.map((posting) => ({
      id: posting.id,
      centre: posting.centreId,
      unit: posting.unitId,
      startsAt: posting.startsAt,
      endsAt: posting.endsAt,
      ended: posting.endedSeq !== null,
      offices: assignments
        .filter((held) => held.postingId === posting.id)
        .map((held) => ({
          id: held.id,
          office: held.office,
          unit: held.unitId,
          ended: held.endedSeq !== null,
        })),
    })),
    agreements: signatures.map((signature) => signature.version),
  };
}

export const presentPerson = (person: Person) => ({
  id: person.id,
  name: person.name,
  home: person.home,
  clearance: person.clearance,
  state: person.state,
  centre: person.centreId,
});

/** The names of some people, for showing beside their ids; unknown ids are left out. */
export async function namesOf(reads: Reads, ids: readonly PersonId[]): Promise<Map<PersonId, string>> {
  if (ids.length === 0) return new Map();
  const people = await reads.all('person', { id: { in: [...new Set(ids)] } });
  return new Map(people.map((person) => [person.id, person.name]));
}
