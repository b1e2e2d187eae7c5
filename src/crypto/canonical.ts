/**
 * Canonical JSON (RFC 8785), the one form that is hashed, signed and bound as associated data.
 * Never drops, converts or guesses: what JSON cannot hold exactly is refused, including members that are
 * undefined, class instances and anything with a `toJSON` of its own.
 */
import canonicalize from 'canonicalize';

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Thrown for a value that has no canonical form. Carries no part of the value. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

// Deep enough for every format of ours; bounds the walk, so that a cycle is refused instead of followed.
const MAX_DEPTH = 64;

/**
 * The canonical JSON text of `value` (RFC 8785 section 3.2). Throws `NotCanonical` for undefined, NaN,
 * infinities, bigints, functions, symbols, lone surrogates, class instances, holes, cycles and depth over 64.
 */
export function canonical(value: unknown): string {
  requireJson(value, 0);
  return String(canonicalize(value));
}

function requireJson(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') requireString(value);
  else if (typeof value === 'number') requireFinite(value);
  else if (typeof value === 'object') requireContainer(value, depth);
  else throw new NotCanonical(`A ${typeof value} has no JSON form.`);
}

function requireContainer(value: object, depth: number): void {
  if (depth >= MAX_DEPTH) throw new NotCanonical('The value is nested too deeply.');
  if (Array.isArray(value)) {
    // An index loop, because `every` and `forEach` would step over holes.
    for (let i = 0; i < value.length; i += 1) requireJson(value[i], depth + 1);
    return;
  }
  requirePlain(value);
  for (const [name, member] of Object.entries(value)) {
    requireString(name);
    requireJson(member, depth + 1);
  }
}

function requireFinite(value: number): void {
  if (!Number.isFinite(value)) throw new NotCanonical('A number is not finite.');
}

function requireString(text: string): void {
  if (!text.isWellFormed()) throw new NotCanonical('A string holds a lone surrogate.');
}

function requirePlain(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null;
  if (
    !plain ||
    typeof Reflect.get(value, 'toJSON') === 'function' ||
    Object.getOwnPropertySymbols(value).length > 0
  ) {
    throw new NotCanonical('Only plain objects have a JSON form.');
  }
}
