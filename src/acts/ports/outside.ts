/** Everything else that acts need from outside: time, chance, keys, passwords, live connections. */
import type { Judged } from '../../domain/clock.ts';
import type { GrantEnd } from '../../domain/grant.ts';
import type { GrantId, ItemId, PersonId, SessionId } from '../../domain/ids.ts';

export interface Clock {
  /** Effective time and health against the log's newest `at` (R45–R47). */
  judge(mark: number): Judged;
  /** The wall clock is right as it stands, by the word of two officers: it is believed anew, never below `mark` (R46). */
  confirm(mark: number): void;
  /** Two officers have let the wall clock stay `lag` ms behind the log, at another node or before this start. */
  allow(lag: number): void;
  /** Never goes back, ms, arbitrary origin. */
  monotonic(): number;
}

export interface Chance {
  /** A fresh UUIDv7, lower case. */
  id(): string;
  /** `size` random bytes from the system's generator. */
  bytes(size: number): Uint8Array;
}

/** Seals what must not lie readable in the store, under the key of the subject it belongs to (K2.1, L8). */
export interface Privacy {
  /**
   * Reserves a keyring leaf for a new subject; durable before return, so it is never handed out twice (K2.2). The
   * first leaf of a collection makes its keyring.
   */
  reserve(collection: string): Promise<{ readonly collection: string; readonly keyIndex: number }>;
  /** `key` is given for a subject that is being created in the same commit. */
  seal(
    subject: string,
    field: string,
    text: string,
    key?: { readonly collection: string; readonly keyIndex: number },
  ): Promise<Uint8Array>;
  /** Null when the key is gone: erased or shredded. */
  open(subject: string, field: string, sealed: Uint8Array): Promise<string | null>;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** The same work for an unknown name (`stored` null): X44. Rejects with `Busy` when the queue is full. */
  verify(password: string, stored: string | null): Promise<boolean>;
}
export class Busy extends Error {
  override readonly name = 'Busy';
}

/** SHA-256 and RFC 8785, so that acts stay free of crypto. */
export interface Digests {
  sha256(text: string | Uint8Array): string;
  canonical(value: unknown): string;
}

/** What ends, at once, for whoever is connected under it (R37). */
export type Ending =
  | { readonly ends: 'grant'; readonly id: GrantId; readonly reason: GrantEnd | 'suspended' }
  | { readonly ends: 'grant-item'; readonly id: GrantId; readonly item: ItemId }
  | { readonly ends: 'session'; readonly id: SessionId }
  | { readonly ends: 'person'; readonly id: PersonId; readonly reason: string }
  | { readonly ends: 'viewing'; readonly id: string }
  | { readonly ends: 'everything'; readonly reason: string };

/** Something changed that open pages may want to read again: ids and kinds only. */
export interface Notice {
  readonly kind: string;
  readonly id: string;
  /** Who may learn of it; nobody else is told. */
  readonly to: readonly PersonId[];
}

export interface Live {
  /** Cuts local streams in the same step; resolves when every other node has confirmed or its lease has run out (R38). */
  end(endings: readonly Ending[]): Promise<void>;
  tell(notices: readonly Notice[]): void;
}

/** Misses by account or by the HMAC of an unknown name; kept outside custody's tables and changed without an entry. */
export interface SignInGuard {
  /** Seconds to wait, or 0. */
  blockedFor(nameKey: string, now: number): Promise<number>;
  missed(nameKey: string, now: number): Promise<void>;
  cleared(nameKey: string): Promise<void>;
}
