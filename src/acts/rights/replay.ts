/**
 * The whole log replayed into the rows that it implies, and compared with the rows that are there (custody-log L4.7, I19).
 * Holds one small record for each right, whatever the number of entries; sessions are forgotten once none of their time
 * can still run. Changes nothing.
 */
import type { Ledger } from '../ports/ledger.ts';
import type { Reads } from '../ports/tables.ts';
import {
  type Columns,
  differing,
  type Implied,
  impliedAfter,
  impliedBy,
  keyOf,
  type RightTable,
  rightTables,
} from './implied.ts';
import { aboutOf, type Difference, saidBy } from './proof.ts';

const sessionsKeptMs = 30 * 24 * 3_600_000;
const rowsAtOnce = 200;
const rounds = 8;

export class Replay {
  readonly #rows = new Map(rightTables.map((table) => [table, new Map<string, Implied>()] as const));
  #next = 0;

  /** The number of the first entry that was not taken. */
  get next(): number {
    return this.#next;
  }

  /** Takes the next entry, in order. */
  take(bytes: Uint8Array): void {
    const said = saidBy(bytes);
    if (said.seq !== this.#next)
      throw new RangeError(`Entry ${said.seq} came in the place of ${this.#next}.`);
    this.#next += 1;
    for (const change of impliedBy(said)) {
      const rows = this.of(change.table);
      rows.set(change.key, impliedAfter(rows.get(change.key), change, said.seq));
    }
    if (said.kind === 'session.opened') this.#forgetSessions(said.at - sessionsKeptMs);
  }

  of(table: RightTable): Map<string, Implied> {
    const rows = this.#rows.get(table);
    if (!rows) throw new RangeError(`There are no rights in ${table}.`);
    return rows;
  }

  #forgetSessions(before: number): void {
    const sessions = this.of('session');
    for (const [key, { columns }] of sessions) {
      if (Number(columns.createdAt ?? 0) >= before) return;
      sessions.delete(key);
    }
  }
}

export interface Compared {
  readonly differences: readonly Difference[];
  readonly rows: number;
}
interface Asked {
  readonly reads: Reads;
  readonly ledger: Ledger;
  /** Effective time, ms UTC: sessions that ended by then are not looked at. */
  readonly now: number;
  /** Lets others work between two pages. */
  readonly breathe: () => Promise<void>;
  readonly stopping?: AbortSignal | undefined;
}
interface Place {
  readonly table: RightTable;
  readonly key: string;
  readonly id: string;
}

/**
 * Takes what `replay` has not taken yet and compares all rows that give rights. A row that others change meanwhile is
 * looked at again until row and log stand still. Undefined when stopped before the end.
 */
export async function compareRights(replay: Replay, asked: Asked): Promise<Compared | undefined> {
  await advance(replay, asked);
  const doubtful: Place[] = [];
  let rows = 0;
  for (const table of rightTables) {
    // Sessions end without an entry of their own: only those that could still be used are looked at.
    const unseen = new Set(table === 'session' ? [] : replay.of(table).keys());
    for await (const row of stored(asked, table)) {
      if (asked.stopping?.aborted) return undefined;
      rows += 1;
      const key = keyOf(table, row);
      unseen.delete(key);
      const implied = replay.of(table).get(key);
      if (differing(table, row, implied).length > 0) doubtful.push({ table, key, id: String(row.id) });
    }
    for (const key of unseen) doubtful.push({ table, key, id: key });
  }
  const differences: Difference[] = [];
  for (const place of doubtful) {
    const difference = await settled(replay, asked, place);
    if (difference) differences.push(difference);
  }
  return { differences, rows };
}

async function advance(replay: Replay, { ledger, stopping }: Asked): Promise<void> {
  const { next } = await ledger.head();
  for await (const { bytes } of ledger.entries(replay.next, next)) {
    if (stopping?.aborted) return;
    replay.take(bytes);
  }
}

/** All rows of a table, by id. */
async function* stored({ reads, now, breathe }: Asked, table: RightTable): AsyncGenerator<Columns> {
  const live = table === 'session' ? { endsAt: { gt: now }, endedAt: null } : {};
  for (let after = ''; ; ) {
    const page: { readonly id: string }[] = await reads.all(table, { ...live, id: { gt: after } } as object, {
      orderBy: 'id',
      limit: rowsAtOnce,
    });
    yield* page as unknown as Columns[];
    const last = page.at(-1);
    if (!last || page.length < rowsAtOnce) return;
    after = last.id;
    await breathe();
  }
}

/** What is wrong with one row, once neither it nor its entries have moved between two looks. */
async function settled(replay: Replay, asked: Asked, place: Place): Promise<Difference | undefined> {
  const { table, key, id } = place;
  for (let round = 0; round < rounds; round += 1) {
    await advance(replay, asked);
    const before = replay.of(table).get(key);
    const row = (await find(asked.reads, place, before)) as Columns | undefined;
    await advance(replay, asked);
    const implied = replay.of(table).get(key);
    if (implied !== before) continue;
    if (!row)
      return (
        implied && { table, id, column: 'row', seq: implied.seq, about: aboutOf(table, implied.columns) }
      );
    const about = aboutOf(table, row);
    if (!implied) {
      const seq = typeof row.createdSeq === 'number' ? row.createdSeq : null;
      return { table, id, column: 'entry', seq, about };
    }
    const columns = differing(table, row, implied);
    return columns.length === 0
      ? undefined
      : { table, id, column: columns.join(' '), seq: implied.seq, about };
  }
  return undefined;
}

function find(reads: Reads, { table, id }: Place, implied: Implied | undefined): Promise<object | undefined> {
  if (table !== 'signature' || !implied) return reads.one(table, { id } as object);
  const { personId, version } = implied.columns;
  return reads.one('signature', { personId, version } as object);
}
