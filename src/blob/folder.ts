/**
 * A folder as a blob store (K4.2, the embedded default): what is being written lies beside the final name under a
 * name with a leading dot, is fsynced, renamed, and the folder is fsynced too. Folders are 0700, files 0600.
 * Not trusted: whoever can write here can at most withhold, delete or roll back (K1).
 */
import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { constants, type FileHandle, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import {
  type BlobBody,
  type BlobCapabilities,
  type BlobEntry,
  BlobFault,
  BlobMissing,
  type BlobName,
  type BlobStore,
  type ByteRange,
  blobName,
  blobPrefix,
  isBlobName,
  type PartTag,
  type UnfinishedUpload,
  type UploadId,
} from '../acts/ports/blob.ts';
import { exactBody } from './body.ts';
import { faultOf, isCode, makeFolder, opened, sizeIn, syncFolder, writeAt } from './durable.ts';
import { checkPart, checkRange, sizeOf } from './parts.ts';

/** One read: smaller buffers halve the speed of everything above (K6). */
const READ_BYTES = 1024 * 1024;
const UPLOAD_ID = /^[0-9a-f-]{36}$/;
const BESIDE = /^\.(.+)\.([0-9a-f-]{36})\.part$/;
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = constants;

/** Opens (and makes, when missing) the folder `root`, an absolute path. */
export async function openFolderStore(root: string): Promise<BlobStore> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const pathOf = (name: BlobName): string => join(root, ...blobName(name).split('/'));
  const partial = (name: BlobName, upload: UploadId): string => {
    if (!UPLOAD_ID.test(upload)) throw new RangeError('Not an upload of this store.');
    return besideOf(pathOf(name), upload);
  };

  return {
    kind: 'folder',

    async begin(name) {
      const upload = randomUUID() as UploadId;
      const path = partial(name, upload);
      await makeFolder(root, dirname(path));
      const file = await opened(path, O_WRONLY | O_CREAT | O_EXCL);
      await file.close();
      await syncFolder(dirname(path));
      return upload;
    },

    async putPart(part) {
      checkPart(part);
      const file = await opened(partial(part.name, part.upload), O_WRONLY);
      try {
        await writeAt(file, part.bytes, part.offset);
        await file.sync();
      } catch (error) {
        throw faultOf(error);
      } finally {
        await file.close();
      }
      return { number: part.number, offset: part.offset, size: part.bytes.byteLength, tag: `${part.offset}` };
    },

    complete: async (name, upload, parts) => complete(pathOf(name), partial(name, upload), parts),

    async abort(name, upload) {
      await rm(partial(name, upload), { force: true });
    },

    put: async (name, bytes, how) => put(root, pathOf(name), bytes, how?.onlyIfAbsent ?? false),
    read: async (name, range, signal) => read(pathOf(name), range, signal),
    list: (prefix) => list(root, blobPrefix(prefix)),

    async delete(name) {
      const path = pathOf(name);
      try {
        await rm(path);
        await syncFolder(dirname(path));
      } catch (error) {
        if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw faultOf(error);
      }
    },

    unfinished: () => unfinished(root),
    probe: () => probe(root),
  };
}

function besideOf(path: string, upload: string): string {
  return join(dirname(path), `.${basename(path)}.${upload}.part`);
}

async function complete(path: string, beside: string, parts: readonly PartTag[]): Promise<void> {
  const size = sizeOf(parts);
  let file: FileHandle;
  try {
    file = await opened(beside, O_WRONLY);
  } catch (error) {
    // The answer to an earlier call was lost: the object is there already.
    if (error instanceof BlobMissing && (await sizeIn(path)) === size) return;
    throw error;
  }
  try {
    if ((await file.stat()).size < size) throw new BlobFault('damaged', 'A part of the object is missing.');
    // A part that was sent again may have been shorter than the first time.
    await file.truncate(size);
    await file.sync();
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw faultOf(error);
  } finally {
    await file.close();
  }
}

