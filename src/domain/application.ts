/** Applications, their revisions, decisions and offers (approvals.md 2.1; D5, S8). */
import type {
  ApplicationId,
  CentreId,
  GrantId,
  ItemId,
  PersonId,
  PolicyId,
  PostingId,
  UnitId,
} from './ids.ts';
import type { ItemClass } from './item.ts';

export type ApplicationKind = 'view';

export const applicationStates = [
  'draft',
  'pending',
  'returned',
  'countered',
  'approved',
  'denied',
  'withdrawn',
  'expired',
  'invalidated',
] as const;
export type ApplicationState = (typeof applicationStates)[number];
export const finalStates: readonly ApplicationState[] = [
  'approved',
  'denied',
  'withdrawn',
  'expired',
  'invalidated',
];

/** The immutable content of one revision; `termsHash` is the SHA-256 of its RFC 8785 JSON. */
export interface Terms {
  kind: ApplicationKind;
  beneficiary: PersonId;
  /** Ascending by item id; `ranges` null = the whole item, else half-open [from, to) in ms of the item's own time. */
  items: readonly { item: ItemId; ranges: readonly (readonly [number, number])[] | null }[];
  purposeCode: string;
  purposeWords: string;
  legalBasis?: string;
  documentNumber?: string;
  /** Runs from the start, never from approval (R31). */
  durationMs: number;
  /** A fixed window, if asked for: no start before it, and none after. */
  notBefore?: number;
  maxUses?: number;
}

export interface Application {
  id: ApplicationId;
  number: string;
  kind: ApplicationKind;
  /** The centre that owns the items. */
  centreId: CentreId;
  requesterId: PersonId;
  postingId: PostingId;
  unitId: UnitId | null;
  state: ApplicationState;
  revision: number;
  termsHash: string;
  /** Highest class among the items at the last look. */
  class: ItemClass;
  /** Index of the current stage over the joined stages. */
  stage: number;
  stageDueAt: number | null;
  /** When the whole of it times out in this state. */
  ttlAt: number | null;
  /** 0 normal, 1 deputies, 2 parent centre (R51). */
  escalation: number;
  stalled: boolean;
  /** The grant that this application extends, or that ended within 30 d before (R33, R34). */
  previousGrantId: GrantId | null;
  createdAt: number;
  submittedAt: number | null;
  closedAt: number | null;
  createdSeq: number;
  changedSeq: number;
}

export interface Revision {
  /** `<application>/<revision>` */
  id: string;
  applicationId: ApplicationId;
  revision: number;
  termsHash: string;
  /** The RFC 8785 bytes, sealed under the application's key (they hold the requester's own words). */
  sealedTerms: Uint8Array;
  /** The policies that matched at submission, JSON (R19, R20). */
  policies: string;
  createdSeq: number;
}

export interface ApplicationItem {
  /** `<application>/<revision>/<item>` */
  id: string;
  applicationId: ApplicationId;
  revision: number;
  itemId: ItemId;
}

export type SeatGroup = 'U' | 'C' | 'P';
export type Outcome = 'approved' | 'denied' | 'returned' | 'countered';

export interface Decision {
  id: string;
  applicationId: ApplicationId;
  revision: number;
  termsHash: string;
  personId: PersonId;
  policyId: PolicyId;
  stage: number;
  seat: SeatGroup;
  outcome: Outcome;
  reasonCode: string;
  sealedReason: Uint8Array | null;
  stepUpId: string | null;
  at: number;
  createdSeq: number;
  withdrawnSeq: number | null;
}

/** A counter-offer: narrower terms that the requester may take (R27). */
export interface Offer {
  id: string;
  applicationId: ApplicationId;
  revision: number;
  personId: PersonId;
  termsHash: string;
  sealedTerms: Uint8Array;
  stepUpId: string | null;
  expiresAt: number;
  state: 'open' | 'accepted' | 'declined' | 'void';
  createdSeq: number;
}
