/**
 * The full test of R32, made anew at every start, resume, confirmation and lease renewal: person, agreement,
 * posting, policy, item class, votes, window and uses. The clock is the pipeline's. What is missing refuses.
 */
import { type Item, itemClasses } from '../../domain/item.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { limitProblems } from '../../domain/terms.ts';
import { countVotes } from '../application/deciding.ts';
import { runs } from '../application/roster.ts';
import type { GrantFile } from './grant-file.ts';

/** `lasting`: nothing that the grantee can do cures it, so a grant that waits to start ends (2.2). */
export interface Failed {
  readonly refusal: Refusal;
  readonly lasting: boolean;
  readonly cause: string;
}

const failed = (cause: string, refusal: Refusal, lasting = true): Failed => ({ refusal, lasting, cause });

/** Items that were not taken away from the grant. */
export const liveItems = ({ items, file }: GrantFile): Item[] =>
  items.flatMap((row) => {
    const item = file.items.find((one) => one.id === row.itemId);
    return item && row.endedSeq === null ? [item] : [];
  });

/** Raised since the terms were approved: only a new application opens it (2.2). */
export const classRaised = (found: GrantFile): boolean =>
  liveItems(found).some(
    (item) => itemClasses.indexOf(item.class) > itemClasses.indexOf(found.file.application.class),
  );

/** Everything of R32 that concerns the person and the grant as a whole, but its state, window and uses. */
export function recheck(found: GrantFile, now: number): Failed | undefined {
  const { file, grant } = found;
  const { requester } = file;
  if (requester.person.id !== grant.personId || file.application.state !== 'approved') {
    return failed('not-approved', refuse('integrity', { rule: 'R32' }));
  }
  if (requester.person.state !== 'active') return failed('person', refuse('grant-ended', { rule: 'R32' }));
  if (!runs(requester.posting, now)) return failed('posting', refuse('not-posted', { rule: 'R32' }));
  if (!requester.bound) return failed('agreement', refuse('agreement-missing', { rule: 'R24' }), false);
  if (classRaised(found)) return failed('class-raised', refuse('clearance-too-low', { rule: 'R32' }));
  const cleared = itemClasses.indexOf(requester.person.clearance);
  if (liveItems(found).some((item) => itemClasses.indexOf(item.class) > cleared)) {
    return failed('clearance', refuse('clearance-too-low', { rule: 'R32' }));
  }
  if (!file.sane) return failed('policy', refuse('beyond-policy', { rule: 'R32' }));
  return grant.startedAt === null ? recheckStart(found) : undefined;
}

/** Until the first start the votes must still stand, and the policies of now bind too (R14, R19). */
function recheckStart({ file }: GrantFile): Failed | undefined {
  if (limitProblems(file.terms, file.limits).length > 0) {
    return failed('policy', refuse('beyond-policy', { rule: 'R19' }));
  }
  return countVotes(file).tally.complete
    ? undefined
    : failed('votes-short', refuse('votes-short', { rule: 'R14' }), false);
}

/** Why this item cannot be opened, whatever the grant says. */
export function itemRefusal(found: GrantFile, id: string): Refusal | undefined {
  const row = found.items.find((one) => one.itemId === id);
  const item = found.file.items.find((one) => one.id === id);
  if (!row || !item) return refuse('not-found', { rule: 'R1' });
  if (row.endedSeq !== null) return refuse('grant-ended', { rule: 'R36' });
  return item.state === 'held' && item.scan !== 'infected'
    ? undefined
    : refuse('item-not-available', { rule: 'R32' });
}
