/** How a grant ends or stops (2.2): its row, its viewings, its entry, and the cut of all that runs under it (R37). */
import type { GrantEnd } from '../../domain/grant.ts';
import { type GrantEvent, grantAfter } from '../../domain/grant-machine.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { dueEnd } from '../../domain/window.ts';
import type { Decided, Moment } from '../act.ts';
import { deciders, tell } from '../application/told.ts';
import { entry } from '../entry.ts';
import { entrySeq, update, type Write } from '../ports/tables.ts';
import { type GrantFile, grantSubjects } from './grant-file.ts';

export type Change = Omit<Decided<never>, 'result'>;

/** Rows of the viewings that end with the grant, or with one of its items. */
export const endedViewings = (
  { viewings }: Pick<GrantFile, 'viewings'>,
  now: number,
  reason: string,
  items?: ReadonlySet<string>,
): Write[] =>
  viewings
    .filter((viewing) => items === undefined || items.has(viewing.itemId))
    .map((viewing) => update('viewing', viewing.id, { endedAt: now, endReason: reason }));

export interface Why {
  readonly reasonCode?: string;
  readonly reason?: string | undefined;
}

/** Ends the grant by `event`; `at` is the place of its entry in the commit. */
export function endGrant(
  found: GrantFile,
  event: GrantEvent,
  moment: Moment,
  why: Why = {},
  at = 0,
): Change | Refusal {
  const { grant, file } = found;
  const step = grantAfter(grant.state, event);
  if (isRefusal(step)) return step;
  const reason: GrantEnd = step.end ?? 'revoked';
  const told = tell(moment, 'grant.ended', { kind: 'grant', id: grant.id }, [
    grant.personId,
    ...deciders(file.decisions),
  ]);
  return {
    entries: [
      entry(
        'grant.ended',
        grantSubjects(found),
        {
          grant: grant.id,
          reason,
          ...(grant.notAfter === null ? {} : { notAfter: grant.notAfter }),
          fromState: grant.state,
          toState: step.to,
          ...(why.reasonCode ? { reasonCode: why.reasonCode } : {}),
        },
        why.reason ? { reason: why.reason } : undefined,
      ),
    ],
    writes: [
      update('grant', grant.id, { state: step.to, endReason: reason, changedSeq: entrySeq(at) }),
      ...endedViewings(found, moment.now, reason),
      ...told.writes,
    ],
    endings: [{ ends: 'grant', id: grant.id, reason }],
    notices: told.notices,
  };
}

/** Stops an active grant without ending it: time spent so is not given back (R40). */
export function suspendGrant(
  found: GrantFile,
  cause: string,
  moment: Moment,
  why: Why = {},
): Change | Refusal {
  const { grant, file } = found;
  const step = grantAfter(grant.state, 'suspend');
  if (isRefusal(step)) return step;
  const told = tell(moment, 'grant.suspended', { kind: 'grant', id: grant.id }, [
    grant.personId,
    ...deciders(file.decisions),
  ]);
  return {
    entries: [
      entry(
        'grant.suspended',
        grantSubjects(found),
        {
          grant: grant.id,
          cause,
          fromState: grant.state,
          toState: step.to,
          ...(why.reasonCode ? { reasonCode: why.reasonCode } : {}),
        },
        why.reason ? { reason: why.reason } : undefined,
      ),
    ],
    writes: [
      update('grant', grant.id, { state: step.to, changedSeq: entrySeq() }),
      ...endedViewings(found, moment.now, 'suspended'),
      ...told.writes,
    ],
    endings: [{ ends: 'grant', id: grant.id, reason: 'suspended' }],
    notices: told.notices,
  };
}

/** The timer's event if it is due at `now`, whoever looks (2.2, R43). */
export function dueEvent({ grant }: Pick<GrantFile, 'grant'>, now: number): GrantEvent | undefined {
  const end = dueEnd(grant);
  if (end === null || now < end) return undefined;
  return grant.state === 'scheduled' ? 'activate-by-reached' : 'not-after-reached';
}
