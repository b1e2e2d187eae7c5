/**
 * Ends a grant, whole or item by item, at any moment and without anyone's consent (2.2, R36). The answer waits until
 * nothing runs under it any more (R37, R38): `perform` does that with the endings.
 */
import { z } from 'zod';
import type { GrantState } from '../../domain/grant.ts';
import { grantAfter } from '../../domain/grant-machine.ts';
import type { ItemId } from '../../domain/ids.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Decided, Moment } from '../act.ts';
import { reasonCodeInput } from '../application/sealed-terms.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { endedViewings, endGrant } from './ending.ts';
import { type GrantFile, grantSubjects, loadGrant, roleOver } from './grant-file.ts';

const input = z.strictObject({
  grant: idInput<'grant'>(),
  /** Only these; without it, the whole. */
  items: z.array(idInput<'item'>()).min(1).max(100).optional(),
  reasonCode: reasonCodeInput(),
  reason: wordsInput(2000),
});
type Input = z.infer<typeof input>;

export interface Revoked {
  readonly state: GrantState;
  readonly items: readonly ItemId[];
}

export const revokeGrant: Act<Input, GrantFile, Revoked> = {
  name: 'revoke-grant',
  input,
  async load({ grant }, context) {
    const found = await loadGrant(grant, context);
    if (isRefusal(found)) return found;
    return roleOver(found, context.actor) ? found : refuse('not-found', { rule: 'R1' });
  },
  decide(found, asked, moment) {
    const live = found.items.filter((row) => row.endedSeq === null).map((row) => row.itemId);
    const named = asked.items ?? live;
    if (named.some((item) => !found.items.some((row) => row.itemId === item))) {
      return refuse('not-found', { rule: 'R1' });
    }
    const left = live.filter((item) => !named.includes(item));
    if (found.grant.state === 'ended' && found.grant.endReason === 'revoked') {
      return { already: { state: 'ended', items: [] } };
    }
    if (left.length > 0 && left.length < live.length) return narrow(found, asked, left, moment);
    if (left.length > 0) return { already: { state: found.grant.state, items: left } };
    const ended = endGrant(found, 'revoke', moment, asked);
    return isRefusal(ended) ? ended : { ...ended, result: { state: 'ended', items: [] } };
  },
};

/** Some items go, the grant stays as it is for the others. */
function narrow(
  found: GrantFile,
  asked: Input,
  left: readonly ItemId[],
  moment: Moment,
): Decided<Revoked> | ReturnType<typeof refuse> {
  const { grant, items } = found;
  const step = grantAfter(grant.state, 'narrow');
  if (isRefusal(step)) return step;
  const gone = items.filter((row) => row.endedSeq === null && !left.includes(row.itemId));
  const removed = gone.map((row) => row.itemId);
  return {
    entries: [
      entry(
        'grant.narrowed',
        grantSubjects(found),
        { grant: grant.id, removed, reasonCode: asked.reasonCode, fromState: grant.state, toState: step.to },
        { reason: asked.reason },
      ),
    ],
    writes: [
      // A suspended grant keeps the number of the entry that says why it is suspended.
      ...(grant.state === 'suspended' ? [] : [update('grant', grant.id, { changedSeq: entrySeq() })]),
      ...gone.map((row) => update('grantItem', row.id, { endedSeq: entrySeq() })),
      ...endedViewings(found, moment.now, 'revoked', new Set(removed)),
    ],
    endings: removed.map((item) => ({ ends: 'grant-item' as const, id: grant.id, item })),
    notices: [{ kind: 'grant', id: grant.id, to: [grant.personId] }],
    result: { state: step.to, items: left },
  };
}
