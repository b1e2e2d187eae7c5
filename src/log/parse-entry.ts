/**
 * Reads the stored bytes of an entry back, strictly: the bytes must be the RFC 8785 form of what they say
 * (custody-log L2.1, L2.3). Nobody serialises again in order to hash; this only refuses other spellings.
 */
import { type Entry, maxEntryBytes } from './entry.ts';
import { checkEntry } from './entry-schema.ts';
import { LogError } from './log-error.ts';

/** Whether every object within `value` has its names strictly ascending and every text is well-formed. */
function isOrdered(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  let before: string | undefined;
  for (const [name, member] of Object.entries(value)) {
    if (before !== undefined && name <= before) return false;
    if (!name.isWellFormed() || !isOrdered(member)) return false;
    before = name;
  }
  return true;
}

/**
 * The JSON value in `text`, by the fast test of L2.3. Exact for values within L2.3's model; outside it (floats,
 * names that look like array indices) it may refuse what RFC 8785 allows. Throws `LogError` unless `text` is
 * the RFC 8785 form of its value.
 */
export function parseCanonical(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
    if (JSON.stringify(value) === text && isOrdered(value)) return value;
  } catch {
    throw new LogError('entry', 'The text is not JSON.');
  }
  throw new LogError('entry', 'The text is not canonical JSON.');
}

/** The entry in `bytes`. Throws `LogError` unless they are exactly what L2.1–L2.4 and L2.6 allow. */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > maxEntryBytes)
    throw new LogError('entry', `An entry has at most ${maxEntryBytes} bytes.`);
  let text: string;
  try {
    // ignoreBOM keeps a BOM in the text, where JSON refuses it.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new LogError('entry', 'The bytes are not UTF-8.');
  }
  const value = parseCanonical(text);
  checkEntry(value);
  return value;
}
