/**
 * Rights come from entries (custody-log L4.7, X66): a row that gives a right is believed only as far as the log says the
 * same. Every entry that changes a right is in the chain `right:<id>`; what those entries imply is kept in this process
 * and compared with the row at each use, so that a use costs one look at where the chains stand. Never repairs anything.
 */
import { subjectOf } from '../../domain/ids.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { ChainBroken, type ChainHead, type Ledger, LogUnavailable } from '../ports/ledger.ts';
import type { Reads, Tables } from '../ports/tables.ts';
import {
  type Columns,
  differing,
  type Implied,
  impliedAfter,
  impliedBy,
  keyOf,
  type RightTable,
  rootOf,
  type Said,
} from './implied.ts';

/** One row that a decision rests on. */
export interface RightRow {
  readonly table: RightTable;
  readonly row: Columns & { readonly id: string };
}
export const rightRow = <T extends RightTable>(table: T, row: Tables[T]): RightRow => ({
  table,
  row: row as unknown as RightRow['row'],
});

/** Where a row and the log say different things. */
export interface Difference {
  readonly table: RightTable;
  readonly id: string;
  /** The columns, or `entry` where the log knows of no such row, or `row` where the store does not. */
  readonly column: string;
  /** The newest entry about the row, or the one that the row names. */
  readonly seq: number | null;
  /** `grant:…`, `person:…` or `application:…`: whom an alarm concerns. */
  readonly about: string | null;
}

/** The chain of one right, folded into the rows that it implies. */
interface Story {
  readonly head: ChainHead | undefined;
  readonly rows: ReadonlyMap<string, Implied>;
}

/** Rights that are remembered; a forgotten one is read again. */
const remembered = 20_000;
const nameOf = (table: RightTable, key: string): string => `${table} ${key}`;
const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);

export const saidBy = (bytes: Uint8Array): Said => JSON.parse(Buffer.from(bytes).toString('utf8')) as Said;

/** Whom an alarm about this row concerns. */
export function aboutOf(table: RightTable, row: Columns): string | null {
  if (table === 'grant') return subjectOf('grant', String(row.id));
  if (table === 'grantItem') return subjectOf('grant', String(row.grantId));
  if (table === 'decision') return subjectOf('application', String(row.applicationId));
  return subjectOf('person', String(table === 'person' ? row.id : row.personId));
}

export class Rights {
  readonly #reads: Reads;
  readonly #ledger: Ledger;
  readonly #stories = new Map<string, Story>();
  readonly #single = new Map<string, Implied>();
  readonly #known = new Set<string>();
  #waiting: Difference[] = [];

  constructor(reads: Reads, ledger: Ledger) {
    this.#reads = reads;
    this.#ledger = ledger;
  }

  /** How many differences this process has found, each counted once. */
  get found(): number {
    return this.#known.size;
  }

