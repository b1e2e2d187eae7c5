/**
 * Whether an act would work for this actor now, by running its own rules without its effect. The portal offers only
 * what works (portal 1); what is answered here decides nothing, the act asks again under the lock.
 */
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Act, Context, Loaded } from './act.ts';
import { may } from './may.ts';
import { permitOffice, permitReach } from './permit.ts';

export type Prospect =
  /** `stepUp`: the terms hash that a second factor must be proved for first; null if none is asked for. */
  | { readonly allowed: true; readonly stepUp: string | null }
  | { readonly allowed: false; readonly refusal: Refusal };

const no = (refusal: Refusal): Prospect => ({ allowed: false, refusal });

/** How `act` with `input` would be answered. `clockFault`: the clock is in doubt (R46). */
export async function dryRun<I, S extends Loaded, R, P>(
  act: Act<I, S, R, P>,
  input: I,
  context: Context<P>,
  clockFault = false,
): Promise<Prospect> {
  const { actor, deps, now } = context;
  const office = permitOffice(act.name, actor);
  if (isRefusal(office)) return no(office);
  const state = await act.load(input, context);
  if (isRefusal(state)) return no(state);
  const reached = await permitReach(act.name, actor, state.centre, deps.reads);
  if (isRefusal(reached)) return no(reached);
  if (clockFault && may[act.name].widens) return no(refuse('clock-suspect', { rule: 'R46' }));
  const stepUp = state.stepUp ?? null;
  const decided = act.decide(state, input, {
    actor,
    now,
    office: reached,
    chance: deps.chance,
    digests: deps.digests,
    settings: deps.settings,
    stepUpId: stepUp === null ? null : 'not-proved-yet',
  });
  if (isRefusal(decided)) return no(decided);
  if ('refusal' in decided) return no(decided.refusal);
  // What is done already is not offered again.
  return 'already' in decided ? no(refuse('state-forbids')) : { allowed: true, stepUp };
}
