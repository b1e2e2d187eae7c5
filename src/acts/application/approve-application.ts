/**
 * One person's approval of exactly the terms they were shown (2.1; R2–R10, R13, R14, R19, R20). Votes are counted
 * from the rows of this moment; the one that fills the last seat makes the grant in the same commit.
 */
import { z } from 'zod';
import { applicationAfter } from '../../domain/application-machine.ts';
import type { GrantId, PersonId } from '../../domain/ids.ts';
import { type Tally, tally, type Vote } from '../../domain/quorum.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { limitProblems } from '../../domain/terms.ts';
import type { Act, AlreadyDone, Decided, Moment, RefusedWithEffect } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { nextNumber, yearOf } from '../numbers.ts';
import { rightRow } from '../rights/proof.ts';
import { type CaseFile, loadCase, subjectsOf } from './case-file.ts';
import {
  admit,
  countVotes,
  decisionFacts,
  decisionRow,
  decisionWrite,
  isAdmitted,
  noSeat,
  type OpenSeat,
  seatsFor,
} from './deciding.ts';
import { discounted } from './discounting.ts';
import { approvedWithGrant, type GrantNumber } from './granting.ts';
import { reasonCodeInput } from './sealed-terms.ts';
import { stageChange } from './staging.ts';

const input = z.strictObject({
  application: idInput<'application'>(),
  /** Of the terms that the approver was shown (R29, X14). */
  termsHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The seat meant, where a person holds several. */
  seat: z.enum(['U', 'C', 'P']).optional(),
  reasonCode: reasonCodeInput().default('agreed'),
  reason: wordsInput(2000).optional(),
});
type Input = z.infer<typeof input>;

export interface Voted {
  readonly state: CaseFile['application']['state'];
  readonly votes: number;
  readonly needed: number;
  readonly grant: GrantId | null;
}
interface State extends CaseFile, GrantNumber {
  /** The grant this application already has. */
  readonly given: GrantId | null;
}

interface Plan {
  readonly person: PersonId;
  readonly seats: readonly OpenSeat[];
}

const answer = (state: State, count: Tally): Voted => ({
  state: state.application.state,
  votes: count.votes,
  needed: count.needed,
  grant: state.given,
});

/** Which seats this approval fills, or why none. Asked before and after the second factor. */
function judge(
  state: State,
  input: Input,
  moment: Moment,
): Plan | AlreadyDone<Voted> | Refusal | RefusedWithEffect {
  const person = admit(state, 'approved', input, moment);
  if (!isAdmitted(person)) return person;
  const own = state.decisions.filter((one) => one.personId === person);
  const { tally: count } = countVotes(state);
  if (own.some((one) => one.outcome === 'denied')) return refuse('opposite-vote', { rule: 'R13' });
  const open = applicationAfter(state.application.state, 'approve');
  const found = isRefusal(open) ? [] : seatsFor(state, person, count.counts);
  const seats = found.filter((seat) => input.seat === undefined || seat.group === input.seat);
  const voted = own.filter((one) => one.outcome === 'approved');
  if (seats.length === 0 && voted.length > 0) {
    return input.seat === undefined || voted.some((one) => one.seat === input.seat)
      ? { already: answer(state, count) }
      : refuse('already-voted', { rule: 'R6' });
  }
  if (isRefusal(open)) return open;
  if (!state.sane) return refuse('nobody-to-decide', { rule: 'R18' });
  if (seats.length === 0) return noSeat(state, person, count.counts);
  // The policy may have become tighter since the terms were sent (R19, X22).
  const fields = limitProblems(state.terms, state.limits);
  return fields.length > 0 ? refuse('beyond-policy', { rule: 'R19', fields }) : { person, seats };
}

const isPlan = (value: object): value is Plan => 'seats' in value;

function vote(state: State, input: Input, moment: Moment, plan: Plan): Decided<Voted> | Refusal {
  const { counted, lost } = countVotes(state);
  const struck = discounted(state, lost, 'not-eligible', plan.seats.length);
  const rows = plan.seats.map((seat, at) =>
    decisionRow(state, plan.person, seat, 'approved', input, moment, at),
  );
  const cast: Vote[] = rows.map((row, at) => ({
    id: row.id,
    personId: plan.person,
    policyId: plan.seats[at]?.track.requirement.policy ?? plan.seats[0]?.track.requirement.policy,
    seat: row.seat,
    createdSeq: Number.MAX_SAFE_INTEGER,
  })) as Vote[];
  const after = tally(state.tracks, [...counted, ...cast]);
  const toState = applicationAfter(state.application.state, after.complete ? 'complete' : 'approve');
  if (isRefusal(toState)) return toState;
  const figures = { votes: after.votes, needed: after.needed, toState };
  const said = rows.map((row) =>
    entry(
      'decision.approved',
      subjectsOf(state),
      { ...decisionFacts(row, state), ...figures },
      input.reason ? { reason: input.reason } : undefined,
    ),
  );
  const at = said.length + struck.entries.length;
  const next = after.complete
    ? approvedWithGrant(state, after, state, moment, at)
    : { ...stageChange(state, after, moment, at), grant: null };
  const [first, ...rest] = [...said, ...struck.entries, ...next.entries];
  if (!first) return refuse('state-forbids');
  return {
    entries: [first, ...rest],
    writes: [...rows.map(decisionWrite), ...struck.writes, ...next.writes, ...next.told.writes],
    notices: next.told.notices,
    result: { state: toState, votes: after.votes, needed: after.needed, grant: next.grant },
  };
}

export const approveApplication: Act<Input, State, Voted> = {
  name: 'approve-application',
  input,
  async load(asked, context) {
    const file = await loadCase(asked.application, context);
    if (isRefusal(file)) return file;
    const { deps, now, actor } = context;
    const { previousGrantId, id, centreId } = file.application;
    const state: State = {
      ...file,
      ...(await nextNumber(deps.reads, 'grant', centreId, yearOf(now))),
      previous: previousGrantId ? await deps.reads.one('grant', { id: previousGrantId }) : undefined,
      given: (await deps.reads.one('grant', { applicationId: id }))?.id ?? null,
    };
    // Only who would succeed is asked for the second factor: a refusal or a repetition spends none.
    const moment = { ...deps, actor, now, office: 'approver' as const, stepUpId: null };
    if (!isPlan(judge(state, asked, moment))) return { ...state, stepUp: null };
    // A vote that the log does not know must not carry a grant (X66).
    const proof = await deps.rights.prove(file.decisions.map((decision) => rightRow('decision', decision)));
    return proof ?? { ...state, stepUp: asked.termsHash };
  },
  decide(state, asked, moment) {
    const plan = judge(state, asked, moment);
    if (!isPlan(plan)) return plan;
    if (!moment.stepUpId) return refuse('step-up-required', { rule: 'X41' });
    return vote(state, asked, moment, plan);
  },
};
