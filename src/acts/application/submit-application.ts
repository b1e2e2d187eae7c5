/**
 * Sends a draft to those who decide (2.1, submit; R23–R30). Viewing needs no second factor here (table 4). The same
 * terms sent twice by the same person are one application (R30).
 */
import { z } from 'zod';
import type { Application } from '../../domain/application.ts';
import { applicationAfter } from '../../domain/application-machine.ts';
import type { ApplicationId } from '../../domain/ids.ts';
import { subjectOf } from '../../domain/ids.ts';
import type { Person } from '../../domain/people.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { nextNumber, yearOf } from '../numbers.ts';
import type { Write } from '../ports/tables.ts';
import { subjectsOf } from './case-file.ts';
import { firstDeciders, revisionWrites } from './new-revision.ts';
import { policyNames } from './requirements.ts';
import { openTerms, termsField, termsFrom, termsInput } from './sealed-terms.ts';
import { itemsAt, loadSubmission, type Submission, submissionRefusal } from './submission.ts';
import { tell } from './told.ts';

const input = z.strictObject({
  application: idInput<'application'>(),
  /** What the draft became before it was sent; without it, the draft as it was kept. */
  terms: termsInput.optional(),
});
type Input = z.infer<typeof input>;

export interface Submitted {
  readonly application: ApplicationId;
  readonly number: string;
  readonly state: Application['state'];
  readonly termsHash: string;
  /** ms UTC */
  readonly dueAt: number;
}

interface State extends Loaded {
  readonly application: Application;
  readonly requester: Person;
  readonly submission: Submission;
  /** An open application of the same person for the same terms. */
  readonly same: Application | undefined;
  readonly number: string;
  readonly take: Write;
}

const submittedAs = (application: Application): Submitted => ({
  application: application.id,
  number: application.number,
  state: application.state,
  termsHash: application.termsHash,
  dueAt: application.stageDueAt ?? 0,
});

export const submitApplication: Act<Input, State, Submitted> = {
  name: 'submit-application',
  input,
  async load({ application: id, terms: changed }, context): Promise<State | Refusal> {
    const { deps, actor, now } = context;
    const { reads } = deps;
    const application = await reads.one('application', { id });
    if (!application || application.requesterId !== actor.person) return refuse('not-found', { rule: 'R1' });
    const requester = await reads.one('person', { id: application.requesterId });
    const draft = await reads.one('revision', { id: `${id}/0` });
    if (!requester || !draft) return refuse('integrity');
    const terms = changed
      ? termsFrom(changed, requester.id)
      : await openTerms(deps, id, termsField(0), draft.sealedTerms, draft.termsHash);
    if (isRefusal(terms)) return terms;
    const items = await itemsAt(context, terms);
    if (isRefusal(items)) return items;
    if (items[0]?.centreId !== application.centreId) return refuse('not-found', { rule: 'R1' });
    const submission = await loadSubmission(context, application, terms, items);
    return {
      centre: application.centreId,
      object: subjectOf('application', id),
      application,
      requester,
      submission,
      same: await reads.one('application', {
        requesterId: requester.id,
        termsHash: submission.termsHash,
        state: { in: ['pending', 'returned', 'countered'] },
      }),
      ...(await nextNumber(reads, 'application', application.centreId, yearOf(now))),
    };
  },
  decide({ application, requester, submission, same, number, take }, _input, moment) {
    if (same) return { already: submittedAs(same) };
    const toState = applicationAfter(application.state, 'submit');
    if (isRefusal(toState)) return toState;
    const refused = submissionRefusal(submission, requester.clearance, moment.now);
    if (refused) return refused;
    const { terms, termsHash, items, requirements, previous } = submission;
    const dueAt = moment.now + submission.limits.slaMs;
    const object = { kind: 'application', id: application.id };
    const told = tell(moment, 'application.submitted', object, firstDeciders(submission));
    return {
      entries: [
        entry(
          'application.submitted',
          subjectsOf({ application, items }),
          {
            number,
            kind: terms.kind,
            items: terms.items.map((one) => one.item),
            purposeCode: terms.purposeCode,
            ...(terms.legalBasis === undefined ? {} : { legalBasis: terms.legalBasis }),
            policies: policyNames(requirements),
            dueAt,
            ...(previous ? { previousGrant: previous.grant.id } : {}),
            revision: 1,
            termsHash,
            fromState: application.state,
            toState,
          },
          { purpose: terms.purposeWords },
        ),
      ],
      writes: [
        take,
        ...revisionWrites(application, submission, 1, moment, {
          number,
          previousGrantId: previous?.grant.id ?? null,
        }),
        ...told.writes,
      ],
      notices: told.notices,
      result: { application: application.id, number, state: toState, termsHash, dueAt },
    };
  },
};
