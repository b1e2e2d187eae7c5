/**
 * The head of a package (custody-log L9, L10.2): what it promises, the checkpoint, the seal at size − 1, the map or
 * range, and the key rotations. Gathers the members and settles them before the first entry is read.
 */
import { bytesOf, hashFromHex, textOf } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import {
  type ExportDocument,
  type LeafProof,
  type RangeDocument,
  readExport,
  readKey,
  readLeafProof,
  readRange,
} from './documents.ts';
import { type Entry, readEntry } from './entry.ts';
import { Malformed } from './findings.ts';
import { checkSigners, type KeyHistory, type Rotation, readRotation, settleKeys } from './key-history.ts';
import { sealFacts } from './kinds.ts';
import { answerMapProof, type MapAnswer, type MapProof, parseMapProof } from './map.ts';
import { type Note, parseNote, type VerifierKey } from './note.ts';
import type { Primitives } from './primitives.ts';
import { leafHashHex, verifyInclusion } from './tree.ts';

/** The members of the head so far; each is there once its member was read. */
export class Opening {
  readonly #primitives: Primitives;
  readonly #pinned: VerifierKey;
  readonly rotations: Rotation[] = [];
  document: ExportDocument | undefined;
  checkpoint: Checkpoint | undefined;
  note: Note | undefined;
  noteBytes: Uint8Array | undefined;
  seal: Entry | undefined;
  sealLeaf = '';
  range: RangeDocument | undefined;
  map: MapProof | undefined;
  history: KeyHistory | undefined;

  constructor(primitives: Primitives, pinned: VerifierKey) {
    this.#primitives = primitives;
    this.#pinned = pinned;
  }

  /** `export.json`. Throws `Malformed`, as do all that follow. */
  takeExport(text: string): ExportDocument {
    this.document = readExport(text);
    if (this.document.origin !== this.#pinned.name)
      throw new Malformed('the package is of another log than the trust file');
    return this.document;
  }

  takeCheckpoint(bytes: Uint8Array): void {
    this.note = parseNote(bytes);
    this.noteBytes = bytes;
    const checkpoint = parseCheckpoint(this.note.text);
    if (checkpoint.root.length !== 32) throw new Malformed('the root of the checkpoint is not 32 bytes');
    if (checkpoint.origin !== this.document?.origin) throw new Malformed('the checkpoint is of another log');
    if (checkpoint.size !== this.document.size) throw new Malformed('the checkpoint is of another size');
    this.checkpoint = checkpoint;
  }

  takeSeal(bytes: Uint8Array): void {
    const read = readEntry(bytes);
    if (!('entry' in read)) throw new Malformed(read.words);
    const { entry } = read;
    if (entry.kind !== 'seal' || sealFacts(entry.facts) === undefined)
      throw new Malformed('the last leaf is no seal');
    if (entry.origin !== this.document?.origin) throw new Malformed('the seal is of another log');
    this.seal = entry;
    this.sealLeaf = leafHashHex(this.#primitives, bytes);
  }

  takeSealProof(text: string): void {
    const { seq, path }: LeafProof = readLeafProof(text);
    const leaf = hashFromHex(this.sealLeaf);
    const { checkpoint, seal } = this;
    const holds =
      leaf !== undefined &&
      checkpoint !== undefined &&
      seq === checkpoint.size - 1 &&
      seal?.seq === seq &&
      verifyInclusion(this.#primitives, seq, checkpoint.size, leaf, path, checkpoint.root);
    if (!holds) throw new Malformed('the seal is not proved to be the last leaf');
  }

  takeMap(text: string): void {
    this.map = parseMapProof(text);
    if (this.map.id !== this.document?.scope.id) throw new Malformed('the map proof is of another subject');
  }

  takeRange(text: string): void {
    this.range = readRange(text);
  }

  takeKey(text: string, epoch: number): void {
    this.rotations.push(readRotation(this.#primitives, readKey(text), epoch, this.document?.origin ?? ''));
  }

  /** Orders the keys around the pinned one. */
  settle(): KeyHistory {
    const { checkpoint } = this;
    if (checkpoint === undefined) throw new Malformed('no checkpoint');
    this.history = settleKeys(this.#primitives, this.#pinned, this.rotations, checkpoint);
    return this.history;
  }

  /** Checks who signed the checkpoint. */
  checkSigners(history: KeyHistory): void {
    if (this.note === undefined) throw new Malformed('no checkpoint');
    checkSigners(this.#primitives, history, this.note);
  }

  /** Checks that the seal is of the epoch whose key signs at this size. */
  checkSealEpoch(history: KeyHistory): void {
    if (sealFacts(this.seal?.facts ?? {})?.epoch !== history.sealEpoch)
      throw new Malformed('the seal names another key epoch than the rotations give');
  }

  /** What the map proof shows under the seal's map. */
  answerMap(): MapAnswer {
    const root = hashFromHex(sealFacts(this.seal?.facts ?? {})?.map);
    if (this.map === undefined || root === undefined) throw new Malformed('no map proof');
    const answer = answerMapProof(this.#primitives, this.map, root);
    if (answer.state === 'false') throw new Malformed('the map proof does not lead to the map of the seal');
    return answer;
  }

  /** The keys that may vouch for a note: all that are settled, or the pinned one alone. */
  get keys(): VerifierKey[] {
    const settled = this.history?.keys.filter((key) => key !== undefined);
    return settled ?? [this.#pinned];
  }

  get lastKey(): VerifierKey | undefined {
    return this.history?.keys.at(-1);
  }
}

/** The text of a member that must be UTF-8. Throws `Malformed`. */
export function memberText(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text === undefined) throw new Malformed('not UTF-8');
  return text;
}

/** Joins the pieces of a manifest's text and compares; the signature is checked by the caller. Throws `Malformed`. */
export function readManifest(bytes: Uint8Array, expected: string): Note {
  const note = parseNote(bytes);
  if (note.text !== expected) throw new Malformed('the manifest names other members, hashes or sizes');
  if (note.signatures.length !== 1) throw new Malformed('a manifest has exactly one signature');
  return { ...note, textBytes: bytesOf(note.text) };
}
