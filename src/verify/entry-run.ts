/**
 * The run over the entries of a package (custody-log L10.2): each is read, hashed, placed in the tree and in its
 * chains, compared with what its kind promises, and handed on to the table and the disclosures. One pass, in order.
 */
import { hexInto } from './bytes.ts';
import type { ChainKeeper } from './chains.ts';
import { Clock, csvStart } from './csv.ts';
import type { Disclosures } from './disclosures.ts';
import type { ExportDocument } from './documents.ts';
import { type Entry, maxEntryBytes, readEntry } from './entry.ts';
import type { Findings } from './findings.ts';
import type { Placement } from './placement.ts';
import type { Primitives } from './primitives.ts';
import type { Seals } from './seals.ts';

interface RunGround {
  readonly primitives: Primitives;
  readonly findings: Findings;
  readonly document: ExportDocument;
  readonly sealAt: number;
  readonly placement: Placement;
  readonly chains: ChainKeeper;
  /** Only where entries stand without a gap. */
  readonly seals: Seals | undefined;
  readonly disclosures: Disclosures;
}

export class EntryRun {
  readonly #ground: RunGround;
  readonly #input = new Uint8Array(maxEntryBytes + 1);
  readonly #leaf = new Uint8Array(32);
  readonly #clock = new Clock();
  #lastAt = 0;
  count = 0;
  /** `at` of the first and last entry, ms UTC. */
  firstAt = 0;
  /** Whole seconds of the entry that logged the export, once it was met. */
  madeAt: number | undefined;

  constructor(ground: RunGround) {
    this.#ground = ground;
  }

  get lastAt(): number {
    return this.#lastAt;
  }

  /** Takes the exact bytes of the next entry; they are only lent. */
  add(bytes: Uint8Array, file: string): void {
    const { primitives, findings, placement, chains, seals, disclosures } = this.#ground;
    const read = readEntry(bytes);
    if (!('entry' in read)) {
      const { code, words } = read;
      throw findings.stop({
        check: 'entries',
        code,
        words: `entry number ${this.count + 1} of the package: ${words}`,
        file,
      });
    }
    const { entry, factsText } = read;
    this.#input.set(bytes, 1);
    const leaf = primitives.sha256Hex(this.#input.subarray(0, bytes.length + 1));
    hexInto(leaf, this.#leaf, 0);
    this.#checkPlace(entry, file);
    placement.add(entry, this.#leaf);
    // A seal's map is over the entries before it, and a seal has no subjects: chains may come first.
    chains.add(entry, this.#leaf);
    seals?.add(entry, leaf);
    disclosures.add(entry, leaf, tableStart(entry, factsText, this.#clock.time(entry.at)));
    this.count += 1;
  }

  #checkPlace(entry: Entry, file: string): void {
    const { findings, document, sealAt } = this.#ground;
    const { seq, at } = entry;
    if (entry.origin !== document.origin)
      throw findings.stop({
        check: 'entries',
        code: 'ENTRY_ORIGIN',
        words: 'an entry of another log',
        seq,
        file,
      });
    if (at < this.#lastAt || at > sealAt)
      findings.fail({
        check: 'order',
        code: 'ORDER_TIME',
        words: 'the time falls, or is after that of the last seal',
        seq,
      });
    if (this.count === 0) this.firstAt = at;
    this.#lastAt = at;
    if (seq !== document.made) return;
    this.madeAt = Math.floor(at / 1000);
    if (entry.kind !== 'log.exported')
      findings.fail({
        check: 'scope',
        code: 'SCOPE_MADE',
        words: 'the entry that should log this export does not',
        seq,
      });
  }

  /** Ends the run. */
  finish(): void {
    const { findings, document, placement, chains, disclosures, seals } = this.#ground;
    placement.finish();
    chains.finish();
    disclosures.finish();
    if (this.count !== document.entries)
      findings.fail({
        check: 'scope',
        code: 'SCOPE_ENTRIES',
        words: `${this.count} entries, not ${document.entries}`,
      });
    if (this.madeAt === undefined && document.scope.period === undefined)
      findings.fail({
        check: 'scope',
        code: 'SCOPE_MADE',
        words: 'the entry that logs this export is missing',
        seq: document.made,
      });
    for (const check of ['entries', 'order', 'chains', 'disclosures'] as const) findings.finish(check);
    if (seals !== undefined) findings.finish('seals');
  }
}

function tableStart(entry: Entry, factsText: string, time: string): string {
  const { seq, kind, actor, subjects } = entry;
  const names = Object.keys(entry.private).join(' ');
  const links = subjects.map((link) => `${link.id}#${link.n}`).join(' ');
  return csvStart([seq, time, kind, actor, links, factsText, names]);
}
