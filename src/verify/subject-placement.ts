/**
 * Where the entries of one subject stand (custody-log L9, L10.2): each brings its path in the tree, and the map proves
 * that none was left out.
 */
import { Borders } from './borders.ts';
import { sameBytes } from './bytes.ts';
import type { LeafProof } from './documents.ts';
import type { Entry } from './entry.ts';
import type { MapAnswer } from './map.ts';
import { mostInPart } from './member-rules.ts';
import type { Placement, PlacementGround } from './placement.ts';
import { verifyInclusion } from './tree.ts';

/** The entries of one subject, or those within a period. */
export class SubjectPlacement implements Placement {
  readonly #ground: PlacementGround;
  readonly #answer: { readonly count: number; readonly head: Uint8Array };
  readonly #borders: Borders;
  #proofs: LeafProof[] = [];
  #used = 0;
  #lastSeq = -1;
  #firstN = 0;
  #lastN = 0;
  #lastLeaf = new Uint8Array(32);

  constructor(ground: PlacementGround, answer: MapAnswer) {
    this.#ground = ground;
    this.#borders = new Borders(ground.document.scope.period);
    if (answer.state !== 'present')
      throw ground.findings.stop({
        check: 'map',
        code: 'MAP_ABSENT',
        words: 'the map does not prove that the subject exists',
        file: 'map.json',
      });
    this.#answer = answer;
  }

  /** Takes the next line of `.proofs`. */
  proof(proof: LeafProof): void {
    if (this.#proofs.length === mostInPart)
      throw this.#ground.findings.stop({
        check: 'tree',
        code: 'TREE_PROOFS',
        words: `a part of over ${mostInPart} proofs`,
      });
    this.#proofs.push(proof);
  }

  /** Ends a part: every proof was for an entry. */
  endPart(): void {
    if (this.#used !== this.#proofs.length)
      throw this.#ground.findings.stop({
        check: 'tree',
        code: 'TREE_PROOFS',
        words: 'a part has more proofs than entries',
      });
    this.#proofs = [];
    this.#used = 0;
  }

  add(entry: Entry, leaf: Uint8Array): void {
    const { primitives, findings, document, checkpoint } = this.#ground;
    const { seq, at } = entry;
    const proof = this.#proofs[this.#used];
    this.#used += 1;
    const { size, root } = checkpoint;
    const isIn =
      proof !== undefined &&
      proof.seq === seq &&
      verifyInclusion(primitives, seq, size, leaf, proof.path, root);
    if (!isIn)
      findings.fail({
        check: 'tree',
        code: 'TREE_PATH',
        words: 'the entry is not proved to be in the tree',
        seq,
      });
    if (seq <= this.#lastSeq)
      findings.fail({ check: 'order', code: 'ORDER_SEQ', words: 'numbers do not rise', seq });
    const link = entry.subjects.find(({ id }) => id === document.scope.id);
    if (link === undefined)
      throw findings.stop({
        check: 'scope',
        code: 'SCOPE_SUBJECT',
        words: 'an entry that does not name the subject',
        seq,
      });
    const { n } = link;
    if (this.#lastN === 0) this.#firstN = n;
    else if (n !== this.#lastN + 1)
      findings.fail({
        check: 'chains',
        code: 'CHAIN_GAP',
        words: `entry ${n} of the subject stands after entry ${this.#lastN}`,
        seq,
      });
    if (!this.#borders.add(at))
      findings.fail({
        check: 'scope',
        code: 'SCOPE_EXTRA',
        words: 'more than one entry beyond a border of the period',
        seq,
      });
    this.#lastSeq = seq;
    this.#lastN = n;
    this.#lastLeaf.set(leaf);
  }

  finish(): void {
    const { findings } = this.#ground;
    const { count, head } = this.#answer;
    const isLast = this.#lastN === count;
    if (this.#lastN > count || (isLast && !sameBytes(this.#lastLeaf, head)))
      findings.fail({
        check: 'map',
        code: 'MAP_HEAD',
        words: `the last entry is not entry ${count} that the map names`,
      });
    if (!this.#borders.isWholeBefore(this.#firstN === 1))
      findings.fail({
        check: 'map',
        code: 'MAP_FIRST',
        words: `the entries begin with number ${this.#firstN}`,
      });
    if (!this.#borders.isWholeAfter(isLast))
      findings.fail({
        check: 'map',
        code: 'MAP_COUNT',
        words: `the entries end with number ${this.#lastN}, the map counts ${count}`,
      });
    for (const check of ['tree', 'map', 'scope'] as const) findings.finish(check);
  }
}
