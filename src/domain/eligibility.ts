/**
 * Who may fill which seat, by data current at this moment (R2–R7, R51). Persons are compared, never accounts
 * (R5); whoever is party to the application decides nothing in it, and no setting lifts that (R3, R4).
 */
import type { SeatGroup } from './application.ts';
import type { CentreId, PersonId, UnitId } from './ids.ts';
import { classReaches, type ItemClass } from './item.ts';
import type { Stage } from './policy.ts';

/** Leadership held now, under a posting that runs now: of a unit, or (null) of the whole centre. */
export interface Lead {
  readonly centre: CentreId;
  readonly unit: UnitId | null;
  /** Number of the newest log entry on which it rests; a vote given before it does not count by it (R41). */
  readonly since: number;
}

/** A person with an approver's office, before any rule has been asked. */
export interface Candidate {
  readonly person: PersonId;
  readonly active: boolean;
  /** Signed the current agreement. */
  readonly bound: boolean;
  readonly clearance: ItemClass;
  readonly leads: readonly Lead[];
}

/** What the rules need to know of an application to find its seats. */
export interface Matter {
  readonly class: ItemClass;
  /** The centre that owns the items. */
  readonly centre: CentreId;
  /** Its parents, nearest first. */
  readonly above: readonly CentreId[];
  /** The requester's unit and that unit's centre; null where the requester has none. */
  readonly unit: { readonly id: UnitId; readonly centre: CentreId } | null;
  /** Requester, beneficiary and the persons recorded in the items as involved (R3). */
  readonly barred: ReadonlySet<PersonId>;
  /** 0 normal, 1 deputies, 2 parent centre. */
  readonly escalation: number;
}

/** Where the leaders of a group sit. */
export interface Place {
  readonly centre: CentreId;
  readonly unit: UnitId | null;
}

/**
 * R2 and R7 but for the group: active, bound, cleared, and the posting lies in the owning centre or above it.
 * `since` null asks for now; a number asks whether a vote with that entry still counts.
 */
function fits(
  candidate: Candidate,
  matter: Matter,
  places: readonly Place[],
  votedAt: number | null,
): boolean {
  if (!candidate.active || !candidate.bound) return false;
  if (!classReaches(candidate.clearance, matter.class)) return false;
  const reach = new Set([matter.centre, ...matter.above]);
  return candidate.leads.some(
    (lead) =>
      reach.has(lead.centre) &&
      (votedAt === null || lead.since < votedAt) &&
      places.some((place) => place.centre === lead.centre && place.unit === lead.unit),
  );
}

const at = (centre: CentreId | undefined): Place[] => (centre ? [{ centre, unit: null }] : []);

/** Where the group's leaders sit at home, and the centres above that may stand in, nearest first. */
function homeOf(group: SeatGroup, matter: Matter): { home: Place[]; next: Place[] } {
  const { centre, above, unit } = matter;
  const places = (centres: readonly CentreId[]): Place[] => centres.flatMap(at);
  if (group === 'U' && unit) {
    return {
      home: [{ centre: unit.centre, unit: unit.id }],
      next: places([unit.centre, ...(unit.centre === centre ? above : [])]),
    };
  }
  // Without a parent, P is one more leader of the centre itself (approvals.md, head).
  if (group === 'P' && above.length > 0)
    return { home: places(above.slice(0, 1)), next: places(above.slice(1)) };
  return { home: places([centre]), next: places(above) };
}

/** Everyone who may hold a seat of `group` at all: home and every stand-in above it. */
export const widePlaces = (group: SeatGroup, matter: Matter): Place[] => {
  const { home, next } = homeOf(group, matter);
  return [...home, ...next];
};

const countAt = (
  candidates: readonly Candidate[],
  matter: Matter,
  places: readonly Place[],
  barred: boolean,
) =>
  candidates.filter((one) => (barred || !matter.barred.has(one.person)) && fits(one, matter, places, null))
    .length;

/**
 * Where the leaders sit who may fill `stage` now. A group that cannot seat k+1 persons, or k who are not barred,
 * is joined by the same group one centre up, and so on (table 4, R21); escalation joins one more step each (R51):
 * first who stands next to the seat, then the parent centre. It adds persons and never takes one away.
 */
export function placesOf(stage: Stage, matter: Matter, candidates: readonly Candidate[]): Place[] {
  const { home, next } = homeOf(stage.group, matter);
  const places = [...home];
  const waiting = [...next];
  const enough = (): boolean =>
    countAt(candidates, matter, places, true) > stage.k &&
    countAt(candidates, matter, places, false) >= stage.k;
  while (!enough()) {
    const up = waiting.shift();
    if (!up) break;
    places.push(up);
  }
  const steps = stage.group === 'U' ? matter.escalation : Math.max(0, matter.escalation - 1);
  return [...places, ...waiting.slice(0, steps)];
}

/** True if `candidate` may fill a seat of `stage` now. */
export const mayFill = (
  candidate: Candidate,
  stage: Stage,
  matter: Matter,
  candidates: readonly Candidate[],
): boolean =>
  !matter.barred.has(candidate.person) && fits(candidate, matter, placesOf(stage, matter, candidates), null);

/** The persons who may fill a seat of `stage` now, in no order. */
export const eligible = (stage: Stage, matter: Matter, candidates: readonly Candidate[]): PersonId[] => {
  const places = placesOf(stage, matter, candidates);
  return candidates
    .filter((one) => !matter.barred.has(one.person) && fits(one, matter, places, null))
    .map((one) => one.person);
};

/** How many could fill `stage` in any application: the figure of R21, blind to who is barred in this one. */
export const seatable = (stage: Stage, matter: Matter, candidates: readonly Candidate[]): number =>
  countAt(candidates, matter, placesOf(stage, matter, candidates), true);

export type VoteStanding = 'counts' | 'rests' | 'lost';
/**
 * Whether a vote given in entry `createdSeq` still counts (R14, R41): `rests` while only the signature under the
 * newest agreement is missing, `lost` for good once the author left, lost the seat or the clearance.
 */
export function voteStanding(
  vote: { readonly personId: PersonId; readonly seat: SeatGroup; readonly createdSeq: number },
  matter: Matter,
  candidates: readonly Candidate[],
): VoteStanding {
  const author = candidates.find((one) => one.person === vote.personId);
  if (!author || matter.barred.has(vote.personId)) return 'lost';
  const places = widePlaces(vote.seat, matter);
  if (fits(author, matter, places, vote.createdSeq)) return 'counts';
  return fits({ ...author, bound: true }, matter, places, vote.createdSeq) ? 'rests' : 'lost';
}

/** Whether `person` leads anything that this application's seats could name: who does not is told of nothing (404). */
export const isNear = (candidate: Candidate | undefined, stages: readonly Stage[], matter: Matter): boolean =>
  candidate !== undefined &&
  stages.some((stage) =>
    widePlaces(stage.group, matter).some((place) =>
      candidate.leads.some((lead) => lead.centre === place.centre && lead.unit === place.unit),
    ),
  );
