/** What the main thread and the log's worker say to each other. Plain data only; keys go over once, at the start. */
import type { Commit, Head, LogDraft, LogRefusedCode, Receipt, SealedHead } from '../acts/ports/ledger.ts';
import type { EntrySeq } from '../acts/ports/tables.ts';
import type { KindRegistry } from '../log/kinds.ts';
import type { MapProof } from '../log/map-proof.ts';
import type { Value } from './connection.ts';

/** How a database is reached: `sqlite:/path/custos.db` or `postgres://…`. */
export interface StoreAddress {
  readonly url: string;
  /** Accepts a PostgreSQL that loses what it acknowledged: for tests that are not about durability. */
  readonly unsafeNoFsync?: boolean;
}

/** Which log this is, who signs it, and where its head lies. */
export interface LogConfig {
  readonly origin: string;
  readonly epoch: number;
  /** Ed25519 seed of the epoch, 32 bytes. */
  readonly seed: Uint8Array;
  /** Append keys by number; new entries take `appendKey` (L4.5). */
  readonly appendKeys: Readonly<Record<number, Uint8Array>>;
  readonly appendKey: number;
  readonly headPath: string;
  readonly kinds: KindRegistry;
  /** Below this many free bytes nothing is written, default 64 MiB (L4.6). */
  readonly freeSpaceMark?: number;
  /** A seal follows the first unsealed entry after this time, ms, default 350. */
  readonly sealAfterMs?: number;
  /** An idle log is sealed after this time, ms, default 15 min. */
  readonly sealIdleMs?: number;
}

export type WorkerStart = StoreAddress & LogConfig;

/** A value, or the mark of an entry's number. */
export type Param = Value | EntrySeq;
export interface SqlWrite {
  readonly sql: string;
  readonly params: readonly Param[];
}
/** A working write, outside any commit. */
export interface PlainWrite {
  readonly sql: string;
  readonly params: readonly Value[];
}
/** An act's commit, its writes as SQL. */
export type SqlCommit = Omit<Commit, 'writes'> & { readonly writes: readonly SqlWrite[] };

export type Ask =
  | { readonly ask: 'append'; readonly groups: readonly (readonly LogDraft[])[] }
  | { readonly ask: 'commit'; readonly commit: SqlCommit }
  | { readonly ask: 'hold' }
  | { readonly ask: 'release' }
  | { readonly ask: 'seal' }
  | { readonly ask: 'prove'; readonly ids: readonly string[] }
  | { readonly ask: 'write'; readonly writes: readonly PlainWrite[] }
  | { readonly ask: 'close' };

export type Refused = { readonly refused: string };
export interface Proved {
  readonly head: SealedHead;
  readonly proofs: readonly MapProof[];
}
export interface Answers {
  readonly append: readonly (readonly Receipt[] | Refused)[];
  readonly commit: readonly Receipt[] | 'taken' | { readonly conflict: string };
  readonly hold: true;
  readonly release: true;
  readonly seal: SealedHead;
  readonly prove: Proved;
  readonly write: readonly number[];
  readonly close: true;
}

/** `unavailable`: nothing can be written now. `fault`: this call alone was wrong. */
export interface Problem {
  readonly problem: 'unavailable' | 'fault';
  readonly message: string;
}

export type Told =
  | { readonly told: 'answer'; readonly id: number; readonly answer: unknown; readonly head: Head }
  | { readonly told: 'problem'; readonly id: number; readonly problem: Problem; readonly head: Head }
  | { readonly told: 'ready'; readonly head: Head; readonly sealed: SealedHead }
  | { readonly told: 'sealed'; readonly sealed: SealedHead; readonly head: Head }
  /** The database failed: this worker ends, another may begin. */
  | { readonly told: 'down'; readonly message: string }
  /** The log is not what was written: nothing begins again. */
  | { readonly told: 'refused'; readonly code: LogRefusedCode; readonly message: string }
  /** The database cannot be used as it is set up. */
  | { readonly told: 'unusable'; readonly message: string };
