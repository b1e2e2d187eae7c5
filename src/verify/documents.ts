/** The small JSON members of a package (docs/formats/export-package.md), read strictly; nothing is verified here. */
import { hashFromHex } from './bytes.ts';
import { isCount, isFieldName, isLogValue, isObject, type Json, parseObject } from './canonical.ts';
import { isOrigin } from './entry.ts';
import { Malformed } from './findings.ts';
import { isSubjectId } from './subject-id.ts';

export type Disclose = 'none' | 'listed' | 'all';

export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface Scope {
  readonly kind: 'full' | 'period' | 'subject';
  readonly id?: string;
  readonly period?: Period;
}

export interface ExportDocument {
  readonly disclose: Disclose;
  readonly entries: number;
  readonly made: number;
  readonly origin: string;
  readonly parts: number;
  readonly scope: Scope;
  readonly size: number;
}

function demand(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Malformed(words);
}

function hashes(value: unknown, most: number): Uint8Array[] {
  demand(Array.isArray(value) && value.length <= most, `a list of at most ${most} hashes`);
  return (value as readonly unknown[]).map((hex) => {
    const hash = hashFromHex(hex);
    demand(hash !== undefined, 'a hash is 64 hex digits');
    return hash;
  });
}

function readScope(value: unknown): Scope {
  demand(isObject(value), 'a scope is an object');
  const { kind, id, from, to } = value;
  const names = Object.keys(value).join();
  if (names === 'kind' && kind === 'full') return { kind };
  if (names === 'id,kind' && kind === 'subject' && isSubjectId(id)) return { kind, id };
  demand(isCount(from, 0) && isCount(to, 0) && from < to, 'a period runs from one time to a later one');
  if (names === 'from,kind,to' && kind === 'period') return { kind, period: { from, to } };
  if (names === 'from,id,kind,to' && kind === 'subject' && isSubjectId(id))
    return { kind, id, period: { from, to } };
  throw new Malformed('a scope is full, a period, a subject, or a subject in a period');
}

/** Reads `export.json`. Throws `Malformed`. */
export function readExport(text: string): ExportDocument {
  const value = parseObject(text, 'disclose,entries,format,made,origin,parts,scope,size');
  const { disclose, entries, format, made, origin, parts, size } = value;
  demand(format === 'custos-export/1', 'the format is custos-export/1');
  demand(
    disclose === 'none' || disclose === 'listed' || disclose === 'all',
    'disclose is none, listed or all',
  );
  demand(isCount(entries, 1) && isCount(parts, 1) && parts <= entries, 'entries and parts are counts from 1');
  demand(parts <= 999_999, 'parts are at most 999,999');
  demand(
    isCount(size, 3) && isCount(made, 1) && made <= size - 2,
    'the export was logged before the last seal',
  );
  demand(isOrigin(origin), 'the origin is host, path and 32 hex');
  const scope = readScope(value.scope);
  demand(
    disclose !== 'all' || scope.period === undefined,
    'a period cannot promise that nothing is withheld',
  );
  return { disclose, entries, made, origin, parts, scope, size };
}

export interface LeafProof {
  readonly path: readonly Uint8Array[];
  readonly seq: number;
}

/** Reads `seal.proof` or a line of `.proofs`. Throws `Malformed`. */
export function readLeafProof(text: string): LeafProof {
  const { path, seq } = parseObject(text, 'path,seq');
  demand(isCount(seq, 0), 'a proof names an entry');
  return { path: hashes(path, 63), seq };
}

export interface RangeDocument {
  readonly consistency: readonly Uint8Array[];
  readonly end: number;
  readonly first: number;
  readonly frontier: readonly Uint8Array[];
}

/** Reads `range.json`. Throws `Malformed`. */
export function readRange(text: string): RangeDocument {
  const { consistency, end, first, frontier } = parseObject(text, 'consistency,end,first,frontier');
  demand(isCount(first, 0) && isCount(end, 1) && first < end, 'a range has a first entry and a later end');
  return { consistency: hashes(consistency, 64), end, first, frontier: hashes(frontier, 53) };
}

export interface KeyDocument {
  readonly checkpoint: string;
  readonly consistency: readonly Uint8Array[];
  readonly entry: string;
  readonly path: readonly Uint8Array[];
  readonly seq: number;
}

/** Reads `keys/<epoch>.json`. Throws `Malformed`. */
export function readKey(text: string): KeyDocument {
  const { checkpoint, consistency, entry, path, seq } = parseObject(
    text,
    'checkpoint,consistency,entry,path,seq',
  );
  demand(typeof checkpoint === 'string' && typeof entry === 'string', 'checkpoint and entry are texts');
  demand(isCount(seq, 1), 'a rotation is an entry after the first');
  return { checkpoint, consistency: hashes(consistency, 64), entry, path: hashes(path, 63), seq };
}

export interface DisclosureLine {
  readonly name: string;
  readonly salt: Uint8Array;
  readonly seq: number;
  readonly value: unknown;
}

/** Reads a line of `.disclosed`. Throws `Malformed`. */
export function readDisclosure(text: string): DisclosureLine {
  const { name, salt, seq, value }: Json = parseObject(text, 'name,salt,seq,value');
  const bytes = hashFromHex(salt);
  demand(typeof name === 'string' && isFieldName(name), 'a disclosure names a field');
  demand(bytes !== undefined && isCount(seq, 0), 'a disclosure has an entry and a salt of 32 bytes');
  demand(isLogValue(value), 'a disclosed value is one the log allows');
  return { name, salt: bytes, seq, value };
}
