/**
 * Checkpoints (custody-log L5.2): the signed statement of the log's size and root, a C2SP signed note with
 * exactly three lines of text and no extension. Also the receipt for one entry, a C2SP tlog-proof (L9).
 */
import { decodeBase64 } from './base64.ts';
import { LogError } from './log-error.ts';
import { formatNote, type Note, parseNote, type Sign, signText } from './note.ts';
import type { NoteKey } from './note-key.ts';

/** What a checkpoint states. `root`: 32 bytes. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** `origin LF size LF base64(root) LF`. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** What the text states. Throws `LogError` unless it is exactly as `formatCheckpoint` writes it, size ≤ 2^53 − 1. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, end, ...more] = text.split('\n');
  if (!origin || size === undefined || root === undefined || end !== '' || more.length > 0) {
    throw new LogError('note', 'A checkpoint has exactly three lines.');
  }
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw new LogError('note', 'A checkpoint size is a plain decimal number.');
  }
  const bytes = decodeBase64(root);
  if (bytes.length !== 32) throw new LogError('note', 'A checkpoint root is 32 bytes.');
  return { origin, size: Number(size), root: bytes };
}

/** The signed note of a checkpoint: by one key, or at a rotation by the old and the new one (L6). Each key's name is the origin. */
export function signCheckpoint(
  checkpoint: Checkpoint,
  signers: readonly { readonly key: NoteKey; readonly sign: Sign }[],
): string {
  const text = formatCheckpoint(checkpoint);
  if (signers.some(({ key }) => key.name !== checkpoint.origin)) {
    throw new LogError('note', 'A log key bears the name of its origin.');
  }
  return formatNote({ text, signatures: signers.map(({ key, sign }) => signText(text, key, sign)) });
}

/** Note and checkpoint in one step; verifies nothing. Throws `LogError`. */
export function readCheckpoint(note: string): { readonly note: Note; readonly checkpoint: Checkpoint } {
  const parsed = parseNote(note);
  return { note: parsed, checkpoint: parseCheckpoint(parsed.text) };
}

/** A receipt for entry `index`: `.tlog-proof` with its inclusion path and the whole signed note of a checkpoint. */
export function formatReceipt(index: number, path: readonly Uint8Array[], checkpoint: string): string {
  const hashes = path.map((one) => `${Buffer.from(one).toString('base64')}\n`).join('');
  return `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes}\n${checkpoint}`;
}
