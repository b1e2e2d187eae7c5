/** Votes whose authors have lost the seat, struck out for good as soon as anyone looks (R14, R41). */
import type { Decision } from '../../domain/application.ts';
import { subjectOf } from '../../domain/ids.ts';
import type { Entry } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, update, type Write } from '../ports/tables.ts';
import { type CaseFile, subjectsOf } from './case-file.ts';

/** Entries and rows that strike out `lost`; `at` is the place of the first entry in the commit. */
export function discounted(
  file: Pick<CaseFile, 'application' | 'items'>,
  lost: readonly Decision[],
  cause: string,
  at: number,
): { readonly entries: Entry[]; readonly writes: Write[] } {
  return {
    entries: lost.map((decision) =>
      entry('decision.discounted', [...subjectsOf(file), subjectOf('person', decision.personId)], {
        decision: decision.id,
        cause,
        revision: decision.revision,
        termsHash: decision.termsHash,
      }),
    ),
    writes: lost.map((decision, place) =>
      update('decision', decision.id, { withdrawnSeq: entrySeq(at + place) }),
    ),
  };
}
