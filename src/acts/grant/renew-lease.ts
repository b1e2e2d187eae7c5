/**
 * The player's heartbeat (R32, R39, R42): everything is tested anew, and the lease moves on by at most 30 s, never
 * past the grant's end. An act and not a fact, because it changes what the next response may rely on and adds up the
 * seconds watched.
 */
import { z } from 'zod';
import type { ViewingId } from '../../domain/ids.ts';
import { subjectOf } from '../../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { useRefusal } from '../../domain/window.ts';
import type { Act, Moment, RefusedWithEffect } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { update } from '../ports/tables.ts';
import { dueEvent, endGrant, suspendGrant } from './ending.ts';
import { loadOwnViewing, type ViewingFile } from './own-viewing.ts';
import { itemRefusal, recheck } from './recheck.ts';

const input = z.strictObject({
  viewing: idInput<'viewing'>(),
  /** Whole seconds that were played since the last heartbeat, as the player says. */
  secondsWatched: z.number().int().min(0).max(86_400),
});
type Input = z.infer<typeof input>;

export interface Renewed {
  readonly viewing: ViewingId;
  /** ms UTC, half-open. */
  readonly leaseUntil: number;
  readonly notAfter: number;
  /** ms UTC: the server's clock, for the player's own (portal, heartbeat). */
  readonly now: number;
  readonly secondsWatched: number;
}

/** Uses are counted when something is opened: a running viewing may go on under the last one (X19). */
const runningRefusal = ({ grant }: ViewingFile, now: number): Refusal | undefined =>
  useRefusal({ ...grant, maxUses: null }, now);

/** Why this viewing may not go on; undefined if it may. */
export function viewingRefusal(found: ViewingFile, now: number): Refusal | undefined {
  const { viewing, proof } = found;
  if (proof) return proof;
  if (viewing.endedAt !== null) return refuse('viewing-ended', { rule: 'R39' });
  return runningRefusal(found, now) ?? itemRefusal(found, viewing.itemId) ?? recheck(found, now)?.refusal;
}

function refused(found: ViewingFile, moment: Moment): Refusal | RefusedWithEffect | undefined {
  const { now } = moment;
  const due = found.proof ? undefined : dueEvent(found, now);
  if (due) {
    const ended = endGrant(found, due, moment);
    return isRefusal(ended) ? ended : { ...ended, refusal: refuse('grant-ended', { rule: 'R43' }) };
  }
  const refusal = viewingRefusal(found, now);
  if (!refusal || found.proof || found.grant.state !== 'active') return refusal;
  const failure = recheck(found, now);
  if (failure?.cause !== 'class-raised' && failure?.cause !== 'clearance') return refusal;
  const suspended = suspendGrant(found, failure.cause, moment);
  return isRefusal(suspended) ? refusal : { ...suspended, refusal };
}

/** What the player claims, but never more than the time since it was opened allows at the fastest speed. */
export const watchedSoFar = (found: ViewingFile, claimed: number, now: number): number => {
  const fastest = 4;
  const possible = Math.ceil(((now - found.viewing.openedAt) / 1000) * fastest);
  return Math.min(found.viewing.secondsWatched + claimed, Math.max(found.viewing.secondsWatched, possible));
};

export const renewLease: Act<Input, ViewingFile, Renewed> = {
  name: 'renew-lease',
  input,
  load: ({ viewing }, context) => loadOwnViewing(viewing, context),
  decide(found, asked, moment) {
    const no = refused(found, moment);
    if (no) return no;
    const { viewing, grant } = found;
    const { now, settings } = moment;
    const notAfter = grant.notAfter ?? grant.absoluteEnd;
    const leaseUntil = Math.min(now + settings.leaseMs, notAfter);
    const secondsWatched = watchedSoFar(found, asked.secondsWatched, now);
    return {
      entries: [
        entry(
          'lease.issued',
          [
            subjectOf('item', viewing.itemId),
            subjectOf('grant', grant.id),
            subjectOf('application', grant.applicationId),
            subjectOf('centre', grant.centreId),
          ],
          { grant: grant.id, viewing: viewing.id, until: leaseUntil, secondsWatched },
        ),
      ],
      writes: [update('viewing', viewing.id, { leaseUntil, secondsWatched })],
      result: { viewing: viewing.id, leaseUntil, notAfter, now, secondsWatched },
    };
  },
};
