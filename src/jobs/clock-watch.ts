/**
 * The clock's health (R46, R47, custody-log L7.1): a fault is raised in the log once, every running grant is stopped at
 * once, and it is cleared once when the clock is sound again. What two officers confirmed is followed here, by every node.
 * Stopped grants are not resumed by this.
 */

import { clearClockFault, raiseClockFault } from '../acts/clock/clock-fault.ts';
import { type Cleared, loadFault } from '../acts/clock/fault-file.ts';
import { dueWork } from '../acts/due-work.ts';
import { suspendBySystem } from '../acts/grant/suspend-grant.ts';
import { leapTolerance } from '../domain/clock.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type Acting, asSystem, judgedNow } from './acting.ts';
import type { Job } from './runner.ts';

export function clockWatch(acting: Acting): Job {
  const { deps } = acting;
  const system = () => asSystem(acting, 'clock');
  /** The fault that this process has been in. */
  let mine: string | undefined;
  /** The newest clearance that this process knows of, by its entry. */
  let followed: number | undefined;
  let first = true;

  const stopGrants = async (now: number): Promise<number> => {
    const due = await dueWork({ deps, now }, true);
    let stopped = 0;
    for (const { act, input } of due) {
      if (act !== 'suspend-by-system') continue;
      const done = await acting.perform(suspendBySystem, system(), input);
      if (!isRefusal(done) && done.receipts.length > 0) stopped += 1;
    }
    return stopped;
  };

  /** The wall clock is believed only as it was confirmed: one that was set since is another clock. */
  const follow = async (fault: string, { seq, at, confirmed, measured, mark }: Cleared): Promise<void> => {
    if (followed === seq) return;
    followed = seq;
    if (!confirmed) return;
    const { now, wall } = await judgedNow(acting);
    const asConfirmed = Math.abs(wall - measured - (now - at)) <= leapTolerance;
    if (mine !== fault) deps.clock.allow(Math.max(0, mark - measured));
    else if (asConfirmed) deps.clock.confirm((await deps.ledger.head()).at);
  };

  const raise = async (now: number): Promise<number> => {
    const raised = await acting.perform(raiseClockFault, system(), {});
    if (isRefusal(raised)) return 0;
    const joined = mine !== raised.result.fault;
    mine = raised.result.fault;
    return raised.receipts.length + (joined ? await stopGrants(now) : 0);
  };

  return {
    name: 'clock-watch',
    everyMs: 1_000,
    async run() {
      const file = await loadFault(deps);
      if (file?.cleared) await follow(file.id, file.cleared);
      const { now, fault } = await judgedNow(acting);
      const begins = first;
      first = false;
      if (fault) {
        // Before the first run nobody holds a right that a wrong time could lengthen.
        if ((await deps.reads.count('person', {})) > 0) return raise(now);
        deps.clock.confirm((await deps.ledger.head()).at);
        return 0;
      }
      if (!file || file.cleared || (mine !== file.id && !begins)) return 0;
      const done = await acting.perform(clearClockFault, system(), {});
      return isRefusal(done) ? 0 : done.receipts.length;
    },
  };
}
