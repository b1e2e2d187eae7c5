/**
 * Once a day the whole stored log is read and compared with what was signed, and with the rows that give rights
 * (custody-log L4.7, L5.4), slowly, and the log says that it was. Each row that differs is named by an alarm of its own.
 * A log that is not what was signed raises an alarm; the service then ends by its own checks.
 */
import { raiseAlarms } from '../acts/rights/alarm.ts';
import type { Difference } from '../acts/rights/proof.ts';
import type { Acting } from './acting.ts';
import { judgedNow } from './acting.ts';
import type { Job } from './runner.ts';

export interface LogCheck {
  /** Reads every signed entry; rejects when one is not what was signed. Root: 64 hex. */
  check(
    stopping: AbortSignal,
  ): Promise<
    { readonly size: number; readonly root: string; readonly differences?: readonly Difference[] } | undefined
  >;
}

export const checkLogDaily = ({ deps }: Acting, log: LogCheck): Job => ({
  name: 'log-check',
  everyMs: 24 * 3_600_000,
  async run(stopping) {
    const checked = await log.check(stopping);
    if (!checked) return 0;
    const { now } = await judgedNow({ deps });
    const { size, root, differences = [] } = checked;
    for (const difference of differences) deps.rights.note(difference);
    await raiseAlarms(deps);
    const kind = 'log.checked';
    await deps.ledger.append([
      { at: now, kind, actor: 'system:timer', subjects: [], facts: { size, root }, private: {} },
    ]);
    return size;
  },
});
