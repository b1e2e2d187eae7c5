/**
 * Keeps a draft (2.1, create): the items must lie in the own catalogue's scope, or the whole request is answered as
 * if there were nothing (R1, X2). Asks nothing of policies yet.
 */
import type { Terms } from '../../domain/application.ts';
import { type ApplicationId, asId, subjectOf } from '../../domain/ids.ts';
import type { Item } from '../../domain/item.ts';
import type { Posting } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, insert } from '../ports/tables.ts';
import { highestClass } from './requirements.ts';
import { hashTerms, sealTerms, type TermsInput, termsField, termsFrom, termsInput } from './sealed-terms.ts';
import { itemsAt } from './submission.ts';

interface State extends Loaded {
  readonly terms: Terms;
  readonly items: readonly Item[];
  readonly posting: Posting;
}

export const createApplication: Act<
  TermsInput,
  State,
  { readonly application: ApplicationId; readonly termsHash: string }
> = {
  name: 'create-application',
  input: termsInput,
  async load(input, context) {
    const { actor, deps } = context;
    if (!actor.person) return refuse('not-a-person', { rule: 'R8' });
    const terms = termsFrom(input, actor.person);
    if (isRefusal(terms)) return terms;
    const items = await itemsAt(context, terms);
    if (isRefusal(items)) return items;
    const centre = items[0]?.centreId ?? null;
    const seat = actor.seats.find((one) => one.office === 'requester' && one.centreId === centre);
    const posting = seat && (await deps.reads.one('posting', { id: seat.postingId }));
    if (!posting) return refuse('not-found', { rule: 'R1' });
    return { centre, terms, items, posting };
  },
  decide({ terms, items, posting }, _input, { actor, now, chance, digests }) {
    if (!actor.person) return refuse('not-a-person', { rule: 'R8' });
    if (items.some((item) => item.state !== 'held')) return refuse('item-not-available', { rule: 'R1' });
    const id = asId<'application'>(chance.id());
    const subject = subjectOf('application', id);
    const termsHash = hashTerms(digests, terms);
    return {
      entries: [
        entry('application.created', [subject, subjectOf('centre', posting.centreId)], {
          kind: terms.kind,
          toState: 'draft',
          termsHash,
        }),
      ],
      newKeys: [{ subject, collection: posting.centreId }],
      writes: [
        insert('application', {
          id,
          // A register number is given at submission: a draft that is never sent leaves no gap.
          number: '',
          kind: terms.kind,
          centreId: posting.centreId,
          requesterId: actor.person,
          postingId: posting.id,
          unitId: posting.unitId,
          state: 'draft',
          revision: 0,
          termsHash,
          class: highestClass(new Set(items.map((item) => item.class))),
          stage: 0,
          stageDueAt: null,
          ttlAt: null,
          escalation: 0,
          stalled: false,
          previousGrantId: null,
          createdAt: now,
          submittedAt: null,
          closedAt: null,
          createdSeq: entrySeq(),
          changedSeq: entrySeq(),
        }),
        insert('revision', {
          id: `${id}/0`,
          applicationId: id,
          revision: 0,
          termsHash,
          sealedTerms: sealTerms(digests, id, termsField(0), terms),
          policies: '[]',
          createdSeq: entrySeq(),
        }),
      ],
      result: { application: id, termsHash },
    };
  },
};
