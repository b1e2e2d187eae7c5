/**
 * What timers may do to a grant (2.2, R44): end it at its instant, when its person is gone, when all its items are,
 * or when its last use has long been closed. Found out here, never taken from the caller.
 */
import { z } from 'zod';
import type { GrantState } from '../../domain/grant.ts';
import type { GrantEvent } from '../../domain/grant-machine.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { runs } from '../application/roster.ts';
import { idInput } from '../input.ts';
import { dueEvent, endGrant } from './ending.ts';
import { type GrantFile, loadGrant } from './grant-file.ts';

const input = z.strictObject({ grant: idInput<'grant'>() });

/** The end that is due for this grant at `now`, if any. */
export function endingDue(found: GrantFile, now: number): GrantEvent | undefined {
  const { grant, file, items, viewings } = found;
  if (grant.state === 'ended') return undefined;
  const due = dueEvent(found, now);
  if (due) return due;
  const { person, posting } = file.requester;
  if (person.state === 'left' || !runs(posting, now)) return 'offboard';
  const live = items.filter((row) => row.endedSeq === null);
  const shredded = new Set(file.items.filter((item) => item.state === 'shredded').map((item) => item.id));
  if (live.length > 0 && live.every((row) => shredded.has(row.itemId))) return 'item-shredded';
  const usedUp = grant.state === 'active' && grant.maxUses !== null && grant.uses >= grant.maxUses;
  // A viewing whose lease ran out was left, even if its player never said so.
  return usedUp && viewings.every((viewing) => now >= viewing.leaseUntil) ? 'last-use' : undefined;
}

export const expireGrant: Act<z.infer<typeof input>, GrantFile, { state: GrantState }> = {
  name: 'expire-grant',
  input,
  load: ({ grant }, context) => loadGrant(grant, context),
  decide(found, _input, moment) {
    if (found.grant.state === 'ended') return { already: { state: 'ended' } };
    const event = endingDue(found, moment.now);
    if (!event) return refuse('state-forbids', { rule: 'R44' });
    const ended = endGrant(found, event, moment);
    return isRefusal(ended) ? ended : { ...ended, result: { state: 'ended' } };
  },
};
