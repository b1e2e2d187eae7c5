/** The requester answers a return with a new revision (2.1, R26): nothing that was decided on the old one counts. */
import { z } from 'zod';
import { applicationAfter } from '../../domain/application-machine.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { type CaseFile, subjectsOf } from './case-file.ts';
import { overtaken } from './closing.ts';
import { firstDeciders, revisionWrites } from './new-revision.ts';
import { loadOwnCase } from './own-case.ts';
import { policyNames } from './requirements.ts';
import { termsFrom, termsInput } from './sealed-terms.ts';
import { itemsAt, loadSubmission, type Submission, submissionRefusal } from './submission.ts';
import type { Submitted } from './submit-application.ts';
import { tell } from './told.ts';

const input = z.strictObject({ application: idInput<'application'>(), terms: termsInput });
interface State extends CaseFile {
  readonly submission: Submission;
}

export const resubmitApplication: Act<z.infer<typeof input>, State, Submitted> = {
  name: 'resubmit-application',
  input,
  async load({ application: id, terms: wanted }, context): Promise<State | Refusal> {
    const file = await loadOwnCase(id, context);
    if (isRefusal(file)) return file;
    const terms = termsFrom(wanted, file.application.requesterId);
    if (isRefusal(terms)) return terms;
    const items = await itemsAt(context, terms);
    if (isRefusal(items)) return items;
    if (items[0]?.centreId !== file.application.centreId) return refuse('not-found', { rule: 'R1' });
    return { ...file, submission: await loadSubmission(context, file.application, terms, items) };
  },
  decide(state, _input, moment) {
    const { application, submission, requester } = state;
    const stopped = overtaken(state, moment);
    if (stopped) return stopped;
    const toState = applicationAfter(application.state, 'resubmit');
    if (isRefusal(toState)) return toState;
    const refused = submissionRefusal(submission, requester.person.clearance, moment.now);
    if (refused) return refused;
    const { terms, termsHash, items, requirements, previous } = submission;
    const revision = application.revision + 1;
    const dueAt = moment.now + submission.limits.slaMs;
    const told = tell(
      moment,
      'application.revised',
      { kind: 'application', id: application.id },
      firstDeciders(submission),
    );
    return {
      entries: [
        entry(
          'application.revised',
          subjectsOf({ application, items }),
          {
            items: terms.items.map((one) => one.item),
            purposeCode: terms.purposeCode,
            policies: policyNames(requirements),
            dueAt,
            revision,
            termsHash,
            fromState: application.state,
            toState,
          },
          { purpose: terms.purposeWords },
        ),
      ],
      writes: [
        ...revisionWrites(application, submission, revision, moment, {
          previousGrantId: previous?.grant.id ?? null,
        }),
        ...told.writes,
      ],
      notices: told.notices,
      result: { application: application.id, number: application.number, state: toState, termsHash, dueAt },
    };
  },
};
