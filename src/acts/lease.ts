/**
 * The right to hand out clear bytes of one item for a short while (K6, R39). Only an act makes one; the vault opens
 * nothing without it. It ends by itself on the monotonic clock, and reading does not lengthen it.
 */
import type { GrantId, ItemId, PersonId, SessionId, ViewingId } from '../domain/ids.ts';

declare const issued: unique symbol;

/** Under what the bytes go out. */
export interface LeaseKeys {
  readonly grantId: GrantId;
  readonly itemId: ItemId;
  readonly viewingId: ViewingId;
  readonly personId: PersonId;
  readonly sessionId: SessionId;
}

export interface Lease extends LeaseKeys {
  readonly [issued]: true;
  /** False from the end of the lease on, for ever. */
  live(): boolean;
}

/** For acts only: a lease that ends `forMs` after now, the earlier of the lease's length and the grant's end (R39). */
export function issueLease(keys: LeaseKeys, forMs: number, monotonic: () => number): Lease {
  const end = monotonic() + forMs;
  return { ...keys, live: () => monotonic() < end } as Lease;
}
