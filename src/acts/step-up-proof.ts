/** Finding the second-factor proof of this session for exactly this act and these terms (approvals.md 1; X41). */
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Actor, Deps } from './act.ts';
import type { ActName } from './may.ts';

/** The id of an unused proof at most `stepUpMs` old, or `step-up-required`. Proofs belong to one session (R8). */
export async function findStepUp(
  deps: Deps,
  actor: Actor,
  act: ActName,
  termsHash: string,
  now: number,
): Promise<string | Refusal> {
  if (!actor.session) return refuse('step-up-required', { rule: 'R8' });
  const proofs = await deps.reads.all(
    'stepUp',
    { sessionId: actor.session, act, termsHash, usedSeq: null },
    { orderBy: 'madeAt', descending: true, limit: 1 },
  );
  const [newest] = proofs;
  if (!newest || now - newest.madeAt >= deps.settings.stepUpMs)
    return refuse('step-up-required', { rule: 'X41' });
  return newest.id;
}