  /** Differences that no entry tells of yet; they are handed out once. */
  takeAlarms(): readonly Difference[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  /** Remembers a difference; true if it is new to this process. */
  note(difference: Difference): boolean {
    const name = `${nameOf(difference.table, difference.id)} ${difference.column}`;
    if (this.#known.has(name)) return false;
    this.#known.add(name);
    this.#waiting.push(difference);
    return true;
  }

  /**
   * `integrity` (503) if one of these rows differs from what the log implies, `busy` if it changed while it was looked
   * at. `whole`: of these grants every item must be among the rows. Rejects with `LogUnavailable`.
   */
  async prove(rows: readonly RightRow[], whole: readonly string[] = []): Promise<Refusal | undefined> {
    const wrong = await this.#wrong(rows, whole);
    if (wrong.length === 0) return undefined;
    // A row and its chain change in one commit: read between two equal looks at the chain, they belong together.
    const roots = rows.map(({ table, row }) => rootOf(table, row)).filter((root) => root !== undefined);
    const before = await this.#heads(roots);
    const again = await Promise.all(
      rows.map(async ({ table, row }) => ({ table, row: await this.#reads.one(table, { id: row.id }) })),
    );
    const after = await this.#heads(roots);
    const same = again.every(({ row }, at) => row && JSON.stringify(row) === JSON.stringify(rows[at]?.row));
    const still = roots.every((root) => before.get(root)?.leaf === after.get(root)?.leaf);
    if (!same || !still) return refuse('busy', { rule: 'L4.7', retryAfter: 1 });
    const surely = await this.#wrong(rows, whole);
    for (const difference of surely) this.note(difference);
    return surely.length > 0 ? refuse('integrity', { rule: 'L4.7' }) : undefined;
  }

  async #wrong(rows: readonly RightRow[], whole: readonly string[]): Promise<Difference[]> {
    const roots = rows.map(({ table, row }) => rootOf(table, row)).filter((root) => root !== undefined);
    const heads = await this.#heads(roots);
    const wrong: Difference[] = [];
    const differs = (table: RightTable, row: Columns, column: string, seq: number | null): void => {
      wrong.push({ table, id: String(row.id), column, seq, about: aboutOf(table, row) });
    };
    for (const { table, row } of rows) {
      const root = rootOf(table, row);
      const story = root === undefined ? undefined : await this.#story(root, heads.get(root));
      const key = keyOf(table, row);
      const implied =
        root === undefined ? await this.#byEntry(table, key, row) : story?.rows.get(nameOf(table, key));
      const columns = differing(table, row, implied);
      const seq = implied?.seq ?? numberOr(row.createdSeq);
      if (!implied) differs(table, row, 'entry', seq);
      else if (columns.length > 0) differs(table, row, columns.join(' '), seq);
    }
    for (const grant of whole) {
      const given = new Set(rows.filter(({ table }) => table === 'grantItem').map(({ row }) => row.id));
      for (const [name, { columns, seq }] of (await this.#story(grant, heads.get(grant)))?.rows ?? []) {
        if (!name.startsWith('grantItem ') || given.has(String(columns.id))) continue;
        differs('grantItem', columns, 'row', seq);
      }
    }
    return wrong;
  }

  async #heads(roots: readonly string[]): Promise<ReadonlyMap<string, ChainHead>> {
    const heads = await this.#ledger.chainHeads([...new Set(roots)].map((root) => subjectOf('right', root)));
    return new Map([...heads].map(([id, head]) => [id.slice('right:'.length), head]));
  }

  /** What the chain of `root` implies up to `head`; undefined where the chain is not whole. */
  async #story(root: string, head: ChainHead | undefined): Promise<Story | undefined> {
    const kept = this.#stories.get(root);
    if (kept && kept.head?.leaf === head?.leaf) return kept;
    try {
      const entries = head ? await this.#ledger.chain(subjectOf('right', root), kept?.head) : [];
      const n = (kept?.head?.n ?? 0) + entries.length;
      const leaf = entries.at(-1)?.leaf ?? kept?.head?.leaf;
      // The chain may have grown since the look; it may not be shorter or another.
      if (n < (head?.n ?? 0) || (n === head?.n && leaf !== head.leaf) || (kept?.head && !head))
        return undefined;
      const rows = new Map(kept?.rows);
      for (const { bytes } of entries) {
        const said = saidBy(bytes);
        for (const change of impliedBy(said)) {
          const name = nameOf(change.table, change.key);
          rows.set(name, impliedAfter(rows.get(name), change, said.seq));
        }
      }
      const story: Story = { head: leaf === undefined ? undefined : { n, leaf }, rows };
      keep(this.#stories, root, story);
      return story;
    } catch (error) {
      if (error instanceof ChainBroken) return undefined;
      throw error;
    }
  }

  /** What the one entry that the row names implies; rows that no later entry changes. */
  async #byEntry(table: RightTable, key: string, row: Columns): Promise<Implied | undefined> {
    const seq = numberOr(row.createdSeq) ?? -1;
    const name = `${nameOf(table, key)} ${seq}`;
    const kept = this.#single.get(name);
    if (kept) return kept;
    try {
      const said = saidBy((await this.#ledger.entry(seq)).bytes);
      const change = impliedBy(said).find((one) => one.table === table && one.key === key);
      if (!change) return undefined;
      const implied = impliedAfter(undefined, change, seq);
      keep(this.#single, name, implied);
      return implied;
    } catch (error) {
      // The row names an entry that is not there, or is not what was written.
      if (error instanceof LogUnavailable) return undefined;
      throw error;
    }
  }
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= remembered) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
