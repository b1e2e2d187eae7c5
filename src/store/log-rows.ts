/** Reads of the log's own tables, for sealing, start checks and proofs. Trusts nothing that it reads. */
import type { MapMember } from '../log/map-hash.ts';
import type { StoredRow } from '../log/recheck.ts';
import type { Connection, Value } from './connection.ts';

/** What reading needs: any session. */
export type Reader = Pick<Connection, 'rows'>;

const atOnce = 512;

/** Stored entries [from, to), ascending, in pages. Stops early where they end. */
export async function* storedRows(db: Reader, from: number, to: number): AsyncGenerator<StoredRow> {
  for (let next = from; next < to; ) {
    const rows = await db.rows<StoredRow>(
      'select seq, bytes, leaf, mac from log_entry where seq >= ? and seq < ? order by seq limit ?',
      [next, to, atOnce],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    next = last.seq + 1;
  }
}

/** Stored entries [from, to), ascending, in one look: as many as there are. */
export const storedPage = (db: Reader, from: number, to: number): Promise<StoredRow[]> =>
  db.rows<StoredRow>('select seq, bytes, leaf, mac from log_entry where seq >= ? and seq < ? order by seq', [
    from,
    to,
  ]);

/** Entries in the chain of `id` after its entry number `after`, ascending. */
export const chainRows = (
  db: Reader,
  id: string,
  after: number,
): Promise<(StoredRow & { readonly n: number })[]> =>
  db.rows<StoredRow & { readonly n: number }>(
    `select e.seq, e.bytes, e.leaf, e.mac, l.n from log_subject s
       join log_link l on l.sid = s.sid join log_entry e on e.seq = l.seq
      where s.id = ? and l.n > ? order by l.n`,
    [id, after],
  );

const lengths = [1, 4, 8, 16, 32];

/** Number and leaf hash of the newest entry of these subjects, as `log_subject` has them. */
export async function chainHeads(
  db: Reader,
  ids: readonly string[],
): Promise<Map<string, { readonly n: number; readonly leaf: string }>> {
  const heads = new Map<string, { readonly n: number; readonly leaf: string }>();
  for (let from = 0; from < ids.length; from += 32) {
    const wanted = ids.slice(from, from + 32);
    // Filled up to a few fixed lengths, so that few statements have to be prepared.
    const length = lengths.find((one) => one >= wanted.length) ?? wanted.length;
    const params = Array.from({ length }, (_, at) => wanted[at] ?? wanted[0] ?? '');
    const rows = await db.rows<{ id: string; n: number; head: Uint8Array }>(
      `select id, n, head from log_subject where id in (${params.map(() => '?').join(', ')})`,
      params,
    );
    for (const { id, n, head } of rows) heads.set(id, { n, leaf: Buffer.from(head).toString('hex') });
  }
  return heads;
}

/** One entry; undefined when it is not there. */
export async function storedRow(db: Reader, seq: number): Promise<StoredRow | undefined> {
  const [row] = await db.rows<StoredRow>('select seq, bytes, leaf, mac from log_entry where seq = ?', [seq]);
  return row;
}

/** How many entries there are, and the number that follows the newest. */
export async function logSize(db: Reader): Promise<{ readonly rows: number; readonly next: number }> {
  const [row] = await db.rows<{ rows: number; next: number | null }>(
    'select count(*) as rows, max(seq) + 1 as next from log_entry',
    [],
  );
  return { rows: row?.rows ?? 0, next: row?.next ?? 0 };
}

/** The number that follows the newest entry. */
export async function nextSeq(db: Reader): Promise<number> {
  const [row] = await db.rows<{ next: number | null }>('select max(seq) + 1 as next from log_entry', []);
  return row?.next ?? 0;
}

interface SubjectRow {
  readonly key: Uint8Array;
  readonly id: string;
  readonly n: number;
  readonly head: Uint8Array;
}
const memberOf = ({ key, n, head }: SubjectRow): MapMember => ({ key, count: n, head });

/** All subjects, ascending by key, in pages. */
export async function* allSubjects(db: Reader): AsyncGenerator<MapMember> {
  let after: Value = new Uint8Array(0);
  for (;;) {
    const rows: SubjectRow[] = await db.rows<SubjectRow>(
      'select key, id, n, head from log_subject where key > ? order by key limit 4096',
      [after],
    );
    for (const row of rows) yield memberOf(row);
    const last = rows.at(-1);
    if (!last) return;
    after = last.key;
  }
}

/** The members of one bucket of the map, ascending. */
export async function bucketMembers(db: Reader, bucket: number): Promise<MapMember[]> {
  const from = Buffer.of(Math.floor(bucket / 256), bucket % 256);
  const next = Buffer.of(Math.floor((bucket + 1) / 256) % 256, (bucket + 1) % 256);
  const rows =
    bucket === 65_535
      ? await db.rows<SubjectRow>('select key, id, n, head from log_subject where key >= ? order by key', [
          from,
        ])
      : await db.rows<SubjectRow>(
          'select key, id, n, head from log_subject where key >= ? and key < ? order by key',
          [from, next],
        );
  return rows.map(memberOf);
}

/** Links of the entries [from, to): as `<id>/<n>/<seq>`. */
export async function linkNames(db: Reader, from: number, to: number): Promise<Set<string>> {
  const rows = await db.rows<{ id: string; n: number; seq: number }>(
    'select s.id, l.n, l.seq from log_link l join log_subject s on s.sid = l.sid where l.seq >= ? and l.seq < ?',
    [from, to],
  );
  return new Set(rows.map(({ id, n, seq }) => linkName(id, n, seq)));
}
export const linkName = (id: string, n: number, seq: number): string => `${id}/${n}/${seq}`;
