/**
 * What stands between a person and any decision on an application (R2–R9, R12, X11–X14): asked in this order, so
 * that whoever has no seat learns nothing, and whoever is party is told so. One call for every decision.
 */
import type { Decision, Outcome, SeatGroup } from '../../domain/application.ts';
import { isNear, mayFill } from '../../domain/eligibility.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { Stage } from '../../domain/policy.ts';
import { type Count, standing, type Tally, type Track, tally } from '../../domain/quorum.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Moment, RefusedWithEffect } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, insert, type NewRow, toSeal, type Write } from '../ports/tables.ts';
import { type CaseFile, subjectsOf } from './case-file.ts';
import { isClosed, overtaken } from './closing.ts';
import { reasonField } from './sealed-terms.ts';

/** What a decision says besides its outcome. */
export interface Said {
  readonly termsHash: string;
  readonly reasonCode: string;
  readonly reason?: string | undefined;
}

export const allStages = (file: Pick<CaseFile, 'tracks'>): Stage[] =>
  file.tracks.flatMap((track) => track.stages);

const candidateOf = (file: CaseFile, person: PersonId) =>
  file.candidates.find((one) => one.person === person);

/** A decision after the end is kept as a comment, and answered 409 (R12, X13). */
function late(file: CaseFile, outcome: Outcome, said: Said): RefusedWithEffect {
  const { application } = file;
  const facts = {
    outcome,
    reasonCode: said.reasonCode,
    revision: application.revision,
    termsHash: said.termsHash,
    fromState: application.state,
  };
  return {
    entries: [
      entry(
        'decision.recorded-late',
        subjectsOf(file),
        facts,
        said.reason ? { reason: said.reason } : undefined,
      ),
    ],
    writes: [],
    refusal: refuse('application-closed', { rule: 'R12' }),
  };
}

/** The person who may decide here, or why not. Seats are not judged yet, only nearness and being party. */
export function admit(
  file: CaseFile,
  outcome: Outcome,
  said: Said,
  moment: Moment,
): PersonId | Refusal | RefusedWithEffect {
  const { application, matter, terms } = file;
  const { person, through } = moment.actor;
  if (!person || through !== 'session') return refuse('not-a-person', { rule: 'R8' });
  if (application.state === 'draft') return refuse('not-found', { rule: 'R1' });
  if (person === application.requesterId || person === terms.beneficiary) {
    return refuse('same-person', { rule: 'R3' });
  }
  if (!isNear(candidateOf(file, person), allStages(file), matter)) return refuse('not-found', { rule: 'R1' });
  if (matter.barred.has(person)) return refuse('same-person', { rule: 'R3' });
  if (isClosed(file)) {
    // A repeated decision is answered as it was, not as a late one (R12, R13).
    const again = file.decisions.some(
      (one) => one.personId === person && one.outcome === outcome && one.termsHash === said.termsHash,
    );
    return again ? person : late(file, outcome, said);
  }
  const stopped = overtaken(file, moment);
  if (stopped) return stopped;
  return said.termsHash === application.termsHash ? person : refuse('terms-changed', { rule: 'R26' });
}

export const isAdmitted = (value: PersonId | Refusal | RefusedWithEffect): value is PersonId =>
  typeof value === 'string';

/** Approvals on this revision that stand, and the count they make (R10, R14, R19, R20). */
export function countVotes(file: Pick<CaseFile, 'tracks' | 'matter' | 'candidates' | 'decisions'>): {
  readonly tally: Tally;
  readonly counted: readonly Decision[];
  readonly lost: readonly Decision[];
} {
  const approvals = file.decisions.filter((one) => one.outcome === 'approved');
  const { counted, lost } = standing(approvals, file.matter, file.candidates);
  return { tally: tally(file.tracks, counted), counted, lost };
}

export interface OpenSeat {
  readonly track: Track;
  readonly stage: number;
  readonly group: SeatGroup;
}

