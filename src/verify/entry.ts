/**
 * Reads one entry of the log (custody-log L2.1–L2.6) from its exact bytes. Refuses every other spelling and
 * everything L2 does not allow; repairs nothing.
 */

import { isHash, textOf } from './bytes.ts';
import { isCount, isFieldName, isLogValue, isObject, type Json } from './canonical.ts';
import { matchEntry } from './entry-pattern.ts';
import { isActor, isSubjectId } from './subject-id.ts';

export interface SubjectLink {
  readonly id: string;
  readonly n: number;
  readonly prev: string;
}

export interface Entry {
  readonly actor: string;
  readonly at: number;
  readonly facts: Json;
  readonly kind: string;
  readonly origin: string;
  /** Field name → commitment, 64 hex. */
  readonly private: Readonly<Record<string, string>>;
  readonly seq: number;
  readonly subjects: readonly SubjectLink[];
}

/** Why bytes are no entry: a stable code and words. */
interface EntryFault {
  readonly code: string;
  readonly words: string;
}

export const maxEntryBytes = 65_534;
const noEntry = '0'.repeat(64);

const originPattern = /^[a-z0-9.-]+(?:\/[a-z0-9.-]+)*\/[0-9a-f]{32}$/;
const kindPattern = /^[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)*$/;
const maxSubjects = 128;
const maxPrivate = 32;

/** Whether `origin` is `<host>[/<path>]/<32 hex>` of at most 200 bytes (L2.2). */
export function isOrigin(origin: unknown): origin is string {
  return typeof origin === 'string' && origin.length <= 200 && originPattern.test(origin);
}

function subjectsFault(subjects: unknown): string | undefined {
  if (!Array.isArray(subjects) || subjects.length > maxSubjects) return `subjects are at most ${maxSubjects}`;
  let before = '';
  for (const link of subjects as readonly unknown[]) {
    if (!isObject(link) || Object.keys(link).join() !== 'id,n,prev')
      return 'a subject is exactly id, n and prev';
    const { id, n, prev } = link;
    if (!isSubjectId(id)) return 'a subject id is a prefix and a lower-case UUIDv7';
    if (id <= before) return 'subjects ascend by id, none twice';
    if (!isCount(n, 1) || !isHash(prev)) return 'a subject has a number from 1 and a hash before it';
    if ((n === 1) !== (prev === noEntry))
      return 'the first entry of a subject, and only it, follows 64 zeros';
    before = id;
  }
  return undefined;
}

function privateFault(fields: unknown): string | undefined {
  if (!isObject(fields)) return 'private is an object';
  const names = Object.keys(fields);
  if (names.length > maxPrivate) return `private fields are at most ${maxPrivate}`;
  let before = '';
  for (const name of names) {
    if (name <= before || !isFieldName(name)) return 'private field names ascend and are plain';
    if (!isHash(fields[name])) return 'a commitment is 64 hex';
    before = name;
  }
  return undefined;
}

function placeFault(entry: Entry): string | undefined {
  const { actor, kind, seq, subjects } = entry;
  if (actor.startsWith('person:') && !subjects.some((link) => link.id === actor))
    return 'the acting person is among the subjects';
  if ((seq === 0) !== (kind === 'log.opened')) return 'entry 0, and only it, is log.opened';
  const isOwn = kind === 'log.opened' || kind === 'seal';
  if (isOwn && (subjects.length > 0 || Object.keys(entry.private).length > 0))
    return `${kind} names no subject and hides nothing`;
  return undefined;
}

function schemaFault(entry: Json): string | undefined {
  if (entry.v !== 1) return 'v is 1';
  if (!isOrigin(entry.origin)) return 'origin is host, path and 32 hex';
  if (!isCount(entry.seq, 0) || !isCount(entry.at, 0)) return 'seq and at are integers from 0';
  const { kind } = entry;
  if (typeof kind !== 'string' || kind.length > 64 || !kindPattern.test(kind))
    return 'kind is lower-case words';
  if (!isActor(entry.actor)) return 'actor is a person or a part of the system';
  if (!isObject(entry.facts) || !isLogValue(entry.facts)) return 'facts hold what the log does not allow';
  return (
    subjectsFault(entry.subjects) ?? privateFault(entry.private) ?? placeFault(entry as unknown as Entry)
  );
}

/** An entry with the canonical text of its facts. */
export interface ReadEntry {
  readonly entry: Entry;
  readonly factsText: string;
}

/** The entry that `text` spells, or what is wrong with it: by the definition, each demand with its own words. */
export function readText(text: string): ReadEntry | EntryFault {
  let value: unknown;
  let again: string;
  try {
    value = JSON.parse(text);
    again = JSON.stringify(value);
  } catch {
    // Not JSON, or nested so deep that the stack does not carry it.
    return { code: 'ENTRY_NOT_JSON', words: 'the entry is not JSON' };
  }
  if (!isObject(value) || Object.keys(value).join() !== 'actor,at,facts,kind,origin,private,seq,subjects,v')
    return { code: 'ENTRY_MEMBERS', words: 'an entry has exactly its nine members, in order' };
  if (again !== text)
    return { code: 'ENTRY_NOT_CANONICAL', words: 'the entry is not in its one canonical spelling' };
  const fault = schemaFault(value);
  if (fault !== undefined) return { code: 'ENTRY_SCHEMA', words: fault };
  const entry = value as unknown as Entry;
  return { entry, factsText: JSON.stringify(entry.facts) };
}

/** `readText` by one pattern: the same answer for what it takes, undefined for what must be read the long way. */
export function readQuickly(text: string): ReadEntry | undefined {
  const read = matchEntry(text);
  const holds = read !== undefined && isOrigin(read.entry.origin) && placeFault(read.entry) === undefined;
  return holds ? read : undefined;
}

/** The entry in `bytes`, or what is wrong with them. */
export function readEntry(bytes: Uint8Array): ReadEntry | EntryFault {
  if (bytes.length > maxEntryBytes)
    return { code: 'ENTRY_TOO_LONG', words: `an entry has at most ${maxEntryBytes} bytes` };
  const text = textOf(bytes);
  if (text === undefined) return { code: 'ENTRY_NOT_UTF8', words: 'the bytes of the entry are not UTF-8' };
  return readQuickly(text) ?? readText(text);
}
