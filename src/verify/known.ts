/**
 * Notes that left the house earlier (custody-log L1 T3, L10.2 DIVERGED): two notes that the log's key signed and that
 * cannot both be true are proof. A note that cannot be compared is neither for nor against.
 */
import { sameBytes, toHex } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { Malformed } from './findings.ts';
import { type Note, parseNote, signedBy, type VerifierKey } from './note.ts';
import type { Primitives } from './primitives.ts';

export interface KnownNote {
  /** What to call it in the report. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

type KnownState = 'agrees' | 'diverged' | 'not comparable';

export interface KnownResult {
  readonly file: string;
  readonly state: KnownState;
  readonly words: string;
  readonly size?: number;
}

/** Two notes that contradict each other, byte for byte. */
export interface Divergence {
  readonly size: number;
  readonly known: Uint8Array;
  readonly other: Uint8Array;
  readonly words: string;
}

interface Statement {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly checkpoint: Checkpoint;
  readonly note: Note;
}

/** What the package itself states: its checkpoint, and the roots that its own leaves give at other sizes. */
interface PackageStatement {
  readonly keys: readonly VerifierKey[];
  readonly bytes: Uint8Array;
  readonly note: Note;
  readonly checkpoint: Checkpoint;
  /** Only roots that are proved to be under the checkpoint. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
}

export class KnownNotes {
  readonly #primitives: Primitives;
  readonly #statements: Statement[] = [];
  readonly #unreadable: KnownResult[] = [];

  constructor(primitives: Primitives, notes: readonly KnownNote[]) {
    this.#primitives = primitives;
    for (const { file, bytes } of notes) {
      try {
        const note = parseNote(bytes);
        this.#statements.push({ file, bytes, note, checkpoint: parseCheckpoint(note.text) });
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        this.#unreadable.push({ file, state: 'not comparable', words: error.message });
      }
    }
  }

  /** The sizes at which the package's own leaves should be asked for their root, ascending. */
  get sizes(): number[] {
    return [...new Set(this.#statements.map(({ checkpoint }) => checkpoint.size))].sort((a, b) => a - b);
  }

  /** Compares every known note with the package and with each other. */
  compare(stated: PackageStatement): { readonly results: KnownResult[]; readonly divergence?: Divergence } {
    const results: KnownResult[] = [...this.#unreadable];
    let divergence: Divergence | undefined;
    const isSigned = stated.keys.some((key) => signedBy(this.#primitives, stated.note, key) === 'valid');
    const seen = new Map<string, Statement>();
    for (const statement of this.#statements) {
      const { file, checkpoint } = statement;
      const { size } = checkpoint;
      const found = this.#against(statement, stated, isSigned, seen.get(`${size}`));
      if (found.state !== 'not comparable' || found.isOurs) seen.set(`${size}`, statement);
      results.push({ file, size, state: found.state, words: found.words });
      if (found.other !== undefined && divergence === undefined)
        divergence = { size, known: statement.bytes, other: found.other, words: found.words };
    }
    return divergence === undefined ? { results } : { results, divergence };
  }

  #against(
    { checkpoint, note }: Statement,
    stated: PackageStatement,
    isSigned: boolean,
    earlier: Statement | undefined,
  ): { state: KnownState; words: string; isOurs: boolean; other?: Uint8Array } {
    const { size, root } = checkpoint;
    const isOurs =
      checkpoint.origin === stated.checkpoint.origin &&
      stated.keys.some((key) => signedBy(this.#primitives, note, key) === 'valid');
    if (!isOurs) return { state: 'not comparable', words: 'it is not a note of this log and key', isOurs };
    if (earlier !== undefined && !sameBytes(earlier.checkpoint.root, root))
      return {
        state: 'diverged',
        words: `two known notes state two roots at size ${size}`,
        isOurs,
        other: earlier.bytes,
      };
    const own = size === stated.checkpoint.size ? stated.checkpoint.root : stated.roots.get(size);
    if (!isSigned || own === undefined)
      return { state: 'not comparable', words: this.#why(size, stated.checkpoint.size), isOurs };
    if (sameBytes(own, root))
      return { state: 'agrees', words: `the package has the same root at size ${size}`, isOurs };
    const words = `at size ${size} the note states root ${toHex(root)} and the package gives ${toHex(own)}`;
    return { state: 'diverged', words, isOurs, other: stated.bytes };
  }

  #why(size: number, own: number): string {
    return size > own
      ? `the note is of size ${size}, newer than the package at size ${own}`
      : `this package does not hold the leaves that give the root at size ${size}`;
  }
}
