/**
 * C2SP signed notes: a text and its signature lines, read strictly and written exactly (custody-log L5.2, L7.3).
 * Signing and verifying are functions of the caller: no private key is seen here.
 */
import { decodeBase64 } from './base64.ts';
import { LogError } from './log-error.ts';
import { isKeyName, type NoteKey } from './note-key.ts';

/** 64-byte Ed25519 signature of `message`. */
export type Sign = (message: Uint8Array) => Uint8Array;

/** Whether `signature` is the key's over `message`; never throws. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** One line below the text. `signature` is all that follows the key id. */
export interface NoteSignature {
  readonly name: string;
  /** 8 lower-case hex digits. */
  readonly keyId: string;
  readonly signature: Buffer;
}

/** `text` ends with LF and does not contain the blank line. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const maxSignatures = 100;

/** Whether an ASCII control character other than LF stands in the note. */
function hasControl(note: string): boolean {
  for (let at = 0; at < note.length; at += 1) {
    const unit = note.charCodeAt(at);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}

/** The signature line, with its LF. */
export function formatSignature(signature: NoteSignature): string {
  const bytes = Buffer.concat([Buffer.from(signature.keyId, 'hex'), signature.signature]);
  return `— ${signature.name} ${bytes.toString('base64')}\n`;
}

/** The note's exact text. Throws `LogError` where `parseNote` would not read it back. */
export function formatNote(note: Note): string {
  const text = `${note.text}\n${note.signatures.map(formatSignature).join('')}`;
  parseNote(text);
  return text;
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, encoded, ...more] = line.split(' ');
  if (dash !== '—' || name === undefined || encoded === undefined || more.length > 0) {
    throw new LogError('note', 'A signature line is malformed.');
  }
  if (!isKeyName(name)) throw new LogError('note', 'A key name is malformed.');
  const bytes = decodeBase64(encoded);
  if (bytes.length < 5) throw new LogError('note', 'A signature is too short.');
  return { name, keyId: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) };
}

/** Takes a note apart; verifies nothing. Throws `LogError` for whatever C2SP signed-note does not allow. */
export function parseNote(note: string): Note {
  if (!note.isWellFormed() || hasControl(note))
    throw new LogError('note', 'A note holds a forbidden character.');
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0 || !note.endsWith('\n'))
    throw new LogError('note', 'A note is a text, a blank line and signatures.');
  const lines = note.slice(blank + 2, -1).split('\n');
  if (blank + 2 === note.length) throw new LogError('note', 'A note has at least one signature.');
  if (lines.length > maxSignatures)
    throw new LogError('note', `A note has at most ${maxSignatures} signatures.`);
  return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

/** The signature line of a `0x01` key: Ed25519 over the text. */
export function signText(text: string, key: NoteKey, sign: Sign): NoteSignature {
  if (key.type !== 1) throw new LogError('note', 'A witness key does not sign texts.');
  const signature = Buffer.from(sign(Buffer.from(text, 'utf8')));
  if (signature.length !== 64) throw new LogError('note', 'An Ed25519 signature is 64 bytes.');
  return { name: key.name, keyId: key.keyId, signature };
}

/** A signature that held. `time`: seconds since 1970 of a cosignature, undefined for the log's own. */
export interface Verified {
  readonly key: NoteKey;
  readonly time: number | undefined;
}

function verifyOne(text: string, key: NoteKey, signature: Buffer, verify: Verify): Verified | undefined {
  if (key.type === 1) {
    return verify(key.publicKey, Buffer.from(text, 'utf8'), signature) ? { key, time: undefined } : undefined;
  }
  if (signature.length !== 72) return undefined;
  const time = signature.readBigUInt64BE(0);
  const message = `cosignature/v1\ntime ${time}\n${text}`;
  if (!verify(key.publicKey, Buffer.from(message, 'utf8'), signature.subarray(8))) return undefined;
  return { key, time: Number(time) };
}

/**
 * The note's signatures by `keys`; those of unknown keys are ignored. Throws `LogError` if one of a known key
 * fails, and if a known key signed twice. An empty list means that no known key speaks for the note.
 */
export function verifyNote(note: Note, keys: readonly NoteKey[], verify: Verify): Verified[] {
  const verified: Verified[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((one) => one.name === name && one.keyId === keyId);
    if (key === undefined) continue;
    if (verified.some((one) => one.key === key)) throw new LogError('note', 'A known key signed twice.');
    const one = verifyOne(note.text, key, signature, verify);
    if (one === undefined) throw new LogError('note', 'A signature of a known key does not hold.');
    verified.push(one);
  }
  return verified;
}
