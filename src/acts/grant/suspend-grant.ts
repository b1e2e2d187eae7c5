/** Stops a running grant at once without ending it (2.2): by the persons who may revoke it, or by the system (R46). */
import { z } from 'zod';
import type { GrantState } from '../../domain/grant.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { reasonCodeInput } from '../application/sealed-terms.ts';
import { idInput, wordsInput } from '../input.ts';
import { suspendGrant as stop } from './ending.ts';
import { type GrantFile, loadGrant, roleOver } from './grant-file.ts';

const input = z.strictObject({
  grant: idInput<'grant'>(),
  reasonCode: reasonCodeInput(),
  reason: wordsInput(2000),
});
type Result = { readonly state: GrantState };

export const suspendGrant: Act<z.infer<typeof input>, GrantFile, Result> = {
  name: 'suspend-grant',
  input,
  async load({ grant }, context) {
    const found = await loadGrant(grant, context);
    if (isRefusal(found)) return found;
    return roleOver(found, context.actor) ? found : refuse('not-found', { rule: 'R1' });
  },
  decide(found, asked, moment) {
    if (found.grant.state === 'suspended') return { already: { state: 'suspended' } };
    const stopped = stop(found, 'by-person', moment, asked);
    return isRefusal(stopped) ? stopped : { ...stopped, result: { state: 'suspended' } };
  },
};

/** Why the system stops a grant on its own. */
export const systemCauses = ['clock-fault', 'class-raised', 'person-locked', 'misuse', 'integrity'] as const;
const systemInput = z.strictObject({ grant: idInput<'grant'>(), cause: z.enum(systemCauses) });

export const suspendBySystem: Act<z.infer<typeof systemInput>, GrantFile, Result> = {
  name: 'suspend-by-system',
  input: systemInput,
  load: ({ grant }, context) => loadGrant(grant, context),
  decide(found, { cause }, moment) {
    if (found.grant.state === 'suspended') return { already: { state: 'suspended' } };
    const stopped = stop(found, cause, moment);
    return isRefusal(stopped) ? stopped : { ...stopped, result: { state: 'suspended' } };
  },
};
