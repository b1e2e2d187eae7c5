/**
 * What an export reads (log/export-reader.ts), at the size of a signed checkpoint. Entries never change, so a later
 * commit cannot disturb it; private values are opened by the caller, who holds the keys.
 */
import type { Disclosure, ExportReader, Rotation, StoredEntry } from '../log/export-reader.ts';
import { parseEntry } from '../log/parse-entry.ts';
import { nodesFromTiles } from '../log/tile-nodes.ts';
import { type Reader, storedRow, storedRows } from './log-rows.ts';
import { tileAt } from './log-tree.ts';

/** A private field as it is stored, with the entry that commits to it. */
export interface SealedField {
  readonly entry: Uint8Array;
  readonly seq: number;
  readonly name: string;
  readonly sealed: Uint8Array;
}
/** Value and salt, or null where the key is gone or the field is to be withheld. */
export type OpenField = (
  field: SealedField,
) => Promise<{ readonly value: unknown; readonly salt: Uint8Array } | null>;

const atOnce = 500;

async function* chain(db: Reader, id: string, first: number, last: number): AsyncGenerator<StoredEntry> {
  for (let next = first; next <= last; next += atOnce) {
    yield* await db.rows<StoredEntry>(
      `select e.seq, e.bytes from log_subject s join log_link l on l.sid = s.sid join log_entry e on e.seq = l.seq
        where s.id = ? and l.n >= ? and l.n <= ? order by l.n`,
      [id, next, Math.min(last, next + atOnce - 1)],
    );
  }
}

/** How many of `count` entries, whose times never fall, lie before `time`. */
async function countEarlier(
  count: number,
  time: number,
  entryAt: (index: number) => Promise<Uint8Array | undefined>,
): Promise<number> {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const bytes = await entryAt(middle);
    if (bytes && parseEntry(bytes).at < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function* rotations(db: Reader, size: number): AsyncGenerator<Rotation> {
  for await (const { seq, bytes } of storedRows(db, 0, size)) {
    if (!Buffer.from(bytes).includes('"kind":"key.rotated"')) continue;
    const { kind, facts } = parseEntry(bytes);
    if (kind !== 'key.rotated') continue;
    const [row] = await db.rows<{ note: string }>(
      'select note from log_checkpoint where size > ? order by size limit 1',
      [seq],
    );
    yield { seq, bytes, epoch: Number(facts.epoch), checkpoint: row?.note ?? '' };
  }
}

async function* stamps(db: Reader, size: number): AsyncGenerator<Uint8Array> {
  const rows = await db.rows<{ token: Uint8Array }>(
    'select token from log_stamp where size <= ? order by size',
    [size],
  );
  for (const { token } of rows) yield token;
}

async function disclosures(db: Reader, seqs: readonly number[], open: OpenField): Promise<Disclosure[]> {
  const found: Disclosure[] = [];
  for (const seq of seqs) {
    const fields = await db.rows<{ name: string; sealed: Uint8Array; entry: Uint8Array }>(
      `select p.name, p.sealed, e.bytes as entry from log_private p join log_entry e on e.seq = p.seq
        where p.seq = ? order by p.name`,
      [seq],
    );
    for (const { name, sealed, entry } of fields) {
      const opened = await open({ entry, seq, name, sealed });
      if (opened) found.push({ seq, name, ...opened });
    }
  }
  return found;
}

/** A reader of the first `size` entries. `open` decides what is disclosed. */
export function exportReader(db: Reader, size: number, open: OpenField): ExportReader {
  return {
    entries: (first, end) => storedRows(db, first, Math.min(end, size)),
    chain: (id, first, last) => chain(db, id, first, last),
    countBefore: (time, of) => countEarlier(of, time, async (index) => (await storedRow(db, index))?.bytes),
    chainCountBefore: (id, time, count) =>
      countEarlier(count, time, async (index) => {
        for await (const { bytes } of chain(db, id, index + 1, index + 1)) return bytes;
        return undefined;
      }),
    disclosures: (seqs) => disclosures(db, seqs, open),
    rotations: () => rotations(db, size),
    stamps: () => stamps(db, size),
    nodes: nodesFromTiles(tileAt(db, size)),
  };
}
