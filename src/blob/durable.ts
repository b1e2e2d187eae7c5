/**
 * Files that outlast a power cut (K4.2): fsync of the file, then of the folder that names it. Errors leave with one
 * text for every reason and without a path.
 */
import { constants, type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BlobFault, BlobMissing } from '../acts/ports/blob.ts';

/** Makes the folders below `root`, each durable in its parent before the next. */
export async function makeFolder(root: string, folder: string): Promise<void> {
  if (folder === root) return;
  const parent = dirname(folder);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (isCode(error, 'EEXIST')) return;
    if (!isCode(error, 'ENOENT') || parent === folder) throw faultOf(error);
    await makeFolder(root, parent);
    await mkdir(folder, { mode: 0o700 }).catch((again: unknown) => {
      if (!isCode(again, 'EEXIST')) throw faultOf(again);
    });
  }
  await syncFolder(parent);
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all bytes at the offset, however many calls that takes. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    done += (await file.write(bytes, done, bytes.byteLength - done, offset + done)).bytesWritten;
  }
}

/** Opens a plain file, never a link; new files are 0600. */
export async function opened(path: string, flags: number): Promise<FileHandle> {
  try {
    const file = await open(path, flags | constants.O_NOFOLLOW, 0o600);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new BlobMissing('There is no such object.');
  } catch (error) {
    throw faultOf(error);
  }
}

/** The size of the file, or undefined when there is none. */
export async function sizeIn(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/** Whether the error is one of these system errors. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** The same text for every reason: a path of this machine is nobody's business. */
export function faultOf(error: unknown): unknown {
  if (error instanceof BlobFault || error instanceof BlobMissing || error instanceof RangeError) return error;
  if (isCode(error, 'ENOENT', 'ENOTDIR')) return new BlobMissing('There is no such object.');
  const refused = isCode(error, 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ELOOP');
  const text = refused ? 'The folder refused the bytes.' : 'The folder cannot be read or written.';
  return new BlobFault(refused ? 'refused' : 'unreachable', text, { cause: error });
}
