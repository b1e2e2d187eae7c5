/**
 * The manifest of an export package (custody-log L9): every member with its digest and size, signed by the log
 * key. Its second line is an origin, so it never passes for a checkpoint.
 */
import { LogError } from './log-error.ts';
import { formatNote, type Sign, signText } from './note.ts';
import type { NoteKey } from './note-key.ts';

/** A member before the manifest: hex SHA-256 of its content, size in bytes, name. */
export interface ManifestLine {
  readonly sha256: string;
  readonly size: number;
  readonly name: string;
}

/** The manifest's signed note. Throws `LogError` if the key's name is not the origin. */
export function signManifest(
  origin: string,
  made: number,
  members: readonly ManifestLine[],
  signer: { readonly key: NoteKey; readonly sign: Sign },
): string {
  if (signer.key.name !== origin) throw new LogError('note', 'A log key bears the name of its origin.');
  const lines = members.map(({ sha256, size, name }) => `${sha256} ${size} ${name}\n`);
  const text = `custos-manifest/v1\n${origin}\n${made}\n${lines.join('')}`;
  return formatNote({ text, signatures: [signText(text, signer.key, signer.sign)] });
}
