/**
 * A security officer and a system administrator of the root centre, two persons within 10 minutes, confirm that the wall
 * clock is right as it stands (R46, R47): the fault ends, and nodes believe that clock anew, never below the mark. One of
 * them alone changes nothing. Resumes no grant: who may resume does.
 */
import { z } from 'zod';
import { leapTolerance } from '../../domain/clock.ts';
import { subjectOf } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Moment } from '../act.ts';
import { entry } from '../entry.ts';
import { type ClockState, lookAtClock } from './clock-fault.ts';
import type { Confirmation } from './fault-file.ts';

const input = z.strictObject({});
const togetherMs = 10 * 60_000;

export interface ClockConfirmed {
  /** True once both have confirmed. */
  readonly cleared: boolean;
  /** What the wall clock says, ms UTC: what was confirmed. */
  readonly time: number;
}

/** Confirmations that still count: young, and of the same clock, which must not have been set since. */
const standing = ({ file, measured }: ClockState, now: number): Confirmation[] =>
  (file?.confirmations ?? []).filter(
    (one) =>
      now - one.at <= togetherMs && Math.abs(measured - one.measured - (now - one.at)) <= leapTolerance,
  );

export const confirmClock: Act<z.infer<typeof input>, ClockState, ClockConfirmed> = {
  name: 'confirm-clock',
  input,
  async load(_input, context) {
    const root = await context.deps.reads.one('centre', { parentId: null });
    if (!root) return refuse('not-found');
    return { ...(await lookAtClock(context)), centre: root.id, object: subjectOf('centre', root.id) };
  },
  decide(state, _input, { actor, now, office }: Moment) {
    const { file, faulty, measured, mark, object = '' } = state;
    if (actor.through !== 'session') return refuse('not-a-person', { rule: 'R8' });
    if (!faulty || !file || file.cleared) return refuse('state-forbids', { rule: 'R46' });
    const others = standing(state, now);
    if (others.some((one) => one.actor === actor.name))
      return { already: { cleared: false, time: measured } };
    const both = others.some((one) => one.office !== office);
    const subjects = [subjectOf('fault', file.id), object];
    const fault = file.id;
    const confirmed = entry('clock.confirmed', subjects, { fault, office, measured });
    const cleared = entry('clock.fault-cleared', subjects, { fault, cause: 'confirmed', measured, mark });
    return {
      entries: [confirmed, ...(both ? [cleared] : [])],
      writes: [],
      result: { cleared: both, time: measured },
    };
  },
};
