/**
 * Expiry, stalling and escalation of applications, ends of grants (R16, R44, R48, R51), within a minute of their time.
 * Deadlines hold without this job too: it only makes them visible in time. Never decides anything itself.
 */

import { escalateApplication } from '../acts/application/escalate-application.ts';
import { expireApplication, invalidateApplication } from '../acts/application/timed-closing.ts';
import { type DueWork, dueWork } from '../acts/due-work.ts';
import { expireGrant } from '../acts/grant/expire-grant.ts';
import { suspendBySystem } from '../acts/grant/suspend-grant.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type Acting, asSystem, judgedNow } from './acting.ts';
import type { Job } from './runner.ts';

const mostAtOnce = 500;
const byName = {
  'expire-application': expireApplication,
  'invalidate-application': invalidateApplication,
  'escalate-application': escalateApplication,
  'expire-grant': expireGrant,
  'suspend-by-system': suspendBySystem,
} as const;

async function doWork(acting: Acting, work: DueWork): Promise<boolean> {
  // The registry's acts have different inputs; each parses its own again.
  const done = await acting.perform(byName[work.act] as typeof expireGrant, asSystem(acting), work.input);
  return !isRefusal(done) && done.receipts.length > 0;
}

export const dueActs = (acting: Acting): Job => ({
  name: 'due-acts',
  everyMs: 15_000,
  async run(stopping) {
    const { now, fault } = await judgedNow(acting);
    const due = await dueWork({ deps: acting.deps, now }, fault !== null);
    let count = 0;
    for (const work of due.slice(0, mostAtOnce)) {
      if (stopping.aborted) break;
      if (await doWork(acting, work)) count += 1;
    }
    return count;
  },
});
