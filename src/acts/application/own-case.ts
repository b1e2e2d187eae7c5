/** The requester's side of a case: only their own, and only while nothing has overtaken it. */
import type { ApplicationId } from '../../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Context } from '../act.ts';
import { type CaseFile, loadCase } from './case-file.ts';

/** The case `id` if the actor is its requester; to anyone else there is none (R1). */
export async function loadOwnCase(
  id: ApplicationId,
  context: Pick<Context, 'deps' | 'now' | 'actor'>,
): Promise<CaseFile | Refusal> {
  const file = await loadCase(id, context);
  if (isRefusal(file) || file.application.requesterId === context.actor.person) return file;
  return refuse('not-found', { rule: 'R1' });
}
