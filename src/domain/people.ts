/**
 * Centres, people, what they hold and what they signed (C1, C2, S3, R54). Rows as they lie in the store; a
 * column that ends in `Seq` is the number of the log entry that gave or ended the right (L4.7).
 */
import type { AccountId, CentreId, PersonId, PostingId, SessionId, UnitId } from './ids.ts';
import type { ItemClass } from './item.ts';

/** What a person may be at a centre. The last three are never one person (R54). */
export const offices = [
  'requester',
  'approver',
  'custodian',
  'auditor',
  'security-officer',
  'system-administrator',
] as const;
export type Office = (typeof offices)[number];

/** 三员: no person holds two of these, and none of them sees content (R54, R55). */
export const separatedOffices: readonly Office[] = ['auditor', 'security-officer', 'system-administrator'];

export interface Centre {
  id: CentreId;
  parentId: CentreId | null;
  name: string;
  createdSeq: number;
}

/** A unit of a centre; its leader holds the U seat (approvals.md, head). */
export interface Unit {
  id: UnitId;
  centreId: CentreId;
  name: string;
  createdSeq: number;
}

export type PersonState = 'pending' | 'active' | 'suspended' | 'left';

export interface Person {
  id: PersonId;
  /** The centre that keeps this person's record; whoever is posted elsewhere is also reached from there. */
  centreId: CentreId;
  name: string;
  /** Home affiliation, kept while posted elsewhere (C1). */
  home: string;
  clearance: ItemClass;
  state: PersonState;
  /** Rises whenever sessions of this person must end. */
  epoch: number;
  createdSeq: number;
}

/** A way to sign in. Persons are compared by person id, never by account (R5). */
export interface Account {
  id: AccountId;
  personId: PersonId;
  /** As typed, for display. */
  name: string;
  /** NFKC, trimmed, lower case; unique, and never used again once retired. */
  nameKey: string;
  passwordHash: string;
  mustChange: boolean;
  state: 'active' | 'retired';
  createdSeq: number;
}

/** Rights come from the posting and end with it (C1). `endsAt` null: open end. Times are ms UTC. */
export interface Posting {
  id: PostingId;
  personId: PersonId;
  centreId: CentreId;
  unitId: UnitId | null;
  startsAt: number;
  endsAt: number | null;
  createdSeq: number;
  endedSeq: number | null;
}

/** One office held under one posting. An approver with a `unitId` leads that unit (seat U), without one the centre (seat C, and P for centres below). */
export interface Assignment {
  id: string;
  postingId: PostingId;
  personId: PersonId;
  centreId: CentreId;
  unitId: UnitId | null;
  office: Office;
  createdSeq: number;
  endedSeq: number | null;
}

export interface Agreement {
  id: string;
  /** 1, 2, 3 …; the highest is current (R24). */
  version: number;
  text: string;
  textHash: string;
  createdSeq: number;
}

export interface Signature {
  id: string;
  personId: PersonId;
  version: number;
  createdSeq: number;
}

/** Opaque, 256 random bits in the cookie, only the hash here (reliability.md 5). */
export interface Session {
  id: SessionId;
  personId: PersonId;
  accountId: AccountId;
  personEpoch: number;
  createdAt: number;
  /** Absolute end. */
  endsAt: number;
  endedAt: number | null;
  endReason: string | null;
  createdSeq: number;
}

/** A proof by a second factor, bound to one act and one terms hash, used once, at most 5 min old (approvals.md 1). */
export interface StepUp {
  id: string;
  sessionId: SessionId;
  personId: PersonId;
  act: string;
  termsHash: string;
  madeAt: number;
  usedSeq: number | null;
}
