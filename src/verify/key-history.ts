/**
 * The log's keys from epoch 0 to the package's (custody-log L6). Each rotation must be in the log, signed for by its
 * own key, and sealed by a checkpoint R that both keys signed; so trust in the pinned key reaches the others. A key
 * counts only within its window. No key is trusted because a package holds it.
 */
import { bytesOf, hashFromHex, hexInto } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { KeyDocument } from './documents.ts';
import { type Entry, readEntry } from './entry.ts';
import { Malformed } from './findings.ts';
import { rotationFacts } from './kinds.ts';
import {
  type Note,
  parseNote,
  parseVerifierKey,
  signatureTypes,
  signedBy,
  type VerifierKey,
} from './note.ts';
import type { Primitives } from './primitives.ts';
import { leafHashHex, verifyConsistency, verifyInclusion } from './tree.ts';

export interface Rotation {
  readonly epoch: number;
  readonly seq: number;
  readonly entryText: string;
  readonly key: VerifierKey;
  /** R: the checkpoint that closes the old key's window. */
  readonly closing: Checkpoint;
  readonly closingNote: Note;
  readonly consistency: readonly Uint8Array[];
}

function demand(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Malformed(words);
}

/** The key of a `key.rotated` entry, whose own signature it checks. Throws `Malformed`. */
function rotatedKey(primitives: Primitives, entry: Entry): { epoch: number; key: VerifierKey } {
  const facts = entry.kind === 'key.rotated' ? rotationFacts(entry.facts) : undefined;
  demand(facts !== undefined, 'the entry of a rotation is key.rotated with epoch, sig and vkey');
  const key = parseVerifierKey(primitives, facts.vkey);
  demand(key.name === entry.origin && key.type === signatureTypes.log, 'the new key is not one of this log');
  const signature = new Uint8Array(64);
  hexInto(facts.sig, signature, 0);
  const message = bytesOf(`custos-key/v1\n${entry.origin}\n${facts.epoch}\n${facts.vkey}\n`);
  demand(primitives.ed25519Verify(signature, message, key.key), 'the new key did not sign its own rotation');
  return { epoch: facts.epoch, key };
}

/** Reads one `keys/<epoch>.json` and proves its entry in R. Throws `Malformed`. */
export function readRotation(
  primitives: Primitives,
  document: KeyDocument,
  epoch: number,
  origin: string,
): Rotation {
  const bytes = bytesOf(document.entry);
  const read = readEntry(bytes);
  demand('entry' in read, 'the entry of a rotation is no entry');
  const { entry } = read;
  demand(entry.origin === origin && entry.seq === document.seq, 'the rotation is of another log or number');
  const rotated = rotatedKey(primitives, entry);
  demand(rotated.epoch === epoch, 'the rotation begins another epoch than its name says');
  const closingNote = parseNote(bytesOf(document.checkpoint));
  const closing = parseCheckpoint(closingNote.text);
  demand(closing.origin === origin, 'the checkpoint of the rotation is of another log');
  const leaf = hashFromHex(leafHashHex(primitives, bytes)) ?? new Uint8Array(0);
  demand(
    closing.size >= document.seq + 2 &&
      verifyInclusion(primitives, document.seq, closing.size, leaf, document.path, closing.root),
    'the rotation is not in the tree that its checkpoint signs',
  );
  const { key } = rotated;
  const { consistency, seq, entry: entryText } = document;
  return { epoch, seq, entryText, key, closing, closingNote, consistency };
}

/** The verdict on the keys: those of each epoch, `undefined` for an epoch before the pinned key that none vouches for. */
export interface KeyHistory {
  readonly keys: readonly (VerifierKey | undefined)[];
  /** The epoch of the pinned key. */
  readonly pinned: number;
  /** Epochs whose keys must have signed the checkpoint. */
  readonly signers: readonly number[];
  readonly sealEpoch: number;
}

/** Orders the rotations around the pinned key and checks that both keys signed each R. Throws `Malformed`. */
export function settleKeys(
  primitives: Primitives,
  pinned: VerifierKey,
  rotations: readonly Rotation[],
  checkpoint: Checkpoint,
): KeyHistory {
  const newKeys = rotations.map((rotation) => rotation.key);
  const place = newKeys.findIndex((key) => key.text === pinned.text) + 1;
  const keys: (VerifierKey | undefined)[] = [place === 0 ? pinned : undefined, ...newKeys];
  demand(new Set(keys.map((key) => key?.text)).size === keys.length, 'one key stands for two epochs');
  let before = 0;
  for (const { epoch, seq, closing, closingNote, consistency } of rotations) {
    demand(seq >= before && closing.size <= checkpoint.size, 'rotations do not follow one another');
    before = closing.size;
    demand(
      verifyConsistency(
        primitives,
        closing.size,
        checkpoint.size,
        closing.root,
        checkpoint.root,
        consistency,
      ),
      'the tree of a rotation does not continue into the package',
    );
    for (const key of [keys[epoch - 1], keys[epoch]]) {
      if (key !== undefined)
        demand(signedBy(primitives, closingNote, key) === 'valid', 'a rotation is not signed by both keys');
    }
  }
  const last = rotations.length;
  // At size R both keys sign, and the seal is still of the old epoch (L6).
  const isClosing = last > 0 && rotations[last - 1]?.closing.size === checkpoint.size;
  const sealEpoch = isClosing ? last - 1 : last;
  return { keys, pinned: place, signers: isClosing ? [last - 1, last] : [last], sealEpoch };
}

/** Checks that the right keys, and no retired one, signed the checkpoint. Throws `Malformed`. */
export function checkSigners(primitives: Primitives, history: KeyHistory, note: Note): void {
  for (const [epoch, key] of history.keys.entries()) {
    if (key === undefined) continue;
    const signed = signedBy(primitives, note, key);
    demand(signed !== 'false', 'the checkpoint carries a false signature of a known key');
    const isDue = history.signers.includes(epoch);
    demand(
      !isDue || signed === 'valid',
      'the checkpoint is not signed by the pinned key or one it vouches for',
    );
    demand(isDue || signed === 'absent', 'a retired key signed beyond its window');
  }
}
