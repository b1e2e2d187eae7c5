/**
 * The chain of every subject (custody-log L2.4). `whole`: from the first entry of the log, then the map of every seal
 * too (L5.1). `window`: a chain may begin before the entries at hand, then it is unbroken. `sparse`: entries between
 * may be absent, numbers still rise.
 */
import { hexInto, toHex } from './bytes.ts';
import type { Entry } from './entry.ts';
import type { Findings } from './findings.ts';
import type { SubjectMap } from './subject-map.ts';
import type { SubjectTable } from './subject-table.ts';

export type Reach = 'whole' | 'window' | 'sparse';

/** Follows chains and maps; its findings are complete once it is finished. */
export interface ChainKeeper {
  /** Takes the next entry, whose leaf hash is `leaf`. */
  add(entry: Entry, leaf: Uint8Array): void;
  /** Takes what the next seal says of the entries before it; `map` is 64 hex. */
  seal(seq: number, keys: number, map: string): void;
  /** After the last entry. */
  finish(): void;
  /** Subjects met. */
  readonly size: number;
}

/** One subject of an entry: its id, `prev` and the entry's leaf hash stand in `bytes`. */
interface Link {
  readonly n: number;
  readonly bytes: Uint8Array;
  readonly idAt: number;
  readonly idLength: number;
  readonly prevAt: number;
  readonly leafAt: number;
}

function sameHash(a: Uint8Array, at: number, b: Uint8Array, to: number): boolean {
  for (let index = 0; index < 32; index += 1) {
    if (a[at + index] !== b[to + index]) return false;
  }
  return true;
}

/** Sixteen letters, a colon, 36 characters. */
const longestId = 53;

export class Chains implements ChainKeeper {
  readonly #findings: Findings;
  readonly #table: SubjectTable;
  readonly #map: SubjectMap | undefined;
  readonly #reach: Reach;
  readonly #link = new Uint8Array(64 + longestId);

  /** `map` where the reach is whole. */
  constructor(findings: Findings, table: SubjectTable, reach: Reach, map?: SubjectMap) {
    this.#findings = findings;
    this.#table = table;
    this.#reach = reach;
    this.#map = map;
  }

  get size(): number {
    return this.#table.size;
  }

  add(entry: Entry, leaf: Uint8Array): void {
    const bytes = this.#link;
    bytes.set(leaf, 32);
    for (const { id, n, prev } of entry.subjects) {
      hexInto(prev, bytes, 0);
      for (let index = 0; index < id.length; index += 1) bytes[64 + index] = id.charCodeAt(index);
      this.link(entry.seq, { n, bytes, prevAt: 0, leafAt: 32, idAt: 64, idLength: id.length });
    }
  }

  /** Takes one subject of entry `seq`. */
  link(seq: number, { n, bytes, idAt, idLength, prevAt, leafAt }: Link): void {
    const table = this.#table;
    const index = table.placeAt(bytes, idAt, idLength);
    const before = table.count(index);
    const heads = table.heads(index);
    const at = table.offset(index);
    const follows =
      before === 0
        ? n === 1 || this.#reach !== 'whole'
        : n === before + 1
          ? sameHash(bytes, prevAt, heads, at)
          : this.#reach === 'sparse' && n > before;
    if (!follows)
      this.#findings.fail({
        check: 'chains',
        code: 'CHAIN_BROKEN',
        words: `entry ${n} of ${String.fromCharCode(...bytes.subarray(idAt, idAt + idLength))} does not follow entry ${before}`,
        seq,
      });
    table.setCount(index, n);
    for (let step = 0; step < 32; step += 1) heads[at + step] = bytes[leafAt + step] ?? 0;
    this.#map?.touch(index, before === 0);
  }

  seal(seq: number, keys: number, map: string): void {
    if (this.#map === undefined) return;
    const { size } = this.#table;
    if (keys !== size) this.#failSeal('SEAL_KEYS', `the seal counts ${keys} subjects, not ${size}`, seq);
    if (map !== toHex(this.#map.root()))
      this.#failSeal('SEAL_MAP', 'the map of the seal is not that of the entries before it', seq);
  }

  finish(): void {
    // All is recorded as it comes.
  }

  #failSeal(code: string, words: string, seq: number): void {
    this.#findings.fail({ check: 'seals', code, words, seq });
  }
}
