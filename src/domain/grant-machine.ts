/**
 * Where a grant may go (approvals.md 2.2): every pair of state and event that is listed, and no other; the rest
 * answers `state-forbids` and changes nothing. An end names its reason.
 */
import type { GrantEnd, GrantState } from './grant.ts';
import { type Refusal, refuse } from './refusal.ts';

export const grantEvents = [
  'start',
  'start-postponed',
  'start-refused',
  'suspend',
  'resume',
  'confirm',
  'activate-by-reached',
  'not-after-reached',
  'last-use',
  'relinquish',
  'revoke',
  'narrow',
  'supersede',
  'offboard',
  'misuse-confirmed',
  'item-shredded',
] as const;
/** `start-postponed`: the re-check failed for a cause that can be cured. `narrow`: some items revoked, some left. */
export type GrantEvent = (typeof grantEvents)[number];

export interface GrantStep {
  readonly to: GrantState;
  readonly end?: GrantEnd;
}
type Row = Partial<Record<GrantEvent, GrantStep>>;

const ended = (end: GrantEnd): GrantStep => ({ to: 'ended', end });
/** What may happen to any grant that has not ended. */
const always = (state: GrantState): Row => ({
  relinquish: ended('relinquished'),
  revoke: ended('revoked'),
  narrow: { to: state },
  supersede: ended('superseded'),
  offboard: ended('offboarded'),
  'misuse-confirmed': ended('misuse'),
  'item-shredded': ended('item-gone'),
});

/** Section 2.2 as data. */
export const grantTransitions: Readonly<Record<GrantState, Readonly<Row>>> = {
  scheduled: {
    ...always('scheduled'),
    start: { to: 'active' },
    'start-postponed': { to: 'scheduled' },
    'start-refused': ended('start-refused'),
    confirm: { to: 'scheduled' },
    'activate-by-reached': ended('unused'),
  },
  active: {
    ...always('active'),
    suspend: { to: 'suspended' },
    'not-after-reached': ended('expired'),
    'last-use': ended('used-up'),
  },
  suspended: {
    ...always('suspended'),
    resume: { to: 'active' },
    confirm: { to: 'suspended' },
    'not-after-reached': ended('expired'),
  },
  ended: {},
};

/** The step that `event` makes, or `state-forbids` (409). */
export const grantAfter = (state: GrantState, event: GrantEvent): GrantStep | Refusal =>
  grantTransitions[state][event] ?? refuse('state-forbids', { rule: '2.2' });
