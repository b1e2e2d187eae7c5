/**
 * May this actor do this act, and does their office reach the place? Two questions: the first needs nothing but
 * the actor (403), the second the thing itself, and a thing out of reach answers as if it did not exist (404).
 */
import type { CentreId } from '../domain/ids.ts';
import type { Assignment, Office } from '../domain/people.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Actor } from './act.ts';
import { type ActName, may, type Permission } from './may.ts';
import type { Reads } from './ports/tables.ts';

const permissionOf = (act: ActName): Permission => may[act];

const holding = (permission: Permission, actor: Actor): Assignment[] =>
  actor.seats.filter((seat) => permission.offices.includes(seat.office));

/** What is left to somebody whose password another person handed out. */
const beforeChange: readonly ActName[] = ['change-password', 'sign-out', 'sign-out-everywhere'];

/** Refuses whoever holds none of the offices, or has not signed where a signature is needed (R24, X5). */
export function permitOffice(act: ActName, actor: Actor): Refusal | undefined {
  const permission = permissionOf(act);
  if (permission.reach === 'system') {
    return actor.through === 'system' ? undefined : refuse('office-missing', { rule: 'R44' });
  }
  if (permission.reach === 'open') return undefined;
  if (!actor.person) return refuse('sign-in-required');
  if (actor.mustChange && !beforeChange.includes(act)) return refuse('password-change-needed');
  if (permission.offices.length > 0) {
    if (actor.seats.length === 0) return refuse('not-posted', { rule: 'R2' });
    if (holding(permission, actor).length === 0) return refuse('office-missing', { rule: 'R2' });
  }
  if (permission.bound && !actor.bound) return refuse('agreement-missing', { rule: 'R24' });
  return undefined;
}

/** The office under which the act is allowed at `centre`, or `not-found`. */
export async function permitReach(
  act: ActName,
  actor: Actor,
  centre: CentreId | null,
  reads: Reads,
): Promise<Office | 'self' | 'system' | Refusal> {
  const permission = permissionOf(act);
  if (permission.reach === 'system' || permission.reach === 'open') return 'system';
  if (permission.reach === 'self') return 'self';
  const seats = holding(permission, actor);
  const [first] = seats;
  if (!first) return refuse('office-missing', { rule: 'R2' });
  if (permission.reach === 'seat' || centre === null) return first.office;
  const near = seats.find((seat) => seat.centreId === centre);
  if (near) return near.office;
  if (permission.reach === 'subtree') {
    const above = new Set<string>(await centresAbove(reads, centre));
    const over = seats.find((seat) => above.has(seat.centreId));
    if (over) return over.office;
  }
  return refuse('not-found', { rule: 'R1' });
}

/** The parents of `centre`, nearest first. */
export async function centresAbove(reads: Reads, centre: CentreId): Promise<CentreId[]> {
  const above: CentreId[] = [];
  let at = await reads.one('centre', { id: centre });
  while (at?.parentId && !above.includes(at.parentId)) {
    above.push(at.parentId);
    at = await reads.one('centre', { id: at.parentId });
  }
  return above;
}
