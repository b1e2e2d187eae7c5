/** A viewing of the actor, in the session that opened it, with its grant; to anyone else there is none (R1, R40). */
import type { Viewing } from '../../domain/grant.ts';
import type { ViewingId } from '../../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Actor, Context } from '../act.ts';
import { type GrantFile, loadGrant } from './grant-file.ts';
import { proveGrant } from './grant-proof.ts';

export interface ViewingFile extends GrantFile {
  readonly viewing: Viewing;
  /** `integrity` where the grant's row says something else than the log (L4.7). */
  readonly proof: Refusal | undefined;
}

export async function loadOwnViewing(
  id: ViewingId,
  context: Pick<Context, 'deps' | 'now'> & { readonly actor: Pick<Actor, 'person' | 'session'> },
): Promise<ViewingFile | Refusal> {
  const { deps, actor } = context;
  const viewing = await deps.reads.one('viewing', { id });
  if (!viewing || viewing.personId !== actor.person || viewing.sessionId !== actor.session) {
    return refuse('not-found', { rule: 'R40' });
  }
  const found = await loadGrant(viewing.grantId, context);
  if (isRefusal(found)) return found;
  if (found.grant.personId !== viewing.personId) return refuse('integrity', { rule: 'R40' });
  return { ...found, viewing, proof: await proveGrant(deps, found) };
}
