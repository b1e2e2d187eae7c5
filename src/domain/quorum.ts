/**
 * Counting (R6, R9, R10, R16, R20). Every requirement is counted by itself, its stages in order, one seat a
 * person; what is not counted here does not count. An empty list of requirements is never complete (R18).
 */
import type { Decision } from './application.ts';
import { type Candidate, eligible, type Matter, seatable, voteStanding } from './eligibility.ts';
import type { PersonId, PolicyId } from './ids.ts';
import type { Requirement } from './policies.ts';
import type { Stage } from './policy.ts';

/** One requirement being met: its stages for this requester, and the policy versions whose votes it takes. */
export interface Track {
  readonly requirement: Requirement;
  readonly stages: readonly Stage[];
  /** The policy of the item's class as submitted, and as it is now. */
  readonly accepts: ReadonlySet<PolicyId>;
}

/** U falls away only where the requester has no unit, and one more C replaces it (table 4). */
export const stagesFor = (stages: readonly Stage[], hasUnit: boolean): Stage[] =>
  stages.map((stage) => (stage.group === 'U' && !hasUnit ? { group: 'C', k: stage.k } : stage));

/** Tracks for the joined `requirements`; votes under any version of a class's policy are taken. */
export const tracksOf = (
  joined: readonly Requirement[],
  versions: readonly Requirement[],
  hasUnit: boolean,
): Track[] =>
  joined.map((requirement) => ({
    requirement,
    stages: stagesFor(requirement.stages, hasUnit),
    accepts: new Set(versions.filter((one) => one.class === requirement.class).map((one) => one.policy)),
  }));

export type Vote = Pick<Decision, 'id' | 'personId' | 'policyId' | 'seat' | 'createdSeq'>;

export interface Count {
  readonly track: Track;
  /** Seats filled in each stage. */
  readonly filled: readonly number[];
  /** The first stage with an open seat; the number of stages once all are filled. */
  readonly stage: number;
  readonly voters: ReadonlySet<PersonId>;
}

/** Counts `votes` that stand, in the order in which they were given; a second vote of a person fills no seat (R6). */
export function countTrack(track: Track, votes: readonly Vote[]): Count {
  const filled = track.stages.map(() => 0);
  const voters = new Set<PersonId>();
  for (const vote of votes.toSorted((a, b) => a.createdSeq - b.createdSeq)) {
    if (!track.accepts.has(vote.policyId) || voters.has(vote.personId)) continue;
    const stage = track.stages.findIndex(
      (one, index) => one.group === vote.seat && (filled[index] ?? 0) < one.k,
    );
    if (stage < 0) continue;
    filled[stage] = (filled[stage] ?? 0) + 1;
    voters.add(vote.personId);
  }
  const open = track.stages.findIndex((one, index) => (filled[index] ?? 0) < one.k);
  return { track, filled, stage: open < 0 ? track.stages.length : open, voters };
}

export interface Tally {
  readonly counts: readonly Count[];
  readonly complete: boolean;
  /** Index over the joined stages: the lowest stage that is still open anywhere. */
  readonly stage: number;
  readonly votes: number;
  readonly needed: number;
}

/** All requirements side by side (R20); complete only if each is. `votes` are those that stand. */
export function tally(tracks: readonly Track[], votes: readonly Vote[]): Tally {
  const counts = tracks.map((track) => countTrack(track, votes));
  const open = counts.filter((count) => count.stage < count.track.stages.length);
  const longest = Math.max(0, ...tracks.map((track) => track.stages.length));
  return {
    counts,
    complete: counts.length > 0 && open.length === 0 && tracks.every((track) => track.stages.length > 0),
    stage: open.length === 0 ? longest : Math.min(...open.map((count) => count.stage)),
    votes: counts.reduce((sum, count) => sum + count.filled.reduce((a, b) => a + b, 0), 0),
    needed: tracks.reduce((sum, track) => sum + track.stages.reduce((a, stage) => a + stage.k, 0), 0),
  };
}

/** The votes whose authors are still eligible (R14), and those that are lost for good (R41). */
export function standing<V extends Vote>(
  votes: readonly V[],
  matter: Matter,
  candidates: readonly Candidate[],
): { counted: V[]; lost: V[] } {
  const judged = votes.map((vote) => ({ vote, is: voteStanding(vote, matter, candidates) }));
  return {
    counted: judged.filter(({ is }) => is === 'counts').map(({ vote }) => vote),
    lost: judged.filter(({ is }) => is === 'lost').map(({ vote }) => vote),
  };
}

/** Open seats of `count`, from `first` on, one entry a seat. */
const openSeats = (count: Count): Stage[] =>
  count.track.stages.flatMap((stage, index) =>
    Array.from({ length: Math.max(0, stage.k - (count.filled[index] ?? 0)) }, () => stage),
  );

/** Open seats for which no distinct eligible person is left (R16); 0 means the application can still be decided. */
export function missingPersons(count: Count, matter: Matter, candidates: readonly Candidate[]): number {
  const seats = openSeats(count).map((stage) =>
    eligible(stage, matter, candidates).filter((person) => !count.voters.has(person)),
  );
  const taken = new Map<PersonId, number>();
  const place = (seat: number, seen: Set<PersonId>): boolean =>
    (seats[seat] ?? []).some((person) => {
      if (seen.has(person)) return false;
      seen.add(person);
      const holder = taken.get(person);
      if (holder !== undefined && !place(holder, seen)) return false;
      taken.set(person, seat);
      return true;
    });
  return seats.filter((_, seat) => !place(seat, new Set())).length;
}

/** R21, X18: every stage has k+1 who could fill it, and distinct persons are left for every seat here. */
export const canBeDecided = (
  tracks: readonly Track[],
  matter: Matter,
  candidates: readonly Candidate[],
): boolean =>
  tracks.length > 0 &&
  tracks.every(
    (track) =>
      track.stages.length > 0 &&
      track.stages.every((stage) => seatable(stage, matter, candidates) > stage.k) &&
      missingPersons(countTrack(track, []), matter, candidates) === 0,
  );
