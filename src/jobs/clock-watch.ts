/**
 * The clock's health (R46, R47, custody-log L7.1): a fault is raised in the log once, every running grant is stopped at
 * once, and it is cleared once when the clock is sound again. Stopped grants are not resumed by this.
 */

import type { Entry } from '../acts/act.ts';
import { actorOf } from '../acts/actor.ts';
import { dueWork } from '../acts/due-work.ts';
import { entry } from '../acts/entry.ts';
import { suspendBySystem } from '../acts/grant/suspend-grant.ts';
import { logDraft } from '../acts/record.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type Acting, asSystem } from './acting.ts';
import type { Job } from './runner.ts';

export function clockWatch(acting: Acting): Job {
  const { deps } = acting;
  let raised = false;

  const record = async (stated: Entry, now: number): Promise<void> => {
    const actor = await actorOf(deps, asSystem(acting, 'clock'), now);
    if (isRefusal(actor)) throw new Error('The system is no actor.');
    await deps.ledger.append([await logDraft(deps, actor, stated, now, new Map())]);
  };

  const stopGrants = async (now: number): Promise<number> => {
    const due = await dueWork({ deps, now }, true);
    let stopped = 0;
    for (const { act, input } of due) {
      if (act !== 'suspend-by-system') continue;
      const done = await acting.perform(suspendBySystem, asSystem(acting, 'clock'), input);
      if (!isRefusal(done) && done.receipts.length > 0) stopped += 1;
    }
    return stopped;
  };

  return {
    name: 'clock-watch',
    everyMs: 1_000,
    async run() {
      const mark = (await deps.ledger.head()).at;
      const { now, fault } = deps.clock.judge(mark);
      if (fault && !raised) {
        const measured = fault.kind === 'behind' ? mark - fault.by : now + fault.by;
        await record(entry('clock.fault-raised', [], { measured, mark }), now);
        raised = true;
        return 1 + (await stopGrants(now));
      }
      if (!fault && raised) {
        await record(entry('clock.fault-cleared', [], {}), now);
        raised = false;
        return 1;
      }
      return 0;
    },
  };
}
