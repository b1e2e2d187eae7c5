/** Items in custody and their intake (S7, S10, K5). */
import type { CentreId, ItemId, PersonId } from './ids.ts';

/** 一般, 受限, 敏感, in rising order; anything above is refused at intake (R63). */
export const itemClasses = ['ordinary', 'restricted', 'sensitive'] as const;
export type ItemClass = (typeof itemClasses)[number];

/** True if `a` is at least `b`. */
export const classReaches = (a: ItemClass, b: ItemClass): boolean =>
  itemClasses.indexOf(a) >= itemClasses.indexOf(b);

export type ItemKind = 'recording' | 'document';
/** quarantine: taken in, not to be opened; held: in custody. */
export type ItemState = 'quarantine' | 'held' | 'shredded';
/** `not-scanned` is said wherever the item is shown (S10). */
export type ScanState = 'clean' | 'infected' | 'not-scanned';

export interface Item {
  id: ItemId;
  centreId: CentreId;
  /** Register number, `2026-000042`, unique within the centre, never reused. */
  number: string;
  kind: ItemKind;
  class: ItemClass;
  source: string;
  place: string;
  /** ms UTC, half-open. */
  recordedFrom: number | null;
  recordedTo: number | null;
  custodianId: PersonId;
  state: ItemState;
  scan: ScanState;
  /** As found in the bytes, never as claimed. */
  mediaType: string;
  claimedType: string;
  size: number;
  sha256: string;
  durationMs: number | null;
  /** ffprobe's findings, JSON; '' when there are none. */
  probe: string;
  /** The title, sealed under the item's key; never plain in the store. */
  sealedTitle: Uint8Array;
  objectName: string;
  wrappedDek: Uint8Array;
  sealedManifest: Uint8Array;
  /** Person ids recorded as involved, JSON list (R3). */
  involved: string;
  version: number;
  acceptedAt: number;
  createdSeq: number;
  changedSeq: number;
}

export type IntakeState = 'open' | 'accepted' | 'cancelled' | 'expired' | 'refused';

/** An upload under way. It has the id that its item will have; what was typed is sealed (K5). */
export interface Intake {
  id: ItemId;
  centreId: CentreId;
  personId: PersonId;
  size: number;
  /** Declared SHA-256 (hex) of the whole, or ''. */
  declaredSha256: string;
  sealedDescription: Uint8Array;
  wrappedDek: Uint8Array;
  objectName: string;
  state: IntakeState;
  expiresAt: number;
  createdAt: number;
  createdSeq: number;
}
