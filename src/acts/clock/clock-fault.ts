/** A fault of the clock begins, and ends by itself once the clock is sound again (R46, R47): once each, by the system. */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Context, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { upsert } from '../ports/tables.ts';
import { type FaultFile, faultSetting, loadFault } from './fault-file.ts';

const input = z.strictObject({});
export interface ClockState extends Loaded {
  readonly file: FaultFile | undefined;
  readonly faulty: boolean;
  readonly measured: number;
  readonly mark: number;
}

/** The clock as this node sees it, and the newest fault. */
export async function lookAtClock({ deps }: Context): Promise<ClockState> {
  const { at: mark } = await deps.ledger.head();
  const { fault, wall } = deps.clock.judge(mark);
  return { centre: null, file: await loadFault(deps), faulty: fault !== null, measured: wall, mark };
}

export const raiseClockFault: Act<z.infer<typeof input>, ClockState, { fault: string }> = {
  name: 'raise-clock-fault',
  input,
  load: (_input, context) => lookAtClock(context),
  decide({ file, faulty, measured, mark }, _input, { chance }) {
    if (!faulty) return refuse('state-forbids', { rule: 'R46' });
    if (file && !file.cleared) return { already: { fault: file.id } };
    const fault = chance.id();
    return {
      entries: [entry('clock.fault-raised', [subjectOf('fault', fault)], { fault, measured, mark })],
      writes: [upsert('setting', { id: faultSetting, value: fault })],
      result: { fault },
    };
  },
};

export const clearClockFault: Act<z.infer<typeof input>, ClockState, { cleared: boolean }> = {
  name: 'clear-clock-fault',
  input,
  load: (_input, context) => lookAtClock(context),
  decide({ file, faulty, measured, mark }) {
    if (faulty) return refuse('state-forbids', { rule: 'R46' });
    if (!file || file.cleared) return { already: { cleared: false } };
    const facts = { fault: file.id, cause: 'passed', measured, mark };
    return {
      entries: [entry('clock.fault-cleared', [subjectOf('fault', file.id)], facts)],
      writes: [],
      result: { cleared: true },
    };
  },
};
