/**
 * The acts on one application or grant, each allowed for this actor at this moment or refused with its code (portal
 * 1): found by the acts' own rules, so that the portal never derives a right from an office's name.
 */
import type { ApplicationId, GrantId } from '../domain/ids.ts';
import type { Context } from './act.ts';
import { acceptOffer, declineOffer } from './application/answer-offer.ts';
import { approveApplication } from './application/approve-application.ts';
import { denyApplication } from './application/deny-application.ts';
import { returnApplication } from './application/return-application.ts';
import { submitApplication } from './application/submit-application.ts';
import { withdrawApplication } from './application/withdraw-application.ts';
import { withdrawVote } from './application/withdraw-vote.ts';
import { dryRun, type Prospect } from './dry-run.ts';
import { confirmVote } from './grant/confirm-vote.ts';
import { openViewing } from './grant/open-viewing.ts';
import { relinquishGrant } from './grant/relinquish-grant.ts';
import { resumeGrant } from './grant/resume-grant.ts';
import { revokeGrant } from './grant/revoke-grant.ts';
import { suspendGrant } from './grant/suspend-grant.ts';

export type ApplicationAct =
  | 'submit-application'
  | 'withdraw-application'
  | 'accept-offer'
  | 'decline-offer'
  | 'approve-application'
  | 'deny-application'
  | 'return-application'
  | 'withdraw-vote';
export type GrantAct =
  | 'open-viewing'
  | 'relinquish-grant'
  | 'revoke-grant'
  | 'suspend-grant'
  | 'resume-grant'
  | 'confirm-vote';

/** Words that stand where a person's reason will stand. */
const said = { reasonCode: 'other', reason: '-' };

/**
 * Every act on the application. Resubmitting and countering need terms of their own: they are offered where
 * returning (for the other side) is, and judged when the terms are there.
 */
export async function allowedOnApplication(
  application: ApplicationId,
  context: Context,
  clockFault = false,
): Promise<Record<ApplicationAct, Prospect>> {
  const { reads } = context.deps;
  const row = await reads.one('application', { id: application });
  const termsHash = row?.termsHash ?? '';
  const offer = (await reads.one('offer', { applicationId: application, state: 'open' }))?.id ?? '';
  const answer = { application, offer } as Parameters<typeof acceptOffer.load>[0];
  const vote = { application, termsHash, ...said };
  return {
    'submit-application': await dryRun(submitApplication, { application }, context, clockFault),
    'withdraw-application': await dryRun(withdrawApplication, { application }, context, clockFault),
    'accept-offer': await dryRun(acceptOffer, answer, context, clockFault),
    'decline-offer': await dryRun(declineOffer, answer, context, clockFault),
    'approve-application': await dryRun(approveApplication, vote, context, clockFault),
    'deny-application': await dryRun(denyApplication, vote, context, clockFault),
    'return-application': await dryRun(returnApplication, vote, context, clockFault),
    'withdraw-vote': await dryRun(withdrawVote, { application }, context, clockFault),
  };
}

/** Every act on the grant; `open-viewing` is asked for its first item that was not taken away. */
export async function allowedOnGrant(
  grant: GrantId,
  context: Context,
  clockFault = false,
): Promise<Record<GrantAct, Prospect>> {
  const { reads } = context.deps;
  const row = await reads.one('grant', { id: grant });
  const [first] = await reads.all(
    'grantItem',
    { grantId: grant, endedSeq: null },
    { orderBy: 'itemId', limit: 1 },
  );
  const item = (first?.itemId ?? '') as Parameters<typeof openViewing.load>[0]['item'];
  const termsHash = row?.termsHash ?? '';
  return {
    'open-viewing': await dryRun(openViewing, { grant, item }, context, clockFault),
    'relinquish-grant': await dryRun(relinquishGrant, { grant }, context, clockFault),
    'revoke-grant': await dryRun(revokeGrant, { grant, ...said }, context, clockFault),
    'suspend-grant': await dryRun(suspendGrant, { grant, ...said }, context, clockFault),
    'resume-grant': await dryRun(resumeGrant, { grant }, context, clockFault),
    'confirm-vote': await dryRun(confirmVote, { grant, termsHash, ...said }, context, clockFault),
  };
}
