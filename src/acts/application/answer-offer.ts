/**
 * The requester's answer to an offer (2.1, R27). Accepting makes a new revision on which nothing counts but the
 * offerer's own vote (R26), if the offerer is still eligible; declining leaves everything as it was before the offer.
 */
import { z } from 'zod';
import type { ApplicationState, Decision, Offer } from '../../domain/application.ts';
import { applicationAfter } from '../../domain/application-machine.ts';
import { mayFill } from '../../domain/eligibility.ts';
import type { GrantId } from '../../domain/ids.ts';
import { type Tally, tally, tracksOf, type Vote } from '../../domain/quorum.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { joinPolicies, limitsOf } from '../../domain/stricter.ts';
import type { Act, AlreadyDone, Context, Decided, Moment, RefusedWithEffect } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { nextNumber, yearOf } from '../numbers.ts';
import { entrySeq, update, type Write } from '../ports/tables.ts';
import { type CaseFile, subjectsOf } from './case-file.ts';
import { overtaken } from './closing.ts';
import { decisionFacts, decisionRow, decisionWrite, type OpenSeat } from './deciding.ts';
import { approvedWithGrant, type GrantNumber } from './granting.ts';
import { revisionWrites } from './new-revision.ts';
import { loadOwnCase } from './own-case.ts';
import { policyNames } from './requirements.ts';
import { offerField, openTerms } from './sealed-terms.ts';
import { currentDeciders } from './staging.ts';
import { loadSubmission, type Submission, submissionRefusal } from './submission.ts';
import { tell } from './told.ts';

const input = z.strictObject({ application: idInput<'application'>(), offer: idInput<'offer'>() });
type Input = z.infer<typeof input>;

export interface Answered {
  readonly state: ApplicationState;
  readonly revision: number;
  readonly termsHash: string;
  readonly grant: GrantId | null;
}
interface State extends CaseFile {
  readonly named: Offer;
}

async function loadOffer({ application, offer: id }: Input, context: Context): Promise<State | Refusal> {
  const file = await loadOwnCase(application, context);
  if (isRefusal(file)) return file;
  const named = await context.deps.reads.one('offer', { id, applicationId: application });
  return named ? { ...file, named } : refuse('not-found', { rule: 'R1' });
}

const answered = (file: CaseFile, state: ApplicationState): Answered => ({
  state,
  revision: file.application.revision,
  termsHash: file.application.termsHash,
  grant: null,
});

/** What stands against any answer. */
function unanswerable(
  state: State,
  event: 'accept' | 'decline',
  moment: Moment,
): Refusal | RefusedWithEffect | AlreadyDone<Answered> | undefined {
  const { named, application } = state;
  if (named.state === (event === 'accept' ? 'accepted' : 'declined')) {
    return { already: answered(state, application.state) };
  }
  const stopped = overtaken(state, moment);
  if (stopped) return stopped;
  const next = applicationAfter(application.state, event);
  if (isRefusal(next)) return next;
  return named.state === 'open' ? undefined : refuse('state-forbids', { rule: 'R27' });
}

export const declineOffer: Act<Input, State, Answered> = {
  name: 'decline-offer',
  input,
  load: loadOffer,
  decide(state, _input, moment) {
    const refused = unanswerable(state, 'decline', moment);
    if (refused) return refused;
    const { application, named, limits } = state;
    const { revision, termsHash } = application;
    const told = tell(moment, 'application.counter-declined', { kind: 'application', id: application.id }, [
      named.personId,
    ]);
    return {
      entries: [
        entry('application.counter-declined', subjectsOf(state), {
          offer: named.id,
          revision,
          termsHash,
          fromState: application.state,
          toState: 'pending',
        }),
      ],
      writes: [
        update('offer', named.id, { state: 'declined' }),
        update('application', application.id, {
          state: 'pending',
          stageDueAt: moment.now + limits.slaMs,
          // The time of the revision runs on as if there had been no offer.
          ttlAt: (application.submittedAt ?? moment.now) + limits.requestTtlMs,
          changedSeq: entrySeq(),
        }),
        ...told.writes,
      ],
      notices: told.notices,
      result: answered(state, 'pending'),
    };
  },
};

interface AcceptState extends State, GrantNumber {
  readonly submission: Submission;
  /** The case under the offered terms, with nothing decided yet. */
  readonly next: CaseFile;
}

