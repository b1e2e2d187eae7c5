/**
 * Canonical JSON (RFC 8785) for the values the log allows (custody-log L2.3): there is one spelling, so a text is
 * canonical exactly when its names ascend, its strings are well-formed and writing it again gives the same text.
 */
import { Malformed } from './findings.ts';

export type Json = Record<string, unknown>;

const maxNesting = 4;
const maxMembers = 256;
const maxUnits = 4096;
const namePattern = /^[a-z][A-Za-z0-9]{0,39}$/;

/** Whether `value` is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is an integer from `least` to 2^53 − 1 and not −0. */
export function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least && !Object.is(value, -0);
}

function isOrdered(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  let before = '';
  let isFirst = true;
  for (const [name, member] of Object.entries(value)) {
    if ((!isFirst && name <= before) || !name.isWellFormed() || !isOrdered(member)) return false;
    before = name;
    isFirst = false;
  }
  return true;
}

/** The value of a canonical text. Throws `Malformed` for any other, however deep it nests. */
export function parseCanonical(text: string): unknown {
  let value: unknown;
  let isCanonical: boolean;
  try {
    value = JSON.parse(text);
    isCanonical = JSON.stringify(value) === text && isOrdered(value);
  } catch {
    // Not JSON, or nested so deep that the stack does not carry it.
    throw new Malformed('not JSON');
  }
  if (!isCanonical) throw new Malformed('not canonical JSON');
  return value;
}

/** The object in a canonical text, with exactly the members `names` (ascending). Throws `Malformed` otherwise. */
export function parseObject(text: string, names: string): Json {
  const value = parseCanonical(text);
  if (!isObject(value) || Object.keys(value).join() !== names)
    throw new Malformed(`not an object of exactly ${names}`);
  return value;
}

/** Counts members and elements below `value`, which stands at `depth`; −1 as soon as L2.3 does not allow something. */
function countMembers(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length <= maxUnits && value.isWellFormed() ? 0 : -1;
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? 0 : -1;
  if (typeof value === 'boolean') return 0;
  if (typeof value !== 'object' || value === null || depth > maxNesting) return -1;
  let members = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      const inner = countMembers(element, depth + 1);
      members += 1 + inner;
      if (inner === -1 || members > maxMembers) return -1;
    }
    return members;
  }
  let before = '';
  for (const name of Object.keys(value)) {
    if (name <= before || !namePattern.test(name)) return -1;
    before = name;
    const inner = countMembers((value as Json)[name], depth + 1);
    members += 1 + inner;
    if (inner === -1 || members > maxMembers) return -1;
  }
  return members;
}

/** Whether L2.3 allows `value`, names ascending; a facts object is itself the first level. */
export function isLogValue(value: unknown): boolean {
  return countMembers(value, 1) !== -1;
}

/** Whether `name` may name a fact or a private field (L2.3). */
export function isFieldName(name: string): boolean {
  return namePattern.test(name);
}
