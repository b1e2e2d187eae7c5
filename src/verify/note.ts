/**
 * Signed notes and verifier keys (C2SP signed-note; custody-log L5.2, L6). Every signature of a known key must
 * hold; those of unknown keys are passed over. A key's name and four-byte id only find it, they prove nothing.
 */
import { decodeBase64 } from './base64.ts';
import { bytesOf, joinBytes, textOf, toHex } from './bytes.ts';
import { Malformed } from './findings.ts';
import type { Primitives } from './primitives.ts';

/** Signature types: `0x01` Ed25519 over the text, `0x04` a witness's cosignature with its time. */
export const signatureTypes = { log: 1, witness: 4 } as const;

export interface VerifierKey {
  /** `<name>+<id>+<base64>`, as it was given. */
  readonly text: string;
  readonly name: string;
  /** Eight hex digits. */
  readonly id: string;
  readonly type: number;
  readonly key: Uint8Array;
}

interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** The signed text with its final newline. */
  readonly text: string;
  readonly textBytes: Uint8Array;
  readonly signatures: readonly NoteSignature[];
}

const maxSignatures = 100;
const namePattern = /^[^\s+\u0085]+$/u;

/**
 * Reads a vkey of type `0x01` or `0x04`. Throws `Malformed` unless its id is the one that belongs to it and the
 * key is sound (L6).
 */
export function parseVerifierKey(primitives: Primitives, text: string): VerifierKey {
  const [, name = '', id = '', encoded = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text) ?? [];
  const data = decodeBase64(encoded);
  if (!namePattern.test(name) || data === undefined || data.length !== 33)
    throw new Malformed('not a verifier key of name, id and 33 bytes');
  const type = data[0] ?? 0;
  if (type !== signatureTypes.log && type !== signatureTypes.witness)
    throw new Malformed('a verifier key of an unknown type');
  const wanted = primitives.sha256Hex(joinBytes([bytesOf(`${name}\n`), data])).slice(0, 8);
  if (wanted !== id) throw new Malformed('the id of the verifier key is not its own');
  const key = data.slice(1);
  if (!primitives.ed25519KeyIsSound(key))
    throw new Malformed('the verifier key is of low order or not canonical');
  return { text, name, id, type, key };
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const data = decodeBase64(encoded);
  if (!namePattern.test(name) || data === undefined || data.length < 5)
    throw new Malformed('a signature line is not dash, name and strict base64');
  return { name, id: toHex(data, 0, 4), signature: data.slice(4) };
}

/** Reads a note; nothing is verified yet. Throws `Malformed` for anything but the format's one spelling. */
export function parseNote(bytes: Uint8Array): Note {
  const whole = textOf(bytes);
  if (whole === undefined) throw new Malformed('a note that is not UTF-8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u0009\u000b-\u001f]/u.test(whole)) throw new Malformed('a note with a control character');
  const split = whole.lastIndexOf('\n\n');
  if (split < 1 || !whole.endsWith('\n'))
    throw new Malformed('a note without text, blank line and signatures');
  const text = whole.slice(0, split + 1);
  const lines = whole.slice(split + 2, -1).split('\n');
  if (split + 2 >= whole.length) throw new Malformed('a note without a signature');
  if (lines.length > maxSignatures) throw new Malformed(`a note with over ${maxSignatures} signatures`);
  return { text, textBytes: bytesOf(text), signatures: lines.map(parseSignature) };
}

export type Signed = 'valid' | 'false' | 'absent';

/** Whether `key` (type `0x01`) signed the note: `false` as soon as one line under its name and id does not hold. */
export function signedBy(primitives: Primitives, note: Note, key: VerifierKey): Signed {
  const lines = note.signatures.filter((line) => line.name === key.name && line.id === key.id);
  if (lines.length === 0) return 'absent';
  const holds = lines.every(
    (line) =>
      key.type === signatureTypes.log && primitives.ed25519Verify(line.signature, note.textBytes, key.key),
  );
  return holds ? 'valid' : 'false';
}
