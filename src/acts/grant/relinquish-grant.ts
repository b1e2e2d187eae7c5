/** The grantee gives the grant up, at any moment and without anyone's consent (R36). */
import { z } from 'zod';
import type { GrantState } from '../../domain/grant.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { idInput } from '../input.ts';
import { endGrant } from './ending.ts';
import { type GrantFile, loadGrant, ownOnly } from './grant-file.ts';

const input = z.strictObject({ grant: idInput<'grant'>() });

export const relinquishGrant: Act<z.infer<typeof input>, GrantFile, { state: GrantState }> = {
  name: 'relinquish-grant',
  input,
  load: async ({ grant }, context) => ownOnly(await loadGrant(grant, context), context.actor),
  decide(found, _input, moment) {
    if (found.grant.endReason === 'relinquished') return { already: { state: 'ended' } };
    const ended = endGrant(found, 'relinquish', moment);
    return isRefusal(ended) ? ended : { ...ended, result: { state: 'ended' } };
  },
};
