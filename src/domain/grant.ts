/** Grants and the viewings under them (approvals.md 2.2; R31–R42). */
import type { ApplicationKind } from './application.ts';
import type { ApplicationId, CentreId, GrantId, ItemId, PersonId, SessionId, ViewingId } from './ids.ts';

export type GrantState = 'scheduled' | 'active' | 'suspended' | 'ended';
export type GrantEnd =
  | 'expired'
  | 'unused'
  | 'start-refused'
  | 'relinquished'
  | 'revoked'
  | 'used-up'
  | 'superseded'
  | 'offboarded'
  | 'misuse'
  | 'item-gone';

export interface Grant {
  id: GrantId;
  number: string;
  /** One grant per application: unique. */
  applicationId: ApplicationId;
  kind: ApplicationKind;
  personId: PersonId;
  centreId: CentreId;
  state: GrantState;
  endReason: GrantEnd | null;
  termsHash: string;
  durationMs: number;
  notBefore: number | null;
  activateBy: number;
  absoluteEnd: number;
  startedAt: number | null;
  /** Half-open: refused at this instant (R43). */
  notAfter: number | null;
  maxUses: number | null;
  uses: number;
  stepUpAtStart: boolean;
  /** How many earlier grants this one continues (R33, R34). */
  chainLinks: number;
  createdSeq: number;
  startedSeq: number | null;
  changedSeq: number;
}

export interface GrantItem {
  /** `<grant>/<item>` */
  id: string;
  grantId: GrantId;
  itemId: ItemId;
  endedSeq: number | null;
}

/** One opening of one item under one grant in one session; renewed by leases of at most 30 s. */
export interface Viewing {
  id: ViewingId;
  grantId: GrantId;
  itemId: ItemId;
  personId: PersonId;
  sessionId: SessionId;
  openedAt: number;
  openedSeq: number;
  /** ms UTC, half-open: the end of the newest lease; only a renewal moves it (R39). */
  leaseUntil: number;
  endedAt: number | null;
  endReason: string | null;
  secondsWatched: number;
}
