/**
 * What timers have to do now (R16, R44, R48, R51): a list of acts with their inputs, nothing more. Every act judges
 * again under the lock; a list that is late or wrong changes no outcome, because deadlines also hold at any event.
 */
import type { ApplicationId, GrantId } from '../domain/ids.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Context } from './act.ts';
import { type CaseFile, loadCase } from './application/case-file.ts';
import { hasTimedOut, invalidCause } from './application/closing.ts';
import { needsEscalation } from './application/escalate-application.ts';
import { endingDue } from './grant/expire-grant.ts';
import { loadGrant } from './grant/grant-file.ts';
import { classRaised } from './grant/recheck.ts';

export type DueWork =
  | {
      readonly act: 'expire-application' | 'invalidate-application' | 'escalate-application';
      readonly input: { readonly application: ApplicationId };
    }
  | { readonly act: 'expire-grant'; readonly input: { readonly grant: GrantId } }
  | {
      readonly act: 'suspend-by-system';
      readonly input: { readonly grant: GrantId; readonly cause: 'clock-fault' | 'class-raised' };
    };

/** The one timer act that this application needs at `now`, if any. */
export function applicationDue(file: CaseFile, now: number): DueWork | undefined {
  const input = { application: file.application.id };
  if (hasTimedOut(file, now)) return { act: 'expire-application', input };
  if (invalidCause(file, now) !== undefined) return { act: 'invalidate-application', input };
  return needsEscalation(file, now) ? { act: 'escalate-application', input } : undefined;
}

/**
 * All timer work at `now`. `clockFault`: the clock is behind or ahead, so every running grant is to stop (R46). One
 * case that cannot be read does not hide the others: it is left out, and refuses by itself wherever it is used.
 */
export async function dueWork(
  context: Pick<Context, 'deps' | 'now'>,
  clockFault: boolean,
): Promise<DueWork[]> {
  const { reads } = context.deps;
  const due: DueWork[] = [];
  const open = await reads.all('application', { state: { in: ['pending', 'returned', 'countered'] } });
  for (const application of open) {
    const file = await loadCase(application.id, context);
    const work = isRefusal(file) ? undefined : applicationDue(file, context.now);
    if (work) due.push(work);
  }
  const live = await reads.all('grant', { state: { in: ['scheduled', 'active', 'suspended'] } });
  for (const grant of live) {
    const found = await loadGrant(grant.id, context);
    if (isRefusal(found)) continue;
    if (endingDue(found, context.now)) due.push({ act: 'expire-grant', input: { grant: grant.id } });
    else if (grant.state === 'active' && (clockFault || classRaised(found))) {
      const cause = clockFault ? 'clock-fault' : 'class-raised';
      due.push({ act: 'suspend-by-system', input: { grant: grant.id, cause } });
    }
  }
  return due;
}
