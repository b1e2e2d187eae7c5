/** The custody log and the store behind it, as acts see them (custody-log L4). */
import type { Write } from './tables.ts';

/** A private field on its way into the log: committed to by HMAC under `salt`, kept as `sealed` (L2.5, L8). */
export interface PrivateField {
  readonly value: unknown;
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
}

/** An entry before its number, chains and hashes are known. `subjects` are ids, any order, no doubles. */
export interface LogDraft {
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly subjects: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly private: Readonly<Record<string, PrivateField>>;
}

export interface Head {
  /** The number that the next entry will have. */
  readonly next: number;
  /** `at` of the newest entry, ms UTC: the high-water mark of R45. */
  readonly at: number;
}

export interface Receipt {
  readonly seq: number;
  /** Leaf hash, 64 hex. */
  readonly leaf: string;
  readonly at: number;
}

/** What a sealed state of the log looks like from outside. */
export interface SealedHead {
  readonly size: number;
  /** The signed note's exact text. */
  readonly note: string;
}

export interface Commit {
  readonly expected: Head;
  readonly entries: readonly LogDraft[];
  readonly writes: readonly Write[];
}

/** One stored entry. */
export interface StoredEntry {
  readonly seq: number;
  /** The exact bytes (L2.1). */
  readonly bytes: Uint8Array;
  /** 64 hex. */
  readonly leaf: string;
}

/** Where a subject's chain stands: number and leaf hash (64 hex) of its newest entry. */
export interface ChainHead {
  readonly n: number;
  readonly leaf: string;
}

/**
 * Every call is durable on return. Rejects with `LogUnavailable` when nothing can be written (L4.6): then no act
 * succeeds and no plaintext byte leaves.
 */
export interface Ledger {
  /**
   * Runs head-read, decision and commit as the only writer of this node, and again while the work answers `taken`
   * (L4.2): bounded, with the database's own lock after the first loss. Rejects with `LogUnavailable` after the last.
   */
  exclusively<T>(work: () => Promise<T | 'taken'>): Promise<T>;
  head(): Promise<Head>;
  /** True while no entry was stored beyond `head`, by whichever node: what was read since was of one state. */
  stands(head: Head): Promise<boolean>;
  /** `taken`: someone else has the number; read, decide and commit again (L4.2). `conflict`: a unique rule other than the log's number. */
  commit(commit: Commit): Promise<readonly Receipt[] | 'taken' | { readonly conflict: string }>;
  /** Group commit of facts that need no decision (L4.3). */
  append(facts: readonly LogDraft[]): Promise<readonly Receipt[]>;
  /** Seals and signs now; returns once the head store holds it (L5.1). */
  seal(): Promise<SealedHead>;
  /** The exact stored bytes of an entry, after its mac was checked; rejects with `LogUnavailable` if it is missing or wrong (L4.7). */
  entry(seq: number): Promise<{ readonly bytes: Uint8Array; readonly leaf: string }>;
  /** Where the chains of these subjects stand, in one look; a subject without an entry is left out. */
  chainHeads(ids: readonly string[]): Promise<ReadonlyMap<string, ChainHead>>;
  /**
   * The entries of one chain after `after` (all, if undefined), each with its mac, its place and its link to the one
   * before checked. Rejects with `ChainBroken` where the chain is not whole.
   */
  chain(id: string, after: ChainHead | undefined): Promise<readonly StoredEntry[]>;
  /** Entries [from, to) ascending, macs checked, with a breath between pages. Rejects with `LogUnavailable`. */
  entries(from: number, to: number): AsyncIterable<StoredEntry>;
}

/** A subject's chain is not what its entries say: an entry or a link was removed, moved or changed. */
export class ChainBroken extends Error {
  override readonly name = 'ChainBroken';
}

/** The log cannot be written or read: 503 for all that needs it. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}

/** Why a log does not start (L5.4). There is no way around it. */
export type LogRefusedCode = 'LOG_HEAD_MISSING' | 'LOG_ROLLED_BACK' | 'LOG_DIVERGED' | 'LOG_BROKEN';

/** The stored log is not what was signed: the service does not start, or stops (L5.2, L5.4). */
export class LogRefused extends Error {
  override readonly name = 'LogRefused';
  readonly code: LogRefusedCode;

  constructor(code: LogRefusedCode, message: string) {
    super(message);
    this.code = code;
  }
}
