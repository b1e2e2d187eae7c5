/** How a job acts: as the system, through the same pipeline as everybody (architecture.md, An act). */
import type { Act, Caller, Deps, Loaded } from '../acts/act.ts';
import type { Done } from '../acts/perform.ts';
import type { Refusal } from '../domain/refusal.ts';

export interface Acting {
  readonly deps: Deps;
  perform<I, S extends Loaded, R, P>(
    act: Act<I, S, R, P>,
    caller: Caller,
    input: unknown,
  ): Promise<Done<R> | Refusal>;
}

/** `system:<name>` in the log. */
export const asSystem = ({ deps }: Pick<Acting, 'deps'>, name = 'timer'): Caller => ({
  system: name,
  requestId: deps.chance.id(),
});

/** Effective time (R45), and whether the clock is in doubt. */
export const judgedNow = async ({ deps }: Pick<Acting, 'deps'>) =>
  deps.clock.judge((await deps.ledger.head()).at);
