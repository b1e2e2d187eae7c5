/**
 * Files of the keys folder, replaced whole (K2.3): written beside, fsync, rename, fsync of the folder, read back.
 * At every instant the name holds either the old bytes or the new ones. Folders are 0700, files 0600. After an
 * error nothing may be taken as written; an fsync is never tried again.
 */
import { readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Thrown when a file does not read back as it was written. */
export class NotDurable extends Error {
  override readonly name = 'NotDurable';
  constructor(path: string) {
    super(`The file ${basename(path)} does not read back as it was written.`);
  }
}

/** Makes the folder if it is missing, and closes it to everybody but its owner. */
export async function ensureFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  await chmod(folder, FOLDER_MODE);
}

/** Replaces `path` by `bytes`, durable when it resolves. The caller holds a lock on the name. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', FILE_MODE);
  try {
    // A leftover of an earlier crash may have been made with another mode.
    await file.chmod(FILE_MODE);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncFolder(dirname(path));
  if (!(await readFile(path)).equals(bytes)) throw new NotDurable(path);
}

/** Overwrites a file with zeros and removes it, durable when it resolves. A file that is not there is no error. */
export async function destroyFile(path: string): Promise<void> {
  const bytes = readIfThere(path);
  if (bytes === undefined) return;
  const file = await open(path, 'r+');
  try {
    await file.write(Buffer.alloc(bytes.length), 0, bytes.length, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await unlink(path);
  await syncFolder(dirname(path));
}

/** The bytes of a file, or undefined when there is none. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A text that changes whenever `replaceFile` replaces the file; empty when there is none. */
export function fileMark(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
