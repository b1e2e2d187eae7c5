/**
 * `views/entries.csv` (custody-log L9): the entries of a package as a table for people, rendered so that a
 * checker who renders it again gets the same bytes (docs/formats/export-package.md). It adds nothing to what the
 * entries and disclosures say. No cell can turn the direction of text, and none can act as a formula: each begins
 * with a letter, a digit, a brace, or not at all.
 */
import { canonical } from '../crypto/canonical.ts';
import type { Entry, LogValue } from './entry.ts';

/** An entry as a view shows it. */
export interface ViewedEntry {
  readonly entry: Entry;
  readonly leaf: Uint8Array;
  /** Private fields that the package discloses, by name. */
  readonly disclosed: ReadonlyMap<string, LogValue>;
}

const columns = ['seq', 'time', 'kind', 'actor', 'subjects', 'facts', 'private', 'disclosed', 'leaf'];
const invisible = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
// 9999-12-31T23:59:59.999Z: beyond it a year has no four digits.
const lastTime = 253_402_300_799_999;

const pad = (value: number, digits: number): string => value.toString().padStart(digits, '0');

/** Milliseconds since 1970 UTC as RFC 3339 with milliseconds; after the year 9999 as a number. */
export function formatTime(at: number): string {
  if (at > lastTime) return at.toString();
  const ms = at % 1000;
  const seconds = Math.floor(at / 1000) % 60;
  const minutes = Math.floor(at / 60_000) % 60;
  const hours = Math.floor(at / 3_600_000) % 24;
  // Days are counted from 1 March of the year 0, so that the leap day ends a year (400 years: 146,097 days).
  const days = Math.floor(at / 86_400_000) + 719_468;
  const era = Math.floor(days / 146_097);
  const day = days - era * 146_097;
  const year = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  );
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * month + 2) / 5) + 1;
  const civilMonth = month < 10 ? month + 3 : month - 9;
  const civilYear = year + era * 400 + (civilMonth <= 2 ? 1 : 0);
  return `${pad(civilYear, 4)}-${pad(civilMonth, 2)}-${pad(date, 2)}T${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(ms, 3)}Z`;
}

function cell(text: string): string {
  const visible = text.replace(invisible, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${visible.replaceAll('"', '""')}"`;
}

const line = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/** The BOM and the line of column names. */
export function csvHeader(): Buffer {
  return Buffer.from(`\ufeff${line(columns)}`, 'utf8');
}

/** One entry's line. */
export function csvLine({ entry, leaf, disclosed }: ViewedEntry): Buffer {
  const cells = [
    entry.seq.toString(),
    formatTime(entry.at),
    entry.kind,
    entry.actor,
    entry.subjects.map(({ id, n }) => `${id}#${n}`).join(' '),
    canonical(entry.facts),
    Object.keys(entry.private).toSorted().join(' '),
    disclosed.size === 0 ? '' : canonical(Object.fromEntries(disclosed)),
    Buffer.from(leaf).toString('hex'),
  ];
  return Buffer.from(line(cells), 'utf8');
}