/** The case as it will be under the offer: policies of now joined with those of the revision before (R19). */
async function caseUnder(
  state: State,
  context: Context,
): Promise<Pick<AcceptState, 'submission' | 'next'> | Refusal> {
  const { named, application, items: before } = state;
  const { deps } = context;
  const field = offerField(named.id);
  const terms = await openTerms(deps, application.id, field, named.sealedTerms, named.termsHash);
  if (isRefusal(terms)) return terms;
  const items = before.filter((item) => terms.items.some((wanted) => wanted.item === item.id));
  const fresh = await loadSubmission(context, application, terms, items);
  const classes = new Set(items.map((item) => item.class));
  const requirements = joinPolicies(
    state.joined.filter((one) => classes.has(one.class)),
    fresh.requirements,
  );
  const tracks = tracksOf(
    requirements,
    [...requirements, ...fresh.requirements],
    application.unitId !== null,
  );
  const limits = limitsOf(requirements);
  const submission = { ...fresh, requirements, tracks, limits };
  const next: CaseFile = {
    ...state,
    ...submission,
    joined: requirements,
    application: {
      ...application,
      state: 'pending',
      revision: application.revision + 1,
      termsHash: named.termsHash,
      stage: 0,
    },
    decisions: [],
    offer: undefined,
  };
  return { submission, next };
}

/** Where the offerer's vote goes: a stage of the group under which they offered, in each policy (R6). */
function offererSeats(next: CaseFile, named: Offer, made: Decision | undefined): OpenSeat[] {
  const candidate = next.candidates.find((one) => one.person === named.personId);
  if (!candidate || !made) return [];
  return next.tracks.flatMap((track): OpenSeat[] => {
    const stage = track.stages.findIndex(
      (one) => one.group === made.seat && mayFill(candidate, one, next.matter, next.candidates),
    );
    return stage < 0 ? [] : [{ track, stage, group: made.seat }];
  });
}

/** What follows once the offerer's vote is counted: the grant, or the next persons to decide. */
function after(state: AcceptState, count: Tally, moment: Moment, at: number) {
  const { next } = state;
  if (count.complete) return approvedWithGrant(next, count, state, moment, at);
  const object = { kind: 'application', id: next.application.id };
  const told = tell(moment, 'application.counter-accepted', object, [
    state.named.personId,
    ...currentDeciders(next, count),
  ]);
  const stage: Write[] = [update('application', next.application.id, { stage: count.stage })];
  return { entries: [], writes: stage, told, grant: null };
}

function accept(state: AcceptState, seats: readonly OpenSeat[], moment: Moment): Decided<Answered> {
  const { application, named, next, submission } = state;
  const { revision, termsHash } = next.application;
  const said = { termsHash, reasonCode: 'offered' };
  const voter = { ...moment, stepUpId: named.stepUpId };
  const rows = seats.map((seat, at) =>
    decisionRow(next, named.personId, seat, 'approved', said, voter, 2 + at),
  );
  const votes = rows.map((row) => ({ ...row, createdSeq: Number.MAX_SAFE_INTEGER })) as unknown as Vote[];
  const count = tally(next.tracks, votes);
  const follows = after(state, count, moment, 2 + rows.length);
  const toState: ApplicationState = count.complete ? 'approved' : 'pending';
  const common = { revision, termsHash, fromState: application.state, toState: 'pending' };
  return {
    entries: [
      entry('application.counter-accepted', subjectsOf(state), { ...common, offer: named.id }),
      entry('application.revised', subjectsOf(next), {
        ...common,
        items: submission.terms.items.map((one) => one.item),
        purposeCode: submission.terms.purposeCode,
        policies: policyNames(submission.requirements),
        dueAt: moment.now + submission.limits.slaMs,
      }),
      ...rows.map((row) =>
        entry('decision.approved', [...subjectsOf(next), `person:${named.personId}`], {
          ...decisionFacts(row, next),
          votes: count.votes,
          needed: count.needed,
          toState,
        }),
      ),
      ...follows.entries,
    ],
    writes: [
      ...revisionWrites(application, submission, revision, moment),
      update('offer', named.id, { state: 'accepted' }),
      ...rows.map(decisionWrite),
      ...follows.writes,
      ...follows.told.writes,
    ],
    notices: follows.told.notices,
    result: { state: toState, revision, termsHash, grant: follows.grant },
  };
}

export const acceptOffer: Act<Input, AcceptState, Answered> = {
  name: 'accept-offer',
  input,
  async load(asked, context) {
    const state = await loadOffer(asked, context);
    if (isRefusal(state)) return state;
    const under = await caseUnder(state, context);
    if (isRefusal(under)) return under;
    const { reads } = context.deps;
    const { previousGrantId, centreId } = state.application;
    return {
      ...state,
      ...under,
      ...(await nextNumber(reads, 'grant', centreId, yearOf(context.now))),
      previous: previousGrantId ? await reads.one('grant', { id: previousGrantId }) : undefined,
    };
  },
  decide(state, _input, moment) {
    const refused = unanswerable(state, 'accept', moment);
    if (refused) return refused;
    const { named, next, submission, requester } = state;
    const refusal = submissionRefusal(submission, requester.person.clearance, moment.now);
    if (refusal) return refusal;
    const made = state.decisions.find(
      (one) =>
        one.personId === named.personId && one.outcome === 'countered' && one.termsHash === named.termsHash,
    );
    const seats = offererSeats(next, named, made);
    return seats.length > 0 ? accept(state, seats, moment) : refuse('votes-short', { rule: 'R27' });
  },
};
