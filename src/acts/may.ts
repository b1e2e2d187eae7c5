/**
 * Who may do what: one table, deny by default. It generates the permission matrix and the test that walks
 * every act with every office in the own and in another centre.
 *
 * reach  own      the thing lies in a centre where the actor holds the office (or it concerns nobody's centre)
 *        subtree  or in a centre below it
 *        seat     the act itself finds the seat (stages of an application, C and P leaders): else 404
 *        self     needs no office: a person's own matters
 *        open     before sign-in
 *        system   timers and the service itself; no person, no route
 * bound  false: possible without a signature under the current agreement (R24)
 */
import type { Office } from '../domain/people.ts';

export interface Permission {
  readonly offices: readonly Office[];
  readonly reach: 'own' | 'subtree' | 'seat' | 'self' | 'open' | 'system';
  readonly bound: boolean;
  /** A refusal of this act is recorded in the log (I21). */
  readonly recordRefusal: boolean;
  /** Creates or lengthens access: refused while the clock is in doubt (R46, R47). Whatever ends access never is. */
  readonly widens: boolean;
}

const by = (reach: Permission['reach'], ...offices: Office[]): Permission => ({
  offices,
  reach,
  bound: true,
  recordRefusal: true,
  widens: false,
});
const self = (bound = false): Permission => ({
  offices: [],
  reach: 'self',
  bound,
  recordRefusal: true,
  widens: false,
});
const system: Permission = {
  offices: [],
  reach: 'system',
  bound: false,
  recordRefusal: false,
  widens: false,
};
const widening = (permission: Permission): Permission => ({ ...permission, widens: true });
const open: Permission = { offices: [], reach: 'open', bound: false, recordRefusal: false, widens: false };

export const may = {
  // first run and sign-in
  'set-up': open,
  'sign-in': open,
  'sign-out': self(),
  'sign-out-everywhere': self(),
  'prove-step-up': self(),
  'change-password': self(),
  'sign-agreement': self(),

  // people
  'create-centre': by('subtree', 'security-officer'),
  'create-unit': by('subtree', 'security-officer'),
  'create-person': by('subtree', 'system-administrator'),
  'confirm-person': widening(by('subtree', 'security-officer')),
  'suspend-person': by('subtree', 'security-officer'),
  'reinstate-person': widening(by('subtree', 'security-officer')),
  'add-account': by('subtree', 'system-administrator'),
  'reset-password': by('subtree', 'security-officer'),
  'start-posting': widening(by('subtree', 'security-officer')),
  'end-posting': by('subtree', 'security-officer'),
  'assign-office': widening(by('subtree', 'security-officer')),
  'remove-office': by('subtree', 'security-officer'),
  'publish-agreement': by('subtree', 'security-officer'),
  'end-sessions': by('subtree', 'security-officer'),

  // items
  'begin-intake': by('own', 'custodian'),
  'cancel-intake': by('own', 'custodian'),
  'expire-intake': system,
  'accession-item': by('own', 'custodian'),
  'describe-item': by('own', 'custodian'),
  'raise-class': by('own', 'custodian', 'approver'),
  'record-scan': system,

  // applications
  'create-application': by('own', 'requester'),
  'submit-application': by('own', 'requester'),
  'resubmit-application': by('own', 'requester'),
  'withdraw-application': by('own', 'requester'),
  'accept-offer': widening(by('own', 'requester')),
  'decline-offer': by('own', 'requester'),
  'approve-application': widening(by('seat', 'approver')),
  'deny-application': by('seat', 'approver'),
  'return-application': by('seat', 'approver'),
  'counter-application': by('seat', 'approver'),
  'withdraw-vote': by('seat', 'approver'),
  'expire-application': system,
  'invalidate-application': system,
  'escalate-application': system,

  // grants and viewing
  'open-viewing': widening(by('own', 'requester')),
  'renew-lease': widening(by('own', 'requester')),
  'close-viewing': by('own', 'requester'),
  'relinquish-grant': by('own', 'requester'),
  'revoke-grant': by('seat', 'approver', 'custodian', 'security-officer'),
  'suspend-grant': by('seat', 'approver', 'custodian', 'security-officer'),
  'resume-grant': widening(by('seat', 'approver', 'custodian', 'security-officer')),
  'confirm-vote': widening(by('seat', 'approver')),
  'expire-grant': system,
  'suspend-by-system': system,

  // the clock
  'raise-clock-fault': system,
  'clear-clock-fault': system,
  'confirm-clock': by('subtree', 'security-officer', 'system-administrator'),

  // the log
  'export-log': by('subtree', 'auditor'),
} as const satisfies Record<string, Permission>;

export type ActName = keyof typeof may;
