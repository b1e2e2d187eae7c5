/**
 * Private fields and the table (custody-log L2.5, L8; docs/formats/export-package.md): holds the lines of one part
 * until its disclosures have been read, checks each value against its commitment, and in a package that withholds
 * nothing follows each undisclosed field until a later `erased` entry names it.
 */
import { bytesOf, toHex } from './bytes.ts';
import { type CsvTable, csvEnd } from './csv.ts';
import type { Disclose, DisclosureLine } from './documents.ts';
import type { Entry } from './entry.ts';
import type { Findings } from './findings.ts';
import { type Erasure, erasedTargets } from './kinds.ts';
import type { Primitives } from './primitives.ts';

interface Row {
  readonly seq: number;
  readonly start: string;
  readonly leaf: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly subjects: readonly string[];
  readonly erases: readonly Erasure[];
  readonly values: Map<string, unknown>;
}

interface Waiting {
  readonly names: Set<string>;
  readonly subjects: readonly string[];
}

export class Disclosures {
  readonly #primitives: Primitives;
  readonly #findings: Findings;
  readonly #table: CsvTable;
  readonly #disclose: Disclose;
  readonly #origin: string;
  readonly #waiting = new Map<number, Waiting>();
  #rows: Row[] = [];
  #flushed = 0;
  #lastName = '';
  readonly counts = { disclosed: 0, erased: 0, withheld: 0 };

  constructor(
    primitives: Primitives,
    findings: Findings,
    table: CsvTable,
    disclose: Disclose,
    origin: string,
  ) {
    this.#primitives = primitives;
    this.#findings = findings;
    this.#table = table;
    this.#disclose = disclose;
    this.#origin = origin;
  }

  /** Takes the next entry of the part; `start` is its line of the table up to `private`. */
  add(entry: Entry, leaf: string, start: string): void {
    const { seq, private: fields } = entry;
    const erases = entry.kind === 'erased' ? this.#targets(entry) : [];
    const keepsSubjects = this.#disclose === 'all' && (erases.length > 0 || Object.keys(fields).length > 0);
    const subjects = keepsSubjects ? entry.subjects.map((link) => link.id) : [];
    const row = { seq, start, leaf, fields, subjects, erases, values: new Map() };
    // Where nothing may be disclosed, nothing is waited for.
    if (this.#disclose === 'none') this.#settle(row);
    else this.#rows.push(row);
  }

  #targets(entry: Entry): readonly Erasure[] {
    const targets = erasedTargets(entry.facts);
    if (targets?.every((target) => target.seq < entry.seq)) return targets;
    this.#fail('ERASURE_FORM', 'an erasure names fields of earlier entries', entry.seq);
    return [];
  }

  #fail(code: string, words: string, seq: number): void {
    this.#findings.fail({ check: 'disclosures', code, words, seq });
  }

  /** Takes one line of the part's `.disclosed`. */
  disclose(line: DisclosureLine): void {
    const { seq, name } = line;
    if (this.#disclose === 'none') {
      this.#fail('DISCLOSURE_UNEXPECTED', 'the package promises to disclose nothing', seq);
      return;
    }
    while ((this.#rows[this.#flushed]?.seq ?? seq) < seq) this.#flush();
    const row = this.#rows[this.#flushed];
    const commitment = row?.seq === seq && Object.hasOwn(row.fields, name) ? row.fields[name] : undefined;
    if (row === undefined || commitment === undefined || name <= this.#lastName) {
      this.#fail('DISCLOSURE_PLACE', `no undisclosed field ${name} stands at this place`, seq);
      return;
    }
    this.#lastName = name;
    row.values.set(name, line.value);
    const message = bytesOf(JSON.stringify(['custos-private-v1', this.#origin, seq, name, line.value]));
    const wanted = toHex(this.#primitives.hmacSha256(line.salt, message));
    if (wanted === commitment) this.counts.disclosed += 1;
    else this.#fail('DISCLOSURE_COMMITMENT', `the value of ${name} is not the one committed to`, seq);
  }

  /** Ends the part. */
  endPart(): void {
    while (this.#flushed < this.#rows.length) this.#flush();
    this.#rows = [];
    this.#flushed = 0;
  }

  /** Ends the package: what still waits for its erasure is missing. */
  finish(): void {
    for (const [seq, { names }] of this.#waiting)
      this.#fail('DISCLOSURE_MISSING', `neither disclosed nor erased: ${[...names].join(', ')}`, seq);
  }

  #flush(): void {
    const row = this.#rows[this.#flushed];
    if (row === undefined) return;
    this.#settle(row);
    this.#flushed += 1;
    this.#lastName = '';
  }

  #settle(row: Row): void {
    const disclosed = row.values.size === 0 ? '' : JSON.stringify(Object.fromEntries(row.values));
    this.#table.add(row.start + csvEnd(disclosed, row.leaf));
    const names = Object.keys(row.fields).filter((name) => !row.values.has(name));
    if (this.#disclose !== 'all') this.counts.withheld += names.length;
    else if (names.length > 0) this.#waiting.set(row.seq, { names: new Set(names), subjects: row.subjects });
    if (this.#disclose === 'all') this.#erase(row);
  }

  #erase(row: Row): void {
    for (const { seq, names } of row.erases) {
      const waiting = this.#waiting.get(seq);
      if (waiting === undefined) continue;
      if (!waiting.subjects.every((id) => row.subjects.includes(id)))
        this.#fail('ERASURE_SUBJECTS', 'an erasure names all subjects of what it erases', row.seq);
      for (const name of names) {
        if (waiting.names.delete(name)) this.counts.erased += 1;
      }
      if (waiting.names.size === 0) this.#waiting.delete(seq);
    }
  }
}
