/**
 * A key file (K2.5): 32 random bytes as one line of text, mode 0600, so that a node starts unattended.
 * Whoever can read it and the keys folder can open everything; the service refuses one that others may read.
 */
import { statSync } from 'node:fs';
import { Secret } from '../crypto/secret.ts';
import { readIfThere, replaceFile } from './durable.ts';

/** Thrown for a key file that its group or others may use. Carries its path and no content. */
export class KeyFileExposed extends Error {
  override readonly name = 'KeyFileExposed';
  constructor(path: string) {
    super(`The key file ${path} must have mode 0600.`);
  }
}

const LINE = /^custos-key-1:([0-9a-f]{64})\n$/;

/** Writes a key file; durable when it resolves. */
export async function writeKeyFile(path: string, key: Secret): Promise<void> {
  const line = Buffer.from(`custos-key-1:${key.bytes.toString('hex')}\n`);
  await replaceFile(path, line);
  line.fill(0);
}

/** The key of a file, or undefined when there is no file or it holds no key. Throws `KeyFileExposed`. */
export function readKeyFile(path: string): Secret | undefined {
  const bytes = readIfThere(path);
  if (bytes === undefined) return undefined;
  if ((statSync(path).mode & 0o077) !== 0) throw new KeyFileExposed(path);
  const [, key] = LINE.exec(bytes.toString('latin1')) ?? [];
  bytes.fill(0);
  return key === undefined ? undefined : new Secret(Buffer.from(key, 'hex'));
}
