/**
 * The chain of every subject (custody-log L2.4). `whole`: from the first entry of the log. `window`: a chain may begin
 * before the entries at hand, then it is unbroken. `sparse`: entries between may be absent, numbers still rise.
 */
import { hexInto, standsAt } from './bytes.ts';
import type { Entry } from './entry.ts';
import type { Findings } from './findings.ts';
import type { SubjectMap } from './subject-map.ts';
import type { SubjectTable } from './subject-table.ts';

type Reach = 'whole' | 'window' | 'sparse';

export class Chains {
  readonly #findings: Findings;
  readonly #table: SubjectTable;
  readonly #map: SubjectMap | undefined;
  readonly #reach: Reach;
  readonly #prev = new Uint8Array(32);

  /** `map`, if given, learns of every change. */
  constructor(findings: Findings, table: SubjectTable, reach: Reach, map?: SubjectMap) {
    this.#findings = findings;
    this.#table = table;
    this.#reach = reach;
    this.#map = map;
  }

  /** Takes the next entry, whose leaf hash is `leaf`. */
  add(entry: Entry, leaf: Uint8Array): void {
    const table = this.#table;
    for (const { id, n, prev } of entry.subjects) {
      const index = table.place(id);
      const before = table.count(index);
      const heads = table.heads(index);
      const at = table.offset(index);
      if (!this.#continues(before, n, prev, heads, at))
        this.#findings.fail({
          check: 'chains',
          code: 'CHAIN_BROKEN',
          words: `entry ${n} of ${id} does not follow entry ${before}`,
          seq: entry.seq,
        });
      table.setCount(index, n);
      heads.set(leaf, at);
      this.#map?.touch(index, before === 0);
    }
  }

  #continues(before: number, n: number, prev: string, heads: Uint8Array, at: number): boolean {
    if (before === 0) return n === 1 || this.#reach !== 'whole';
    if (n !== before + 1) return this.#reach === 'sparse' && n > before;
    hexInto(prev, this.#prev, 0);
    return standsAt(this.#prev, heads, at);
  }
}
