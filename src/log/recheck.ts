/**
 * Reads back a run of stored rows and recomputes everything they claim (custody-log L5.2 step 2, L5.4): number,
 * mac, leaf, entry, origin, time, chains, seals and the tree. Used before every signature and at start.
 * Trusts nothing of a row; what it remembers must come from a signed state or from its own last run.
 */
import type { Entry, SubjectHead } from './entry.ts';
import { type AppendKeys, verifyEntryMac } from './mac.ts';
import { parseEntry } from './parse-entry.ts';
import { Frontier, leafHash } from './tree.ts';

/** A row of `log_entry` as it was read. */
export interface StoredRow {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly leaf: Uint8Array;
  readonly mac: Uint8Array;
}

/** What was known to be right after entry `frontier.size − 1`. */
export interface RememberedState {
  readonly frontier: Frontier;
  /** `at` of the newest entry; 0 for the empty log. */
  readonly at: number;
  /** The newest seal, if any: the next one must name it as `prev`. */
  readonly seal: { readonly seq: number; readonly leaf: Uint8Array } | undefined;
}

/** What the run was checked against. `headOf` gives a subject's head before the run, undefined if it has none. */
export interface RecheckAgainst {
  readonly origin: string;
  readonly keys: AppendKeys;
  readonly headOf: (id: string) => SubjectHead | undefined | Promise<SubjectHead | undefined>;
}

/** The rule that a row breaks. */
export type RecheckReason = 'seq' | 'leaf' | 'mac' | 'entry' | 'origin' | 'at' | 'chain' | 'seal';

export type Recheck =
  | {
      readonly ok: true;
      readonly state: RememberedState;
      /** New heads of the subjects that the run touched. */
      readonly heads: ReadonlyMap<string, SubjectHead>;
      /** Their heads before it: with these a bucket must hash to the remembered one (`map-change.ts`). */
      readonly before: ReadonlyMap<string, SubjectHead | undefined>;
      readonly entries: number;
    }
  | { readonly ok: false; readonly seq: number; readonly reason: RecheckReason };

function readEntry(bytes: Uint8Array): Entry | undefined {
  try {
    return parseEntry(bytes);
  } catch {
    return undefined;
  }
}

/** Follows the chains of one run: what its subjects' heads were and what they have become. */
class Chains {
  readonly heads = new Map<string, SubjectHead>();
  readonly before = new Map<string, SubjectHead | undefined>();
  readonly #headOf: RecheckAgainst['headOf'];

  constructor(headOf: RecheckAgainst['headOf']) {
    this.#headOf = headOf;
  }

  /** Whether each link of the entry follows its subject's head; moves the heads on where they do. */
  async follow(entry: Entry, leaf: Uint8Array): Promise<boolean> {
    for (const { id, n, prev } of entry.subjects) {
      const head = await this.#head(id);
      if (n !== (head?.n ?? 0) + 1) return false;
      if (head !== undefined && prev !== Buffer.from(head.leaf).toString('hex')) return false;
      this.heads.set(id, { n, leaf });
    }
    return true;
  }

  async #head(id: string): Promise<SubjectHead | undefined> {
    if (this.before.has(id)) return this.heads.get(id);
    const head = await this.#headOf(id);
    this.before.set(id, head);
    return head;
  }
}

function followsSeal(entry: Entry, before: RememberedState['seal']): boolean {
  const { prev } = entry.facts;
  if (before === undefined) return prev === undefined;
  if (typeof prev !== 'object' || !('seq' in prev)) return false;
  return prev.seq === before.seq && prev.leaf === Buffer.from(before.leaf).toString('hex');
}

function rowFault(
  row: StoredRow,
  leaf: Uint8Array,
  seq: number,
  keys: AppendKeys,
): RecheckReason | undefined {
  if (row.seq !== seq) return 'seq';
  if (Buffer.compare(leaf, row.leaf) !== 0) return 'leaf';
  return verifyEntryMac(row.mac, keys, seq, leaf) ? undefined : 'mac';
}

function entryFault(entry: Entry, seq: number, at: number, origin: string): RecheckReason | undefined {
  if (entry.seq !== seq) return 'seq';
  if (entry.origin !== origin) return 'origin';
  return entry.at < at ? 'at' : undefined;
}

/**
 * Walks `rows`, which must begin at `remembered.frontier.size` and ascend without a gap. The first fault ends
 * the walk and is returned with its number; nothing that was remembered is changed in any case.
 */
export async function recheck(
  rows: AsyncIterable<StoredRow> | Iterable<StoredRow>,
  remembered: RememberedState,
  against: RecheckAgainst,
): Promise<Recheck> {
  const frontier = Frontier.of(remembered.frontier.size, remembered.frontier.hashes);
  const chains = new Chains(against.headOf);
  let { at, seal } = remembered;
  for await (const row of rows) {
    const seq = frontier.size;
    const leaf = leafHash(row.bytes);
    const stored = rowFault(row, leaf, seq, against.keys);
    if (stored) return { ok: false, seq, reason: stored };
    const entry = readEntry(row.bytes);
    if (entry === undefined) return { ok: false, seq, reason: 'entry' };
    const fault = entryFault(entry, seq, at, against.origin);
    if (fault) return { ok: false, seq, reason: fault };
    if (!(await chains.follow(entry, leaf))) return { ok: false, seq, reason: 'chain' };
    if (entry.kind === 'seal') {
      if (!followsSeal(entry, seal)) return { ok: false, seq, reason: 'seal' };
      seal = { seq, leaf };
    }
    at = entry.at;
    frontier.append(leaf);
  }
  const { heads, before } = chains;
  const entries = frontier.size - remembered.frontier.size;
  return { ok: true, state: { frontier, at, seal }, heads, before, entries };
}
