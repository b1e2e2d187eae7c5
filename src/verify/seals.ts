/**
 * The seals and key changes among the entries at hand (custody-log L5.1, L6). Where every entry is at hand, each
 * seal's map and number of subjects is computed again; elsewhere what can be compared is compared.
 */
import type { ChainKeeper } from './chains.ts';
import type { Entry } from './entry.ts';
import { type Findings, Malformed } from './findings.ts';
import type { KeyHistory, Rotation } from './key-history.ts';
import { openedVkey, sealFacts } from './kinds.ts';
import { type Note, parseVerifierKey, signedBy, type VerifierKey } from './note.ts';
import type { Primitives } from './primitives.ts';

/** What a run over entries without a gap can compare. */
interface SealGround {
  readonly primitives: Primitives;
  readonly findings: Findings;
  readonly history: KeyHistory;
  readonly rotations: readonly Rotation[];
  /** The package's checkpoint. */
  readonly note: Note;
  readonly first: number;
  /** Compares the maps, from entry 0 on. */
  readonly chains: ChainKeeper;
}

export class Seals {
  readonly #ground: SealGround;
  #last: { readonly leaf: string; readonly seq: number } | undefined;
  /** Size of the checkpoint that must close the window of the key that was just replaced. */
  #closing: number | undefined;
  count = 0;

  constructor(ground: SealGround) {
    this.#ground = ground;
  }

  #fail(code: string, words: string, seq: number): void {
    this.#ground.findings.fail({ check: 'seals', code, words, seq });
  }

  /** Takes the next entry; `leaf` is its leaf hash in hex. */
  add(entry: Entry, leaf: string): void {
    if (entry.kind === 'seal') this.#seal(entry, leaf);
    else if (entry.kind === 'log.opened') this.#opened(entry);
    else if (entry.kind === 'key.rotated') this.#rotated(entry);
  }

  /** The epoch whose key signs size `size`: it changes after the closing checkpoint R of a rotation. */
  #epochOf(size: number): number {
    return this.#ground.rotations.filter((rotation) => rotation.closing.size < size).length;
  }

  #seal(entry: Entry, leaf: string): void {
    const { seq } = entry;
    const facts = sealFacts(entry.facts);
    if (facts === undefined) {
      this.#fail('SEAL_FORM', 'the facts of a seal are epoch, keys, map, prev and stamp', seq);
      return;
    }
    const { prev } = facts;
    if (this.#closing !== undefined && this.#closing !== seq + 1)
      this.#keyFail('the first seal after a rotation is not the one that both keys signed', seq);
    this.#closing = undefined;
    if (facts.epoch !== this.#epochOf(seq + 1))
      this.#fail('SEAL_EPOCH', `the seal names key epoch ${facts.epoch}, not ${this.#epochOf(seq + 1)}`, seq);
    const last = this.#last;
    if (last !== undefined && (prev?.seq !== last.seq || prev.leaf !== last.leaf))
      this.#fail('SEAL_PREV', 'the seal does not name the seal before it', seq);
    if (last === undefined && prev !== undefined && prev.seq >= this.#ground.first)
      this.#fail('SEAL_PREV', 'the seal names a seal before it that is none', seq);
    this.#ground.chains.seal(seq, facts.keys, facts.map);
    this.#last = { leaf, seq };
    this.count += 1;
  }

  #keyFail(words: string, seq: number): void {
    this.#ground.findings.fail({ check: 'keys', code: 'KEY_ROTATION', words, seq });
  }

  #rotated(entry: Entry): void {
    const rotation = this.#ground.rotations.find((one) => one.seq === entry.seq);
    if (rotation === undefined || this.#closing !== undefined)
      this.#keyFail('a key was changed of which the package has no rotation', entry.seq);
    else this.#closing = rotation.closing.size;
  }

  /** The first key: the pinned one, or the one that signed the first rotation and nothing after it. */
  #isVouched(key: VerifierKey): boolean {
    const { primitives, history, rotations, note } = this.#ground;
    const [known] = history.keys;
    if (known !== undefined) return known.text === key.text;
    const [first] = rotations;
    const wanted = history.signers.includes(0) ? 'valid' : 'absent';
    return (
      first !== undefined &&
      signedBy(primitives, first.closingNote, key) === 'valid' &&
      signedBy(primitives, note, key) === wanted
    );
  }

  #opened(entry: Entry): void {
    const { primitives, findings } = this.#ground;
    let key: VerifierKey | undefined;
    try {
      key = parseVerifierKey(primitives, openedVkey(entry.facts) ?? '');
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
    }
    if (key?.name === entry.origin && this.#isVouched(key)) return;
    const words = 'the log was not opened under the pinned key or one that its first rotation vouches for';
    findings.fail({ check: 'keys', code: 'KEY_FIRST', words, seq: entry.seq });
  }
}