const seatAt = (count: Count, index: number): OpenSeat | undefined => {
  const stage = count.track.stages[index];
  return stage && { track: count.track, stage: index, group: stage.group };
};

/** Seats that `person` could fill: one for each policy in which they have none, in its current stage (R6, R9). */
export function seatsFor(file: CaseFile, person: PersonId, counts: readonly Count[]): OpenSeat[] {
  const candidate = candidateOf(file, person);
  if (!candidate) return [];
  return counts.flatMap((count): OpenSeat[] => {
    const seat = seatAt(count, count.stage);
    const stage = count.track.stages[count.stage];
    if (!seat || !stage || count.voters.has(person)) return [];
    return mayFill(candidate, stage, file.matter, file.candidates) ? [seat] : [];
  });
}

/** Why `person` finds no seat: the stage is not reached yet (R9), or they hold none that is open (R2). */
export function noSeat(file: CaseFile, person: PersonId, counts: readonly Count[]): Refusal {
  const candidate = candidateOf(file, person);
  const later = counts.some((count) =>
    count.track.stages.some(
      (stage, index) =>
        index > count.stage && candidate && mayFill(candidate, stage, file.matter, file.candidates),
    ),
  );
  return later ? refuse('stage-not-reached', { rule: 'R9' }) : refuse('office-missing', { rule: 'R2' });
}

/** Seats in any stage that `person` could fill: enough for a veto (R11). */
export function seatsAnywhere(file: CaseFile, person: PersonId): OpenSeat[] {
  const candidate = candidateOf(file, person);
  if (!candidate) return [];
  return file.tracks.flatMap((track) =>
    track.stages.flatMap((stage, index): OpenSeat[] =>
      mayFill(candidate, stage, file.matter, file.candidates)
        ? [{ track, stage: index, group: stage.group }]
        : [],
    ),
  );
}

/** One decision of `person` in `seat`, with the number of the commit's entry `at`. */
export function decisionRow(
  file: Pick<CaseFile, 'application'>,
  person: PersonId,
  seat: OpenSeat,
  outcome: Outcome,
  said: Said,
  moment: Moment,
  at: number,
): NewRow<'decision'> & { readonly id: string } {
  const id = moment.chance.id();
  return {
    id,
    applicationId: file.application.id,
    revision: file.application.revision,
    termsHash: said.termsHash,
    personId: person,
    policyId: seat.track.requirement.policy,
    stage: seat.stage,
    seat: seat.group,
    outcome,
    reasonCode: said.reasonCode,
    sealedReason: said.reason
      ? toSeal(`application:${file.application.id}`, reasonField(id), said.reason)
      : null,
    stepUpId: moment.stepUpId,
    at: moment.now,
    createdSeq: entrySeq(at),
    withdrawnSeq: null,
  };
}

/** What the log says of a decision in public. */
export const decisionFacts = (row: NewRow<'decision'>, file: Pick<CaseFile, 'application'>) => ({
  decision: String(row.id),
  stage: Number(row.stage),
  seat: String(row.seat),
  policy: String(row.policyId),
  reasonCode: String(row.reasonCode),
  revision: file.application.revision,
  termsHash: String(row.termsHash),
  fromState: file.application.state,
  ...(typeof row.stepUpId === 'string' ? { stepUp: row.stepUpId } : {}),
});

export const decisionWrite = (row: NewRow<'decision'>): Write => insert('decision', row);

/** The outcome that this person already gave on this revision, if any (R13). */
export function earlierDecision(
  file: CaseFile,
  person: PersonId,
  outcome: Outcome,
): 'same' | 'opposite' | undefined {
  const own = file.decisions.filter((one) => one.personId === person);
  if (own.some((one) => one.outcome === outcome)) return 'same';
  return own.some((one) => one.outcome === 'approved' || one.outcome === 'denied') ? 'opposite' : undefined;
}
