/**
 * Every act by its name: the table that doors look acts up in, and that the test of "every act, wrong office, wrong
 * centre" walks. An act that is not here does not exist.
 */

import { changePassword } from './access/change-password.ts';
import { proveStepUp } from './access/prove-step-up.ts';
import { setUp } from './access/set-up.ts';
import { signAgreement } from './access/sign-agreement.ts';
import { signIn } from './access/sign-in.ts';
import { signOut } from './access/sign-out.ts';
import { signOutEverywhere } from './access/sign-out-everywhere.ts';
import type { AnyAct } from './act.ts';
import { acceptOffer, declineOffer } from './application/answer-offer.ts';
import { approveApplication } from './application/approve-application.ts';
import { counterApplication } from './application/counter-application.ts';
import { createApplication } from './application/create-application.ts';
import { denyApplication } from './application/deny-application.ts';
import { escalateApplication } from './application/escalate-application.ts';
import { resubmitApplication } from './application/resubmit-application.ts';
import { returnApplication } from './application/return-application.ts';
import { submitApplication } from './application/submit-application.ts';
import { expireApplication, invalidateApplication } from './application/timed-closing.ts';
import { withdrawApplication } from './application/withdraw-application.ts';
import { withdrawVote } from './application/withdraw-vote.ts';
import { clearClockFault, raiseClockFault } from './clock/clock-fault.ts';
import { confirmClock } from './clock/confirm-clock.ts';
import { closeViewing } from './grant/close-viewing.ts';
import { confirmVote } from './grant/confirm-vote.ts';
import { expireGrant } from './grant/expire-grant.ts';
import { openViewing } from './grant/open-viewing.ts';
import { relinquishGrant } from './grant/relinquish-grant.ts';
import { renewLease } from './grant/renew-lease.ts';
import { resumeGrant } from './grant/resume-grant.ts';
import { revokeGrant } from './grant/revoke-grant.ts';
import { suspendBySystem, suspendGrant } from './grant/suspend-grant.ts';
import { accessionItem } from './intake/accession-item.ts';
import { beginIntake } from './intake/begin-intake.ts';
import { cancelIntake } from './intake/cancel-intake.ts';
import { describeItem } from './intake/describe-item.ts';
import { expireIntake } from './intake/expire-intake.ts';
import { raiseClass } from './intake/raise-class.ts';
import { recordScan } from './intake/record-scan.ts';
import { exportLog } from './log/export-log.ts';
import type { ActName } from './may.ts';
import { addAccount } from './people/add-account.ts';
import { assignOffice } from './people/assign-office.ts';
import { confirmPerson } from './people/confirm-person.ts';
import { createCentre } from './people/create-centre.ts';
import { createPerson } from './people/create-person.ts';
import { createUnit } from './people/create-unit.ts';
import { endPosting } from './people/end-posting.ts';
import { endSessions } from './people/end-sessions.ts';
import { publishAgreement } from './people/publish-agreement.ts';
import { reinstatePerson } from './people/reinstate-person.ts';
import { removeOffice } from './people/remove-office.ts';
import { resetPassword } from './people/reset-password.ts';
import { startPosting } from './people/start-posting.ts';
import { suspendPerson } from './people/suspend-person.ts';

export const acts = {
  // first run and sign-in
  'set-up': setUp,
  'sign-in': signIn,
  'sign-out': signOut,
  'sign-out-everywhere': signOutEverywhere,
  'prove-step-up': proveStepUp,
  'change-password': changePassword,
  'sign-agreement': signAgreement,

  // people
  'create-centre': createCentre,
  'create-unit': createUnit,
  'create-person': createPerson,
  'confirm-person': confirmPerson,
  'suspend-person': suspendPerson,
  'reinstate-person': reinstatePerson,
  'add-account': addAccount,
  'reset-password': resetPassword,
  'start-posting': startPosting,
  'end-posting': endPosting,
  'assign-office': assignOffice,
  'remove-office': removeOffice,
  'publish-agreement': publishAgreement,
  'end-sessions': endSessions,

  // items
  'begin-intake': beginIntake,
  'cancel-intake': cancelIntake,
  'expire-intake': expireIntake,
  'accession-item': accessionItem,
  'describe-item': describeItem,
  'raise-class': raiseClass,
  'record-scan': recordScan,

  // applications and decisions
  'create-application': createApplication,
  'submit-application': submitApplication,
  'resubmit-application': resubmitApplication,
  'withdraw-application': withdrawApplication,
  'accept-offer': acceptOffer,
  'decline-offer': declineOffer,
  'approve-application': approveApplication,
  'deny-application': denyApplication,
  'return-application': returnApplication,
  'counter-application': counterApplication,
  'withdraw-vote': withdrawVote,
  'expire-application': expireApplication,
  'invalidate-application': invalidateApplication,
  'escalate-application': escalateApplication,

  // grants and viewings
  'open-viewing': openViewing,
  'renew-lease': renewLease,
  'close-viewing': closeViewing,
  'relinquish-grant': relinquishGrant,
  'revoke-grant': revokeGrant,
  'suspend-grant': suspendGrant,
  'resume-grant': resumeGrant,
  'confirm-vote': confirmVote,
  'expire-grant': expireGrant,
  'suspend-by-system': suspendBySystem,

  // the clock
  'raise-clock-fault': raiseClockFault,
  'clear-clock-fault': clearClockFault,
  'confirm-clock': confirmClock,

  // the log
  'export-log': exportLog,
} as const satisfies Record<ActName, AnyAct>;
