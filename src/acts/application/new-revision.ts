/** The rows of a numbered version of an application and of the clocks that start with it (R26, 2.1). */
import type { Application } from '../../domain/application.ts';
import { eligible } from '../../domain/eligibility.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { Digests } from '../ports/outside.ts';
import { entrySeq, insert, update, type Write } from '../ports/tables.ts';
import { sealTerms, termsField } from './sealed-terms.ts';
import type { Submission } from './submission.ts';

/** Who could fill the first stage of each policy: the persons to tell of a new revision. */
export const firstDeciders = ({ tracks, matter, candidates }: Submission): PersonId[] =>
  tracks.flatMap(({ stages: [first] }) => (first ? eligible(first, matter, candidates) : []));

/** Inserts `revision` with its items, and sets the application to pending under it. */
export function revisionWrites(
  application: Application,
  submission: Pick<Submission, 'terms' | 'termsHash' | 'requirements' | 'limits' | 'matter'>,
  revision: number,
  { now, digests }: { readonly now: number; readonly digests: Digests },
  more: Partial<Pick<Application, 'number' | 'previousGrantId'>> = {},
): Write[] {
  const { id } = application;
  return [
    insert('revision', {
      id: `${id}/${revision}`,
      applicationId: id,
      revision,
      termsHash: submission.termsHash,
      sealedTerms: sealTerms(digests, id, termsField(revision), submission.terms),
      policies: JSON.stringify(submission.requirements),
      createdSeq: entrySeq(),
    }),
    ...submission.terms.items.map(({ item }) =>
      insert('applicationItem', {
        id: `${id}/${revision}/${item}`,
        applicationId: id,
        revision,
        itemId: item,
      }),
    ),
    update('application', id, {
      ...more,
      state: 'pending',
      revision,
      termsHash: submission.termsHash,
      class: submission.matter.class,
      stage: 0,
      stageDueAt: now + submission.limits.slaMs,
      ttlAt: now + submission.limits.requestTtlMs,
      escalation: 0,
      stalled: false,
      submittedAt: now,
      changedSeq: entrySeq(),
    }),
  ];
}
