/**
 * The shape of an entry, refused in all that L2.2–L2.4 do not allow. Used on what is about to be committed
 * and on what was read back; knows nothing of bytes and never repairs a value.
 */
import type { Entry, LogValue } from './entry.ts';
import { LogError } from './log-error.ts';

const originPattern = /^[a-z0-9.-]+(?:\/[a-z0-9.-]+)*\/[0-9a-f]{32}$/;
const kindPattern = /^[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)*$/;
const uuidPattern = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const subjectPattern = new RegExp(`^[a-z]{2,16}:${uuidPattern}$`);
const actorPattern = new RegExp(`^(?:person:${uuidPattern}|system:[a-z]{1,16})$`);
const namePattern = /^[a-z][A-Za-z0-9]{0,39}$/;
const hashPattern = /^[0-9a-f]{64}$/;
const entryNames = 'actor,at,facts,kind,origin,private,seq,subjects,v';
const linkNames = 'id,n,prev';
const noEntry = '0'.repeat(64);
const maxNesting = 4;
const maxMembers = 256;
const maxText = 4096;
const maxSubjects = 128;
const maxPrivate = 32;

function demand(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new LogError('entry', rule);
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0) && Number(value) >= least;
}

/** A plain object: what `JSON.parse` or a literal gives; a `Date`, a `Map` or a class is none. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Walks one value of L2.3 at `depth` and returns how many members (object members and array elements) it holds. */
function countValue(value: unknown, depth: number): number {
  if (typeof value === 'string') {
    demand(value.length <= maxText && value.isWellFormed(), 'A text is well-formed and at most 4,096 units.');
    return 0;
  }
  if (typeof value === 'boolean') return 0;
  if (typeof value === 'number') {
    demand(
      Number.isSafeInteger(value) && !Object.is(value, -0),
      'A number is an integer within ±(2^53−1), not −0.',
    );
    return 0;
  }
  demand(
    Array.isArray(value) || isRecord(value),
    'A value is a text, a flag, an integer, an array or an object.',
  );
  demand(depth <= maxNesting, `Values nest at most ${maxNesting} deep.`);
  let members = 0;
  if (Array.isArray(value)) {
    for (const element of value) members += 1 + countValue(element, depth + 1);
    return members;
  }
  for (const name of Object.keys(value)) {
    demand(namePattern.test(name), 'A member name is a lower-case letter and up to 39 letters and digits.');
    members += 1 + countValue(value[name], depth + 1);
  }
  return members;
}

/** Throws `LogError` unless `value` is one of L2.3: in an entry's facts the facts object itself is the first level. */
export function checkValue(value: unknown): asserts value is LogValue {
  demand(countValue(value, 1) <= maxMembers, `Values have at most ${maxMembers} members in all.`);
}

/** Throws `LogError` unless `origin` is `<host>[/<path>]/<32 hex>`, at most 200 bytes (L2.2). */
export function checkOrigin(origin: unknown): asserts origin is string {
  demand(isText(origin, originPattern) && origin.length <= 200, 'An origin is host, path and 32 hex.');
}

/** Throws `LogError` unless `name` may name a private field (L2.3). */
export function checkPrivateName(name: string): void {
  demand(
    namePattern.test(name),
    'A private field name is a lower-case letter and up to 39 letters and digits.',
  );
}

/** Whether `id` is the one spelling of a subject id (L2.4). */
export function isSubjectId(id: unknown): id is string {
  return isText(id, subjectPattern);
}

function checkSubjects(subjects: unknown): readonly string[] {
  demand(
    Array.isArray(subjects) && subjects.length <= maxSubjects,
    `An entry has at most ${maxSubjects} subjects.`,
  );
  const ids: string[] = [];
  let before = '';
  for (const link of subjects as readonly unknown[]) {
    demand(
      isRecord(link) && Object.keys(link).toSorted().join() === linkNames,
      'A subject is exactly id, n and prev.',
    );
    const { id, n, prev } = link;
    demand(isSubjectId(id), 'A subject id is a prefix and a lower-case UUIDv7.');
    demand(id > before, 'Subjects ascend by id, none twice.');
    demand(isCount(n, 1), 'A chain number is at least 1.');
    demand(
      isText(prev, hashPattern) && (n === 1) === (prev === noEntry),
      'The first of a chain, and only it, follows 64 zeros.',
    );
    ids.push(id);
    before = id;
  }
  return ids;
}

function checkPrivate(fields: unknown): number {
  demand(
    isRecord(fields) && Object.keys(fields).length <= maxPrivate,
    `An entry has at most ${maxPrivate} private fields.`,
  );
  for (const name of Object.keys(fields)) {
    checkPrivateName(name);
    demand(isText(fields[name], hashPattern), 'A commitment is 64 hex.');
  }
  return Object.keys(fields).length;
}

/**
 * Throws `LogError` unless `value` is an entry by L2.2–L2.4 and L2.6: exactly nine members, every limit kept,
 * `log.opened` at 0 and only there, the acting person among the subjects.
 */
export function checkEntry(value: unknown): asserts value is Entry {
  demand(
    isRecord(value) && Object.keys(value).toSorted().join() === entryNames,
    'An entry has exactly nine members.',
  );
  const { v, origin, seq, at, kind, actor, subjects, facts } = value;
  demand(v === 1, 'v is 1.');
  checkOrigin(origin);
  demand(isCount(seq, 0), 'seq is an integer from 0.');
  demand(isCount(at, 0), 'at is an integer from 0.');
  demand(
    isText(kind, kindPattern) && kind.length <= 64,
    'A kind is lower-case words, at most 64 characters.',
  );
  demand(isText(actor, actorPattern), 'An actor is a person or a part of the system.');
  const ids = checkSubjects(subjects);
  demand(actor.startsWith('system:') || ids.includes(actor), 'The acting person is among the subjects.');
  demand(isRecord(facts), 'Facts are an object.');
  checkValue(facts);
  const hidden = checkPrivate(value.private);
  demand((seq === 0) === (kind === 'log.opened'), 'The first entry, and only it, is log.opened.');
  if (kind === 'log.opened' || kind === 'seal') {
    demand(ids.length === 0 && hidden === 0, 'log.opened and seal name no subject and hide nothing.');
  }
}
