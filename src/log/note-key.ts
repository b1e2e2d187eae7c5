/**
 * Keys of C2SP signed notes and their text form, the vkey (custody-log L5.2, L6).
 * A vkey is only taken apart here: whoever pins one must also pass the key check of L6.
 */
import { hash } from 'node:crypto';
import { decodeBase64 } from './base64.ts';
import { LogError } from './log-error.ts';

/** `0x01`: Ed25519 over the text; `0x04`: a witness's cosignature with time (tlog-cosignature v1). */
export type NoteKeyType = 1 | 4;

/** A public key under the name that its signature lines carry. */
export interface NoteKey {
  readonly name: string;
  readonly type: NoteKeyType;
  /** 8 lower-case hex digits. */
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

/** Whether `name` may name a key: not empty, no white space, no plus sign, well-formed. */
export function isKeyName(name: string): boolean {
  return /^[^\s+\p{Cc}]+$/u.test(name) && name.isWellFormed();
}

/** The key id: the first 4 bytes of SHA-256(name ‖ LF ‖ type ‖ key), in hex. */
export function noteKeyId(name: string, type: NoteKeyType, publicKey: Uint8Array): string {
  const input = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Buffer.of(type), publicKey]);
  return hash('sha256', input, 'buffer').subarray(0, 4).toString('hex');
}

/** A key of this name and type. Throws `LogError` for a bad name or a key that is not 32 bytes. */
export function noteKey(name: string, type: NoteKeyType, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) throw new LogError('note', 'A key name has no space and no plus sign.');
  if (publicKey.length !== 32) throw new LogError('note', 'An Ed25519 public key is 32 bytes.');
  return { name, type, keyId: noteKeyId(name, type, publicKey), publicKey: Buffer.from(publicKey) };
}

/** `<name>+<key id>+<base64 of type ‖ key>`. */
export function formatVkey(key: NoteKey): string {
  return `${key.name}+${key.keyId}+${Buffer.concat([Buffer.of(key.type), key.publicKey]).toString('base64')}`;
}

/** The key in a vkey. Throws `LogError` unless every byte of it is as `formatVkey` writes it. */
export function parseVkey(vkey: string): NoteKey {
  const [, name = '', encoded = ''] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(vkey) ?? [];
  const bytes = decodeBase64(encoded);
  const [type] = bytes;
  if (type !== 1 && type !== 4) throw new LogError('note', 'The key type is unknown.');
  const key = noteKey(name, type, bytes.subarray(1));
  if (formatVkey(key) !== vkey) throw new LogError('note', 'The vkey is malformed.');
  return key;
}
