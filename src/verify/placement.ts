/**
 * Where the entries of a period or of the full log stand in the tree (custody-log L9, L10.2): their leaves are pushed
 * onto a frontier and must arrive at the checkpoint.
 */

import { Borders } from './borders.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { ExportDocument, RangeDocument } from './documents.ts';
import type { Entry } from './entry.ts';
import type { Findings } from './findings.ts';
import { Frontier } from './frontier.ts';
import type { Primitives } from './primitives.ts';
import { verifyConsistency } from './tree.ts';

export interface Placement {
  add(entry: Entry, leaf: Uint8Array): void;
  /** After the last entry. */
  finish(): void;
}

export interface PlacementGround {
  readonly primitives: Primitives;
  readonly findings: Findings;
  readonly document: ExportDocument;
  readonly checkpoint: Checkpoint;
}

/** A period or the full log: entries `first` … `end` − 1 without a gap. */
export class RangePlacement implements Placement {
  readonly #ground: PlacementGround;
  readonly #range: RangeDocument;
  readonly #frontier: Frontier;
  readonly #borders: Borders;
  readonly #wanted: readonly number[];
  #nextWanted = 0;
  /** Roots at the wanted sizes that the entries give. */
  readonly roots = new Map<number, Uint8Array>();

  /** `wanted`: sizes, ascending, at which the root is to be kept. */
  constructor(ground: PlacementGround, range: RangeDocument, wanted: readonly number[]) {
    const { findings, document } = ground;
    this.#ground = ground;
    this.#range = range;
    this.#frontier = new Frontier(ground.primitives);
    this.#borders = new Borders(document.scope.period);
    this.#wanted = wanted.filter((size) => size > 0 && size >= range.first);
    const isFull = document.scope.kind === 'full';
    const isWhole = range.first === 0 && range.end === document.size;
    if (range.end > document.size || document.entries !== range.end - range.first || (isFull && !isWhole))
      throw findings.stop({
        check: 'scope',
        code: 'SCOPE_RANGE',
        words: 'the range is not what the package promises',
        file: 'range.json',
      });
    if (!this.#frontier.start(range.first, range.frontier))
      throw findings.stop({
        check: 'tree',
        code: 'TREE_FRONTIER',
        words: 'the frontier has not one root for each complete subtree',
        file: 'range.json',
      });
    this.#keepRoot();
  }

  #keepRoot(): void {
    if (this.#wanted[this.#nextWanted] !== this.#frontier.size) return;
    this.roots.set(this.#frontier.size, this.#frontier.root());
    this.#nextWanted += 1;
  }

  add(entry: Entry, leaf: Uint8Array): void {
    const { findings } = this.#ground;
    const { seq, at } = entry;
    if (seq !== this.#frontier.size)
      throw findings.stop({
        check: 'order',
        code: 'ORDER_SEQ',
        words: `number ${seq} stands where ${this.#frontier.size} belongs`,
        seq,
      });
    if (!this.#borders.add(at))
      findings.fail({
        check: 'scope',
        code: 'SCOPE_EXTRA',
        words: 'more than one entry beyond a border of the period',
        seq,
      });
    this.#frontier.push(leaf);
    this.#keepRoot();
  }

  finish(): void {
    const { primitives, findings, checkpoint } = this.#ground;
    const { first, end, consistency } = this.#range;
    const root = this.#frontier.root();
    const holds =
      this.#frontier.size === end &&
      verifyConsistency(primitives, end, checkpoint.size, root, checkpoint.root, consistency);
    if (!holds)
      findings.fail({
        check: 'tree',
        code: 'TREE_ROOT',
        words: 'the entries do not give the root that the checkpoint signs',
      });
    findings.finish('tree');
    if (!this.#borders.isWholeBefore(first === 0) || !this.#borders.isWholeAfter(end === checkpoint.size))
      findings.fail({
        check: 'scope',
        code: 'SCOPE_BORDER',
        words: 'an entry beyond a border of the period is missing',
      });
    findings.finish('scope');
  }
}