async function put(root: string, path: string, bytes: Uint8Array, onlyIfAbsent: boolean): Promise<void> {
  const folder = dirname(path);
  await makeFolder(root, folder);
  const beside = besideOf(path, randomUUID());
  try {
    const file = await opened(beside, O_WRONLY | O_CREAT | O_EXCL);
    try {
      await writeAt(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    // link(2) fails when the name is taken; rename(2) replaces it. Both are atomic.
    if (onlyIfAbsent) await link(beside, path);
    else await rename(beside, path);
    await syncFolder(folder);
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw new BlobFault('exists', 'There is an object of this name already.');
    throw faultOf(error);
  } finally {
    await rm(beside, { force: true });
  }
}

async function read(path: string, range: ByteRange | 'all', signal?: AbortSignal): Promise<BlobBody> {
  checkRange(range);
  signal?.throwIfAborted();
  const file = await opened(path, O_RDONLY);
  try {
    const { size } = await file.stat();
    const { from, to } = range === 'all' ? { from: 0, to: size } : range;
    if (to > size) throw new BlobFault('damaged', 'The object is shorter than the range asked for.');
    return exactBody(fileSource(file, from, to), to - from, signal);
  } catch (error) {
    await file.close();
    throw faultOf(error);
  }
}

function fileSource(file: FileHandle, from: number, to: number) {
  let position = from;
  return {
    async pull(): Promise<Uint8Array | undefined> {
      if (position >= to) return undefined;
      // The first read ends at a whole MiB of the file, so that all others are aligned.
      const length = Math.min(READ_BYTES - (position % READ_BYTES), to - position);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, position);
      position += bytesRead;
      if (bytesRead === 0) return undefined;
      return bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
    },
    async close(): Promise<void> {
      await file.close().catch(() => undefined);
    },
  };
}

async function* list(root: string, prefix: string): AsyncGenerator<BlobEntry> {
  const start = join(root, ...prefix.split('/').slice(0, -1));
  for await (const { path } of filesBelow(start)) {
    const name = nameIn(root, path);
    if (name === undefined || !name.startsWith(prefix)) continue;
    const found = await stat(path).catch(() => undefined);
    if (found) yield { name, size: found.size, modifiedAt: Math.floor(found.mtimeMs) };
  }
}

async function* unfinished(root: string): AsyncGenerator<UnfinishedUpload> {
  for await (const { path, entry } of filesBelow(root)) {
    const [, base, upload] = BESIDE.exec(entry.name) ?? [];
    const found = base && (await stat(path).catch(() => undefined));
    if (!found) continue;
    const name = blobName(
      relative(root, join(dirname(path), base))
        .split(sep)
        .join('/'),
    );
    yield { name, upload: upload as UploadId, begunAt: Math.floor(found.birthtimeMs) };
  }
}

/** What is not ours (a foreign file, what is being written) has no name. */
function nameIn(root: string, path: string): BlobName | undefined {
  const text = relative(root, path).split(sep).join('/');
  return isBlobName(text) ? text : undefined;
}

async function* filesBelow(start: string): AsyncGenerator<{ path: string; entry: Dirent }> {
  const folders = [start];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.')) folders.push(path);
      if (entry.isFile()) yield { path, entry };
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw faultOf(error);
  }
}

/** A folder has no versions and no locks; the rest is tried, for a mounted share may lack hard links. */
async function probe(root: string): Promise<BlobCapabilities> {
  const path = join(root, 'probe', randomUUID());
  let conditionalPut = false;
  let range = false;
  try {
    await put(root, path, Buffer.from('0123456789'), true).catch(async (error: unknown) => {
      if (!isCode(error instanceof Error ? error.cause : undefined, 'EPERM', 'ENOTSUP', 'ENOSYS'))
        throw error;
      await put(root, path, Buffer.from('0123456789'), false);
    });
    const again = await put(root, path, Buffer.from('x'), true).catch((error: unknown) => error);
    conditionalPut = again instanceof BlobFault && again.code === 'exists';
    const pieces: Uint8Array[] = [];
    for await (const piece of await read(path, { from: 3, to: 7 })) pieces.push(piece);
    range = Buffer.concat(pieces).toString() === '3456';
  } finally {
    await rm(path, { force: true });
  }
  return { range, multipart: true, conditionalPut, versions: 'off', objectLock: 'off' };
}
