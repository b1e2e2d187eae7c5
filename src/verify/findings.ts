/**
 * What the verifier found (custody-log L10.2): the checks in words, and each failure with its stable code, place
 * and file. A failure is never taken back; enough of them, or one after which nothing can be read, ends the run.
 */

/** The checks, in the order of the report. */
export const checks = {
  container: 'The container is one strict archive, its members complete and in order.',
  checkpoint: 'The checkpoint is signed by the pinned key, directly or through rotations that it signed.',
  keys: 'Every key rotation is in the log, signed by both keys, and each key kept to its window.',
  seal: 'The last leaf under the checkpoint is the seal in this package.',
  entries: 'Every entry is canonical, complete and within the limits.',
  order: 'Numbers run without a gap and times never fall, as far as the scope reaches.',
  chains: 'The chain of every subject is unbroken, as far as the scope reaches.',
  tree: 'Every entry is in the tree that the checkpoint signs.',
  map: 'The subject map proves that no entry of the subject was left out.',
  seals: 'Every seal names the right subject map, number of subjects, key epoch and seal before it.',
  scope: 'The package holds exactly what its scope promises.',
  disclosures: 'Every disclosed value fits its commitment; every other is erased or allowed to be withheld.',
  csv: 'The table for people says exactly what the entries say.',
  stamps: 'Time stamps of pinned authorities.',
  cosignatures: 'No cosignature of a known witness is false.',
  manifest: 'The signed manifest names every member of this package.',
} as const;

export type Check = keyof typeof checks;

/** One thing that is wrong. `code` is stable across versions; `words` are for people. */
export interface Failure {
  readonly check: Check;
  readonly code: string;
  readonly words: string;
  readonly seq?: number;
  readonly file?: string;
}

/** Ends the run: nothing after this point can be read with meaning. */
export class Stop extends Error {
  override readonly name = 'Stop';
}

/** A text that breaks its format; the reader that met it turns it into a failure. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

const enough = 20;

export class Findings {
  readonly failures: Failure[] = [];
  readonly done = new Set<Check>();

  /** Records a failure and goes on; throws `Stop` once there are twenty. */
  fail(failure: Failure): void {
    this.failures.push(failure);
    if (this.failures.length >= enough) throw new Stop('Twenty failures are enough.');
  }

  /** Records a failure after which nothing can be read; the caller throws what it gets. */
  stop(failure: Failure): Stop {
    this.failures.push(failure);
    return new Stop(failure.words);
  }

  /** Says that `check` ran to its end; it passed unless a failure names it. */
  finish(check: Check): void {
    this.done.add(check);
  }

  result(check: Check): 'passed' | 'failed' | 'not reached' {
    if (this.failures.some((failure) => failure.check === check)) return 'failed';
    return this.done.has(check) ? 'passed' : 'not reached';
  }
}
