/**
 * How an application ends without approval (2.1): timed out, invalidated. Judged at the moment of any event, even
 * when the timers are late; the same rows and entries whether a timer or an attempt finds it.
 */

import { finalStates } from '../../domain/application.ts';
import type { ApplicationEvent } from '../../domain/application-machine.ts';
import { applicationAfter } from '../../domain/application-machine.ts';
import { classReaches } from '../../domain/item.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Decided, Entry, Moment, RefusedWithEffect } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, update, type Write } from '../ports/tables.ts';
import { type CaseFile, subjectsOf } from './case-file.ts';
import { runs } from './roster.ts';
import { deciders, tell } from './told.ts';

export const isClosed = ({ application }: Pick<CaseFile, 'application'>): boolean =>
  finalStates.includes(application.state);

/** True from the instant on at which the timer of this state ends the application (R43). */
export const hasTimedOut = ({ application }: Pick<CaseFile, 'application'>, now: number): boolean =>
  application.ttlAt !== null && now >= application.ttlAt && !isClosed({ application });

/** Why the application may not go on (2.1, invalidate); undefined if it may. */
export function invalidCause(file: CaseFile, now: number): string | undefined {
  const { requester, items } = file;
  if (requester.person.state !== 'active') return 'requester-inactive';
  if (!runs(requester.posting, now)) return 'requester-transferred';
  if (!requester.bound) return 'agreement-missing';
  if (items.some((item) => item.state === 'shredded')) return 'item-shredded';
  if (items.some((item) => !classReaches(requester.person.clearance, item.class))) return 'above-clearance';
  return file.sane ? undefined : 'act-forbidden';
}

export type ClosingEvent = Extract<ApplicationEvent, 'time-out' | 'invalidate' | 'withdraw' | 'deny'>;
const closingEntry = {
  'time-out': 'application.expired',
  invalidate: 'application.invalidated',
  withdraw: 'application.withdrawn',
  deny: 'application.denied',
} as const;

/** Rows of an application that closes; `at` is the place of its entry in the commit. */
export function closingWrites(
  file: CaseFile,
  toState: CaseFile['application']['state'],
  now: number,
  at = 0,
): Write[] {
  return [
    update('application', file.application.id, {
      state: toState,
      closedAt: now,
      stageDueAt: null,
      ttlAt: null,
      stalled: false,
      changedSeq: entrySeq(at),
    }),
    ...(file.offer ? [update('offer', file.offer.id, { state: 'void' })] : []),
  ];
}

/** Closes the application by `event`; everyone who decided and the requester are told (R61). */
export function close(
  file: CaseFile,
  event: ClosingEvent,
  moment: Moment,
  how: { readonly cause?: string; readonly before?: readonly Entry[]; readonly reasonCode?: string } = {},
): Omit<Decided<never>, 'result'> | Refusal {
  const { application } = file;
  const toState = applicationAfter(application.state, event);
  if (isRefusal(toState)) return toState;
  const facts = {
    fromState: application.state,
    toState,
    revision: application.revision,
    termsHash: application.termsHash,
    ...(how.reasonCode ? { reasonCode: how.reasonCode } : {}),
  };
  const said =
    event === 'invalidate'
      ? entry('application.invalidated', subjectsOf(file), { ...facts, cause: how.cause ?? 'unknown' })
      : entry(closingEntry[event] as 'application.denied', subjectsOf(file), facts);
  const before = how.before ?? [];
  const [first = said, ...rest] = [...before, said];
  const object = { kind: 'application', id: application.id };
  const told = tell(moment, said.kind, object, [application.requesterId, ...deciders(file.decisions)]);
  return {
    entries: [first, ...rest],
    writes: [...closingWrites(file, toState, moment.now, before.length), ...told.writes],
    notices: told.notices,
  };
}

/**
 * What stands against any event on this application at this instant: its own end has come, or it may not go on.
 * Then it closes now, and the attempt is answered `application-closed` (X13).
 */
export function overtaken(file: CaseFile, moment: Moment): RefusedWithEffect | Refusal | undefined {
  if (isClosed(file) || file.application.state === 'draft') return undefined;
  const cause = invalidCause(file, moment.now);
  const timedOut = hasTimedOut(file, moment.now);
  if (!timedOut && cause === undefined) return undefined;
  const closed = timedOut
    ? close(file, 'time-out', moment)
    : close(file, 'invalidate', moment, { cause: cause ?? 'unknown' });
  return isRefusal(closed) ? closed : { ...closed, refusal: refuse('application-closed', { rule: 'R12' }) };
}
