/**
 * The pipeline's own questions, asked before slow work in `prepare`, so that nobody without the right can make the
 * service hash, wrap or scan. The answer decides nothing: the pipeline asks again under the lock, and records.
 */
import type { CentreId } from '../domain/ids.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Caller, Deps } from './act.ts';
import { actorOf } from './actor.ts';
import type { ActName } from './may.ts';
import { permitOffice, permitReach } from './permit.ts';

/** Effective time outside the lock (R45): for preparing, never for deciding. */
export async function timeNow(deps: Deps): Promise<number> {
  const { at } = await deps.ledger.head();
  return deps.clock.judge(at).now;
}

/** Whether `caller` may do `act` at one of `centres` as things stand. */
export async function allowedNow(
  deps: Deps,
  act: ActName,
  caller: Caller,
  centres: readonly (CentreId | null)[],
): Promise<boolean> {
  const actor = await actorOf(deps, caller, await timeNow(deps));
  if (isRefusal(actor) || isRefusal(permitOffice(act, actor))) return false;
  for (const centre of centres) {
    if (!isRefusal(await permitReach(act, actor, centre, deps.reads))) return true;
  }
  return false;
}
