/**
 * Where an application may go (approvals.md 2.1): every pair of state and event that is listed, and no other.
 * A final state answers `application-closed`, any other unlisted pair `state-forbids`; nothing is changed.
 */
import { type ApplicationState, finalStates } from './application.ts';
import { type Refusal, refuse } from './refusal.ts';

export const applicationEvents = [
  'submit',
  'approve',
  'complete',
  'deny',
  'withdraw-vote',
  'return',
  'resubmit',
  'counter',
  'accept',
  'decline',
  'withdraw',
  'time-out',
  'invalidate',
  'stall',
  'escalate',
] as const;
/** `approve` leaves seats open, `complete` fills the last one. */
export type ApplicationEvent = (typeof applicationEvents)[number];

type Row = Partial<Record<ApplicationEvent, ApplicationState>>;

/** What ends an application from any open state. */
const endings: Row = { withdraw: 'withdrawn', 'time-out': 'expired', invalidate: 'invalidated' };

/** Section 2.1 as data. */
export const applicationTransitions: Readonly<Record<ApplicationState, Readonly<Row>>> = {
  draft: { submit: 'pending' },
  pending: {
    ...endings,
    approve: 'pending',
    complete: 'approved',
    deny: 'denied',
    'withdraw-vote': 'pending',
    return: 'returned',
    counter: 'countered',
    stall: 'pending',
    escalate: 'pending',
  },
  returned: { ...endings, resubmit: 'pending' },
  countered: { ...endings, accept: 'pending', decline: 'pending' },
  approved: {},
  denied: {},
  withdrawn: {},
  expired: {},
  invalidated: {},
};

/** The state after `event`, or why there is none (409). */
export function applicationAfter(
  state: ApplicationState,
  event: ApplicationEvent,
): ApplicationState | Refusal {
  const next = applicationTransitions[state][event];
  if (next) return next;
  return finalStates.includes(state)
    ? refuse('application-closed', { rule: 'R12' })
    : refuse('state-forbids', { rule: '2.1' });
}
