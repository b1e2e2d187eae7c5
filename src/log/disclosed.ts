/**
 * Private fields in an export (custody-log L8, L9): the lines of `.disclosed`, each checked against its
 * commitment, and the account that `all` demands, where every field is disclosed or erased by a later entry.
 */
import { canonical } from '../crypto/canonical.ts';
import type { ViewedEntry } from './entries-csv.ts';
import { commitment, type Entry } from './entry.ts';
import type { Disclosure } from './export-reader.ts';
import { LogError } from './log-error.ts';

/** One line of `.disclosed`, with its LF. Throws `LogError` unless it opens the entry's commitment. */
export function disclosedLine(entry: Entry, { name, value, salt }: Disclosure): string {
  const committed = Object.hasOwn(entry.private, name) ? entry.private[name] : undefined;
  if (commitment(salt, entry.origin, entry.seq, name, value) !== committed) {
    throw new LogError('export', `A private value of entry ${entry.seq} does not open its commitment.`);
  }
  return `${canonical({ name, salt: Buffer.from(salt).toString('hex'), seq: entry.seq, value })}\n`;
}

/** The disclosures by entry, each entry's ascending by name. Throws `LogError` for one twice or of none of `seqs`. */
export function sortDisclosures(
  seqs: readonly number[],
  disclosures: readonly Disclosure[],
): ReadonlyMap<number, readonly Disclosure[]> {
  const known = new Set(seqs);
  const fields = new Set(disclosures.map(({ seq, name }) => `${seq} ${name}`));
  if (fields.size < disclosures.length || disclosures.some(({ seq }) => !known.has(seq))) {
    throw new LogError('export', 'A disclosure is doubled or belongs to no entry of the part.');
  }
  const ascending = disclosures.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Map.groupBy(ascending, ({ seq }) => seq);
}

/** Keeps account of private fields that are not disclosed, until an `erased` entry speaks for them. */
export class OpenFields {
  readonly #open = new Set<string>();

  /** Takes note of the next entry, in ascending order. */
  follow({ entry, disclosed }: ViewedEntry): void {
    for (const name of Object.keys(entry.private)) {
      if (!disclosed.has(name)) this.#open.add(`${entry.seq} ${name}`);
    }
    const targets = entry.kind === 'erased' ? entry.facts.targets : undefined;
    if (!Array.isArray(targets)) return;
    for (const { names, seq } of targets) {
      for (const name of names) this.#open.delete(`${seq} ${name}`);
    }
  }

  /** Throws `LogError` if a field is neither disclosed nor erased. */
  close(): void {
    const [first] = this.#open;
    if (first !== undefined)
      throw new LogError('export', `A private field is missing without erasure: ${first}.`);
  }
}
