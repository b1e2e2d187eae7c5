/**
 * The seal file `seal.json` (K2.5): which kind of seal closes the root key, and the root key wrapped under it.
 * All of it but the wrapped key is bound to the wrapped key; none of it is secret. Not trusted: whoever can write
 * here can at most make the node unopenable.
 */
import { join } from 'node:path';
import type { Argon2Cost } from '../crypto/argon2.ts';
import { canonical, type Json } from '../crypto/canonical.ts';
import { readIfThere, replaceFile } from './durable.ts';

/** How the root key is closed. Bytes are lower-case hex. */
export type SealTerms =
  | { readonly kind: 'key-file'; readonly keyFile: string }
  | { readonly kind: 'passphrase'; readonly salt: string; readonly cost: Argon2Cost }
  | { readonly kind: 'shares'; readonly set: string; readonly threshold: number; readonly total: number };

/** A seal as it lies in the keys folder. */
export type Seal = {
  readonly terms: SealTerms;
  /** Public fingerprint of the root key inside, 64 hex digits. */
  readonly root: string;
  /** The root key wrapped under the seal's key, hex. */
  readonly wrapped: string;
};

/** Thrown for every material that does not open the seal, and for a damaged seal. Never says why. */
export class UnsealRefused extends Error {
  override readonly name = 'UnsealRefused';
  constructor() {
    super('The seal did not open.');
  }
}

const FORMAT = 'custos-seal/1';
// A file that can be written by others must not order any amount of memory or time (1 GiB, 99 passes, 9 lanes).
const COST_LIMITS: Argon2Cost = { memory: 1_048_576, passes: 99, lanes: 9 };

/** Where the seal of a keys folder lies. */
export function sealPath(folder: string): string {
  return join(folder, 'seal.json');
}

/** What the wrapped root key is bound to. */
export function sealBinding(terms: SealTerms, root: string): Json {
  return { format: FORMAT, root, terms };
}

/** Replaces the seal file; durable when it resolves. */
export async function writeSeal(folder: string, { terms, root, wrapped }: Seal): Promise<void> {
  await replaceFile(
    sealPath(folder),
    Buffer.from(`${canonical({ format: FORMAT, root, terms, wrapped })}\n`),
  );
}

/** The seal of a folder, or undefined when it has none. Throws `UnsealRefused` for anything but a seal. */
export function readSeal(folder: string): Seal | undefined {
  const bytes = readIfThere(sealPath(folder));
  if (bytes === undefined) return undefined;
  const seal = parseSeal(bytes.toString('utf8'));
  if (seal === undefined) throw new UnsealRefused();
  return seal;
}

function parseSeal(text: string): Seal | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const terms = parseTerms(Object(member(value, 'terms')));
    const [root, wrapped] = [hex(member(value, 'root')), hex(member(value, 'wrapped'))];
    // Writing it again catches surplus members, another format and another spelling.
    return `${canonical({ format: FORMAT, root, terms, wrapped })}\n` === text
      ? { terms, root, wrapped }
      : undefined;
  } catch {
    return undefined;
  }
}

function parseTerms(value: object): SealTerms {
  const kind = member(value, 'kind');
  if (kind === 'key-file') return { kind, keyFile: String(member(value, 'keyFile')) };
  if (kind === 'shares') {
    const [threshold, total] = [number(value, 'threshold', 255), number(value, 'total', 255)];
    return { kind, set: hex(member(value, 'set')), threshold, total };
  }
  if (kind !== 'passphrase') throw new UnsealRefused();
  const cost = Object(member(value, 'cost'));
  return {
    kind,
    salt: hex(member(value, 'salt')),
    cost: {
      memory: number(cost, 'memory', COST_LIMITS.memory),
      passes: number(cost, 'passes', COST_LIMITS.passes),
      lanes: number(cost, 'lanes', COST_LIMITS.lanes),
    },
  };
}

function member(value: unknown, name: string): unknown {
  return Reflect.get(Object(value), name);
}

function hex(value: unknown): string {
  if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})+$/.test(value)) throw new UnsealRefused();
  return value;
}

function number(value: object, name: string, limit: number): number {
  const found = member(value, name);
  if (typeof found !== 'number' || !(found >= 1 && found <= limit)) throw new UnsealRefused();
  return found;
}
