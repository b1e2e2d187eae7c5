/**
 * Narrower terms that the requester may take (R27): an approver widens nothing (X17). The offer is the offerer's
 * vote for exactly those terms, so the second factor is bound to their hash.
 */
import { z } from 'zod';
import type { ApplicationState, Terms } from '../../domain/application.ts';
import { applicationAfter } from '../../domain/application-machine.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { isNarrower, rangeProblems } from '../../domain/terms.ts';
import type { Act, Moment, RefusedWithEffect } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, millisInput, wordsInput } from '../input.ts';
import type { Digests } from '../ports/outside.ts';
import { entrySeq, insert, update } from '../ports/tables.ts';
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
import {
  hashTerms,
  offerField,
  reasonCodeInput,
  sealTerms,
  termsItemInput,
  termsItems,
} from './sealed-terms.ts';
import { tell } from './told.ts';

/** What an offer may change; what is left out stays as it was asked. */
export const narrowingInput = z.strictObject({
  items: z.array(termsItemInput).min(1).max(100).optional(),
  durationMs: millisInput().optional(),
  notBefore: millisInput().optional(),
  maxUses: z.number().int().min(1).max(10_000).optional(),
});
export type Narrowing = z.infer<typeof narrowingInput>;

const input = z.strictObject({
  application: idInput<'application'>(),
  /** Of the terms that the approver was shown. */
  termsHash: z.string().regex(/^[0-9a-f]{64}$/),
  offer: narrowingInput,
  reasonCode: reasonCodeInput(),
  reason: wordsInput(2000),
});
type Input = z.infer<typeof input>;
interface Result {
  readonly state: ApplicationState;
  readonly offer: string;
  readonly termsHash: string;
  /** ms UTC */
  readonly expiresAt: number;
}

/** The terms that `offer` makes of `asked`, or `bad-input`. */
export function offeredTerms(asked: Terms, offer: Narrowing): Terms | Refusal {
  const items = offer.items === undefined ? asked.items : termsItems(offer.items);
  if (!items) return refuse('bad-input', { fields: [{ pointer: '/offer/items', code: 'named-twice' }] });
  return {
    ...asked,
    items,
    ...(offer.durationMs === undefined ? {} : { durationMs: offer.durationMs }),
    ...(offer.notBefore === undefined ? {} : { notBefore: offer.notBefore }),
    ...(offer.maxUses === undefined ? {} : { maxUses: offer.maxUses }),
  };
}

/** The hash that the offerer's second factor is bound to. */
export function offerHash(digests: Digests, asked: Terms, offer: Narrowing): string | Refusal {
  const terms = offeredTerms(asked, offer);
  return isRefusal(terms) ? terms : hashTerms(digests, terms);
}

interface Plan {
  readonly seat: OpenSeat;
  readonly terms: Terms;
}

function judge(file: CaseFile, asked: Input, moment: Moment): Plan | Refusal | RefusedWithEffect {
  const person = admit(file, 'countered', asked, moment);
  if (!isAdmitted(person)) return person;
  const allowed = applicationAfter(file.application.state, 'counter');
  if (isRefusal(allowed)) return allowed;
  if (file.decisions.some((one) => one.personId === person && one.outcome === 'approved')) {
    return refuse('opposite-vote', { rule: 'R13' });
  }
  const { counts } = countVotes(file).tally;
  const [seat] = seatsFor(file, person, counts);
  if (!seat) return noSeat(file, person, counts);
  const terms = offeredTerms(file.terms, asked.offer);
  if (isRefusal(terms)) return terms;
  if (!isNarrower(terms, file.terms)) return refuse('wider-than-asked', { rule: 'R27' });
  const fields = rangeProblems(terms, file.items);
  return fields.length > 0 ? refuse('beyond-policy', { rule: 'R25', fields }) : { seat, terms };
}

const isPlan = (value: object): value is Plan => 'seat' in value;

export const counterApplication: Act<Input, CaseFile, Result> = {
  name: 'counter-application',
  input,
  async load(asked, context) {
    const file = await loadCase(asked.application, context);
    if (isRefusal(file)) return file;
    const { deps, actor, now } = context;
    const plan = judge(file, asked, { ...deps, actor, now, office: 'approver', stepUpId: null });
    return { ...file, stepUp: isPlan(plan) ? hashTerms(deps.digests, plan.terms) : null };
  },
  decide(file, asked, moment) {
    const plan = judge(file, asked, moment);
    if (!isPlan(plan)) return plan;
    const { person } = moment.actor;
    if (!moment.stepUpId || !person) return refuse('step-up-required', { rule: 'X41' });
    const { application } = file;
    const { digests, now, settings } = moment;
    const offer = moment.chance.id();
    const termsHash = hashTerms(digests, plan.terms);
    const expiresAt = now + settings.counterTtlMs;
    const said = { ...asked, termsHash };
    const row = decisionRow(file, person, plan.seat, 'countered', said, moment, 0);
    const told = tell(moment, 'application.countered', { kind: 'application', id: application.id }, [
      application.requesterId,
    ]);
    return {
      entries: [
        entry(
          'decision.countered',
          subjectsOf(file),
          { ...decisionFacts(row, file), offer },
          { reason: asked.reason },
        ),
        entry('application.countered', subjectsOf(file), {
          offer,
          revision: application.revision,
          termsHash,
          fromState: application.state,
          toState: 'countered',
        }),
      ],
      writes: [
        decisionWrite(row),
        insert('offer', {
          id: offer,
          applicationId: application.id,
          revision: application.revision,
          personId: person,
          termsHash,
          sealedTerms: sealTerms(digests, application.id, offerField(offer), plan.terms),
          stepUpId: moment.stepUpId,
          expiresAt,
          state: 'open',
          createdSeq: entrySeq(),
        }),
        update('application', application.id, {
          state: 'countered',
          stageDueAt: null,
          ttlAt: expiresAt,
          stalled: false,
          changedSeq: entrySeq(1),
        }),
        ...told.writes,
      ],
      notices: told.notices,
      result: { state: 'countered', offer, termsHash, expiresAt },
    };
  },
};
