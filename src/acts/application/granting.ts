/**
 * The grant that the last vote makes, in the same commit (2.1, 2.2, R10, R31): one for each application, bounded by
 * the terms, the limits of every policy, and the posting.
 */
import type { Grant } from '../../domain/grant.ts';
import { asId, type GrantId, subjectOf } from '../../domain/ids.ts';
import type { Tally } from '../../domain/quorum.ts';
import { windowOf } from '../../domain/window.ts';
import type { Entry, Moment } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, insert, update, type Write } from '../ports/tables.ts';
import { type CaseFile, subjectsOf } from './case-file.ts';
import { deciders, type Told, tell } from './told.ts';

/** What the last vote needs besides the case file. */
export interface GrantNumber {
  readonly number: string;
  readonly take: Write;
  /** The grant that this one continues (R33, R34). */
  readonly previous: Grant | undefined;
}

const usesOf = (file: CaseFile): number | null => {
  const caps = [file.terms.maxUses ?? null, file.limits.maxUses].filter((one) => one !== null);
  return caps.length === 0 ? null : Math.min(...caps);
};

/** Entries and rows of approval and grant; `at` is the place of the first of the two entries in the commit. */
export function approvedWithGrant(
  file: CaseFile,
  count: Pick<Tally, 'votes' | 'needed'>,
  { number, take, previous }: GrantNumber,
  moment: Moment,
  at: number,
): { readonly entries: Entry[]; readonly writes: Write[]; readonly told: Told; readonly grant: GrantId } {
  const { application, terms, limits, requester } = file;
  const id = asId<'grant'>(moment.chance.id());
  const { activateBy, absoluteEnd } = windowOf(moment.now, terms, limits, requester.posting.endsAt);
  const maxUses = usesOf(file);
  const items = terms.items.map((one) => one.item);
  const common = { revision: application.revision, termsHash: application.termsHash };
  const told = tell(moment, 'application.approved', { kind: 'application', id: application.id }, [
    application.requesterId,
    ...deciders(file.decisions),
  ]);
  return {
    grant: id,
    told,
    entries: [
      entry('application.approved', subjectsOf(file), {
        ...common,
        votes: count.votes,
        needed: count.needed,
        fromState: application.state,
        toState: 'approved',
      }),
      entry('grant.created', [subjectOf('grant', id), ...subjectsOf(file)], {
        ...common,
        grant: id,
        number,
        kind: terms.kind,
        person: terms.beneficiary,
        items,
        durationMs: terms.durationMs,
        ...(terms.notBefore === undefined ? {} : { notBefore: terms.notBefore }),
        activateBy,
        absoluteEnd,
        ...(maxUses === null ? {} : { maxUses }),
        stepUpAtStart: limits.stepUpAtStart,
        toState: 'scheduled',
      }),
    ],
    writes: [
      update('application', application.id, {
        state: 'approved',
        closedAt: moment.now,
        stageDueAt: null,
        ttlAt: null,
        stalled: false,
        changedSeq: entrySeq(at),
      }),
      take,
      insert('grant', {
        id,
        number,
        applicationId: application.id,
        kind: terms.kind,
        personId: terms.beneficiary,
        centreId: application.centreId,
        state: 'scheduled',
        endReason: null,
        termsHash: application.termsHash,
        durationMs: terms.durationMs,
        notBefore: terms.notBefore ?? null,
        activateBy,
        absoluteEnd,
        startedAt: null,
        notAfter: null,
        maxUses,
        uses: 0,
        stepUpAtStart: limits.stepUpAtStart,
        chainLinks: previous ? previous.chainLinks + 1 : 0,
        createdSeq: entrySeq(at + 1),
        startedSeq: null,
        changedSeq: entrySeq(at + 1),
      }),
      ...items.map((itemId) =>
        insert('grantItem', { id: `${id}/${itemId}`, grantId: id, itemId, endedSeq: null }),
      ),
    ],
  };
}
