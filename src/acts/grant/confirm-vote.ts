/**
 * Another eligible person adds a vote that is missing behind a grant, for the same terms (R14, R15). The grant stays
 * in its state: it starts at its next use, or is resumed by whoever may.
 */
import { z } from 'zod';
import { isNear } from '../../domain/eligibility.ts';
import type { GrantState } from '../../domain/grant.ts';
import { grantAfter } from '../../domain/grant-machine.ts';
import type { PersonId } from '../../domain/ids.ts';
import { tally, type Vote } from '../../domain/quorum.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act, Moment, RefusedWithEffect } from '../act.ts';
import {
  allStages,
  countVotes,
  decisionFacts,
  decisionRow,
  decisionWrite,
  noSeat,
  type OpenSeat,
  seatsFor,
} from '../application/deciding.ts';
import { discounted } from '../application/discounting.ts';
import { reasonCodeInput } from '../application/sealed-terms.ts';
import { tell } from '../application/told.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { dueEvent, endGrant } from './ending.ts';
import { type GrantFile, grantSubjects, loadGrant } from './grant-file.ts';
import { proveGrant } from './grant-proof.ts';

const input = z.strictObject({
  grant: idInput<'grant'>(),
  termsHash: z.string().regex(/^[0-9a-f]{64}$/),
  reasonCode: reasonCodeInput().default('confirmed'),
  reason: wordsInput(2000).optional(),
});
type Input = z.infer<typeof input>;
interface State extends GrantFile {
  readonly proof: Refusal | undefined;
}
interface Plan {
  readonly person: PersonId;
  readonly seats: readonly OpenSeat[];
}

function judge(found: State, asked: Input, moment: Moment): Plan | Refusal | RefusedWithEffect {
  const { grant, file, proof } = found;
  const { person, through } = moment.actor;
  if (!person || through !== 'session') return refuse('not-a-person', { rule: 'R8' });
  if (person === grant.personId) return refuse('same-person', { rule: 'R3' });
  const candidate = file.candidates.find((one) => one.person === person);
  if (!isNear(candidate, allStages(file), file.matter)) return refuse('not-found', { rule: 'R1' });
  if (file.matter.barred.has(person)) return refuse('same-person', { rule: 'R3' });
  if (proof) return proof;
  const due = dueEvent(found, moment.now);
  if (due) {
    const ended = endGrant(found, due, moment);
    return isRefusal(ended) ? ended : { ...ended, refusal: refuse('grant-ended', { rule: 'R43' }) };
  }
  const step = grantAfter(grant.state, 'confirm');
  if (isRefusal(step)) return step;
  if (asked.termsHash !== grant.termsHash) return refuse('terms-changed', { rule: 'R26' });
  const { tally: count } = countVotes(file);
  if (count.complete) return refuse('state-forbids', { rule: 'R14' });
  const seats = seatsFor(file, person, count.counts);
  if (seats.length > 0) return { person, seats };
  const voted = count.counts.some((one) => one.voters.has(person));
  return voted ? refuse('already-voted', { rule: 'R6' }) : noSeat(file, person, count.counts);
}

const isPlan = (value: object): value is Plan => 'seats' in value;

export const confirmVote: Act<Input, State, { state: GrantState; votes: number; needed: number }> = {
  name: 'confirm-vote',
  input,
  async load(asked, context) {
    const found = await loadGrant(asked.grant, context);
    if (isRefusal(found)) return found;
    const { deps, actor, now } = context;
    const state = { ...found, proof: await proveGrant(deps, found) };
    const plan = judge(state, asked, { ...deps, actor, now, office: 'approver', stepUpId: null });
    return { ...state, stepUp: isPlan(plan) ? asked.termsHash : null };
  },
  decide(found, asked, moment) {
    const plan = judge(found, asked, moment);
    if (!isPlan(plan)) return plan;
    if (!moment.stepUpId) return refuse('step-up-required', { rule: 'X41' });
    const { grant, file } = found;
    const { counted, lost } = countVotes(file);
    const rows = plan.seats.map((seat, at) =>
      decisionRow(file, plan.person, seat, 'approved', asked, moment, 1 + at),
    );
    const struck = discounted(file, lost, 'not-eligible', 1 + rows.length);
    const cast = rows.map((row) => ({ ...row, createdSeq: Number.MAX_SAFE_INTEGER })) as unknown as Vote[];
    const { votes, needed } = tally(file.tracks, [...counted, ...cast]);
    const told = tell(moment, 'grant.confirmed', { kind: 'grant', id: grant.id }, [grant.personId]);
    return {
      entries: [
        entry('grant.confirmed', grantSubjects(found), {
          grant: grant.id,
          fromState: grant.state,
          toState: grant.state,
        }),
        ...rows.map((row) =>
          entry(
            'decision.approved',
            grantSubjects(found),
            { ...decisionFacts(row, file), votes, needed },
            asked.reason ? { reason: asked.reason } : undefined,
          ),
        ),
        ...struck.entries,
      ],
      writes: [
        ...rows.map(decisionWrite),
        ...struck.writes,
        // A suspended grant keeps the number of the entry that says why it is suspended.
        ...(grant.state === 'suspended' ? [] : [update('grant', grant.id, { changedSeq: entrySeq() })]),
        ...told.writes,
      ],
      notices: told.notices,
      result: { state: grant.state, votes, needed },
    };
  },
};
