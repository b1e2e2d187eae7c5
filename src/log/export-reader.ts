/**
 * What an export needs from the store and who asks for it (custody-log L9). The reader is not trusted: whoever
 * answers wrongly can at most make a package that the verifier refuses.
 */

import type { ViewedEntry } from './entries-csv.ts';
import type { Disclose, ExportScope } from './export-scope.ts';
import type { MapProof } from './map-proof.ts';
import type { Sign } from './note.ts';
import type { NoteKey } from './note-key.ts';
import type { NodeReader } from './tree-proof.ts';

/** An entry's number and exact bytes. */
export interface StoredEntry {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** A private field's value and its 32-byte salt. */
export interface Disclosure {
  readonly seq: number;
  readonly name: string;
  readonly value: unknown;
  readonly salt: Uint8Array;
}

/** A key change: its `key.rotated` entry and the checkpoint R that both keys signed. */
export interface Rotation extends StoredEntry {
  readonly epoch: number;
  readonly checkpoint: string;
}

/** All answers are about the log as it was at the exported size or later; entries never change. */
export interface ExportReader {
  /** Entries `first` … `end` − 1, ascending. */
  entries(first: number, end: number): AsyncIterable<StoredEntry>;
  /** Entries of a subject's chain with `n` from `first` to `last`, both included, ascending. */
  chain(id: string, first: number, last: number): AsyncIterable<StoredEntry>;
  /** How many of the first `size` entries have `at` < `time`. */
  countBefore(time: number, size: number): Promise<number>;
  /** How many of a subject's first `count` entries have `at` < `time`. */
  chainCountBefore(id: string, time: number, count: number): Promise<number>;
  /** Private values to disclose of these entries; a field left out is withheld or erased. */
  disclosures(seqs: readonly number[]): Promise<readonly Disclosure[]>;
  /** All key changes up to the exported size, ascending by epoch. */
  rotations(): AsyncIterable<Rotation>;
  /** Time-stamp tokens (DER) up to the exported size. */
  stamps(): AsyncIterable<Uint8Array>;
  /** Hashes of complete subtrees. */
  readonly nodes: NodeReader;
}

/** One export, after its `log.exported` entry was sealed and signed. */
export interface ExportRequest {
  readonly scope: ExportScope;
  readonly disclose: Disclose;
  /** Number of the `log.exported` entry. */
  readonly made: number;
  /** The signed note over the seal after `made`, with all cosignatures. */
  readonly checkpoint: string;
  /** The log key that signed it. */
  readonly signer: { readonly key: NoteKey; readonly sign: Sign };
  /** Subject scopes: the proof taken while the map was that of the seal. */
  readonly mapProof?: MapProof | undefined;
  /** Draws `views/report.pdf`; may stop reading at any row. */
  readonly report?: ((rows: AsyncIterable<ViewedEntry>) => Promise<Uint8Array>) | undefined;
}
