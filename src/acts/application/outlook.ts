/**
 * Who would decide an application, asked before it is sent (portal 6) or while it waits: stages, persons, limits, and
 * what stands in the way. A read by the same rules that decide; it changes and promises nothing.
 */

import type { SeatGroup } from '../../domain/application.ts';
import { eligible } from '../../domain/eligibility.ts';
import { asId, type GrantId, type PersonId, type PolicyId } from '../../domain/ids.ts';
import type { ItemClass } from '../../domain/item.ts';
import type { Track } from '../../domain/quorum.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Limits } from '../../domain/stricter.ts';
import type { Context } from '../act.ts';
import { permitReach } from '../permit.ts';
import type { CaseFile } from './case-file.ts';
import { countVotes } from './deciding.ts';
import { type TermsInput, termsFrom } from './sealed-terms.ts';
import { itemsAt, loadSubmission, submissionRefusal } from './submission.ts';

export interface StageOutlook {
  readonly group: SeatGroup;
  /** Distinct persons needed, and how many have approved. */
  readonly needed: number;
  readonly given: number;
  /** Who could fill a seat now. */
  readonly persons: readonly PersonId[];
}
export interface PolicyOutlook {
  readonly policy: PolicyId;
  readonly version: number;
  readonly class: ItemClass;
  readonly stages: readonly StageOutlook[];
}
export interface Outlook {
  readonly termsHash: string;
  readonly policies: readonly PolicyOutlook[];
  readonly limits: Limits;
  /** The grant that this request would continue (R33–R35). */
  readonly previousGrant: GrantId | null;
  /** What would refuse it if it were sent now; null if nothing. */
  readonly refusal: Refusal | null;
}

const policyOutlook = (
  track: Track,
  filled: readonly number[],
  file: Pick<CaseFile, 'matter' | 'candidates'>,
): PolicyOutlook => ({
  policy: track.requirement.policy,
  version: track.requirement.version,
  class: track.requirement.class,
  stages: track.stages.map((stage, index) => ({
    group: stage.group,
    needed: stage.k,
    given: filled[index] ?? 0,
    persons: eligible(stage, file.matter, file.candidates),
  })),
});

/** Who would decide `input` if the actor sent it now. `not-found` for items outside the own scope (R1). */
export async function outlookOf(input: TermsInput, context: Context<unknown>): Promise<Outlook | Refusal> {
  const { actor, deps, now } = context;
  if (!actor.person) return refuse('not-a-person', { rule: 'R8' });
  const terms = termsFrom(input, actor.person);
  if (isRefusal(terms)) return terms;
  const items = await itemsAt(context, terms);
  if (isRefusal(items)) return items;
  const centre = items[0]?.centreId ?? null;
  const reached = await permitReach('submit-application', actor, centre, deps.reads);
  if (isRefusal(reached)) return reached;
  const seat = actor.seats.find((one) => one.office === 'requester' && one.centreId === centre);
  const posting = seat && (await deps.reads.one('posting', { id: seat.postingId }));
  const person = await deps.reads.one('person', { id: actor.person });
  if (!posting || !person) return refuse('not-found', { rule: 'R1' });
  const wanted = {
    centreId: posting.centreId,
    unitId: posting.unitId,
    requesterId: person.id,
    kind: terms.kind,
  };
  const submission = await loadSubmission(context, wanted, terms, items);
  return {
    termsHash: submission.termsHash,
    policies: submission.tracks.map((track) => policyOutlook(track, [], submission)),
    limits: submission.limits,
    previousGrant: submission.previous ? asId<'grant'>(submission.previous.grant.id) : null,
    refusal: submissionRefusal(submission, person.clearance, now) ?? null,
  };
}

/** How an application stands: each policy with its stages, the seats that are filled, and who could fill the rest. */
export const progressOf = (file: CaseFile): PolicyOutlook[] =>
  countVotes(file).tally.counts.map(({ track, filled }) => policyOutlook(track, filled, file));
