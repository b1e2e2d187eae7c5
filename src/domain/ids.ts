/**
 * Identifiers. Every custody noun has a UUIDv7 of its own, lower case, never reused (custody-log L2.4); the
 * brand keeps one noun's id from standing where another's is meant.
 */
declare const noun: unique symbol;

/** A lower-case UUIDv7 that names one thing of kind `K` for ever. */
export type Id<K extends string> = string & { readonly [noun]: K };

export type CentreId = Id<'centre'>;
export type UnitId = Id<'unit'>;
export type PersonId = Id<'person'>;
export type AccountId = Id<'account'>;
export type PostingId = Id<'posting'>;
export type ItemId = Id<'item'>;
export type ApplicationId = Id<'application'>;
export type GrantId = Id<'grant'>;
export type ViewingId = Id<'viewing'>;
export type PolicyId = Id<'policy'>;
/** SHA-256 (hex) of a session token; the token itself is never stored. */
export type SessionId = Id<'session'>;

/** Things that have a chain of their own in the custody log. */
export type SubjectKind =
  | 'centre'
  | 'person'
  | 'item'
  | 'intake'
  | 'application'
  | 'grant'
  | 'policy'
  | 'agreement'
  /** Entries that give, change or end one right, and no others (L4.7). */
  | 'right'
  /** One fault of the clock, from its alarm to its end (R46). */
  | 'fault';

/** `item:018f…`: the one spelling of a subject in the log (L2.4). */
export type SubjectId = `${SubjectKind}:${string}`;

export const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Marks a string as the id of a `K`, without a check: for ids that were just made or come from our own rows. */
export const asId = <K extends string>(text: string): Id<K> => text as Id<K>;

/** The log's name of a thing. */
export const subjectOf = (kind: SubjectKind, id: string): SubjectId => `${kind}:${id}`;
