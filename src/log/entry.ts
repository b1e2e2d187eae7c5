/**
 * One entry of the custody log: its members, and how a draft becomes the bytes that are stored and hashed
 * (custody-log L2.1, L2.2, L2.4, L2.5). Never reads a clock and never draws a salt: both come with the draft.
 */
import { canonical } from '../crypto/canonical.ts';
import { hmacSha256 } from '../crypto/digest.ts';
import { checkEntry, checkOrigin, checkPrivateName, checkValue } from './entry-schema.ts';
import { LogError } from './log-error.ts';
import { leafHash } from './tree.ts';

/** A value of L2.3: what public facts and private fields may hold. */
export type LogValue =
  | string
  | number
  | boolean
  | readonly LogValue[]
  | { readonly [name: string]: LogValue };

/** One subject's chain at this entry (L2.4): `n` counts from 1, `prev` is the leaf hash of entry `n − 1` in hex. */
export interface SubjectLink {
  readonly id: string;
  readonly n: number;
  readonly prev: string;
}

/** The nine members of L2.2. */
export interface Entry {
  readonly v: 1;
  readonly origin: string;
  readonly seq: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly subjects: readonly SubjectLink[];
  readonly facts: { readonly [name: string]: LogValue };
  /** Field name → commitment, 64 hex. */
  readonly private: { readonly [name: string]: string };
}

/** A private field before it is committed to: the value and 32 fresh random bytes. */
export interface PrivateValue {
  readonly value: unknown;
  readonly salt: Uint8Array;
}

/** An entry before its number, its chains and its commitments are known. `subjects`: ids, any order, none twice. */
export interface Draft {
  readonly kind: string;
  readonly actor: string;
  readonly at: number;
  readonly subjects: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly private: Readonly<Record<string, PrivateValue>>;
}

/** Where a subject's chain stands: number and leaf hash (32 bytes) of its newest entry. */
export interface SubjectHead {
  readonly n: number;
  readonly leaf: Uint8Array;
}

/** Where the log stands just before the entry. `heads` lacks a subject exactly if the log has no entry of it. */
export interface Position {
  readonly origin: string;
  readonly seq: number;
  /** `at` of entry `seq − 1`, or 0 for the first. */
  readonly prevAt: number;
  readonly heads: ReadonlyMap<string, SubjectHead>;
}

/** An entry as it is committed. `links` are the new heads' numbers: each subject's head becomes (`n`, `leaf`). */
export interface CompletedEntry {
  readonly entry: Entry;
  readonly bytes: Buffer;
  readonly leaf: Buffer;
  readonly links: readonly SubjectLink[];
}

const noEntry = '0'.repeat(64);

/**
 * The commitment of L2.5 to one private field, 64 hex. It binds value, field, entry and log, so that a
 * disclosure cannot be moved. Throws `LogError` if salt, name or value break L2.5.
 */
export function commitment(
  salt: Uint8Array,
  origin: string,
  seq: number,
  name: string,
  value: unknown,
): string {
  if (salt.length !== 32) throw new LogError('entry', 'A salt is 32 bytes.');
  checkOrigin(origin);
  checkPrivateName(name);
  checkValue(value);
  const message = canonical(['custos-private-v1', origin, seq, name, value]);
  return hmacSha256(salt, Buffer.from(message, 'utf8')).toString('hex');
}

function linkSubjects(ids: readonly string[], heads: ReadonlyMap<string, SubjectHead>): SubjectLink[] {
  return ids.toSorted().map((id) => {
    const head = heads.get(id);
    return head
      ? { id, n: head.n + 1, prev: Buffer.from(head.leaf).toString('hex') }
      : { id, n: 1, prev: noEntry };
  });
}

/**
 * Numbers, chains and commits a draft. `at` never falls below the previous entry's (L7.1).
 * Throws `LogError` for anything that L2.1–L2.5 refuse; the draft's kind is checked by `checkDraft`.
 */
export function completeEntry(draft: Draft, position: Position): CompletedEntry {
  const { origin, seq, prevAt, heads } = position;
  const commitments: Record<string, string> = {};
  for (const [name, { salt, value }] of Object.entries(draft.private)) {
    commitments[name] = commitment(salt, origin, seq, name, value);
  }
  const entry = {
    v: 1,
    origin,
    seq,
    at: Math.max(draft.at, prevAt),
    kind: draft.kind,
    actor: draft.actor,
    subjects: linkSubjects(draft.subjects, heads),
    facts: draft.facts,
    private: commitments,
  };
  checkEntry(entry);
  const bytes = Buffer.from(canonical(entry), 'utf8');
  if (bytes.length > maxEntryBytes)
    throw new LogError('entry', `An entry has at most ${maxEntryBytes} bytes.`);
  return { entry, bytes, leaf: leafHash(bytes), links: entry.subjects };
}

/** The longest entry in bytes: it fits, with its length, into a C2SP entry bundle (L2.1). */
export const maxEntryBytes = 65_534;
