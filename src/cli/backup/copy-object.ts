/** Sealed objects from one store to another, hashed on the way; nothing is opened. */
import { createHash } from 'node:crypto';
import type { BlobName, BlobStore, PartTag } from '../../acts/ports/blob.ts';
import type { CopiedObject } from './files.ts';

/** S3's least part is 5 MiB, its most parts 10,000: 32 MiB parts reach past the largest item. */
const partBytes = 32 * 1024 * 1024;

/** Parts of exactly `partBytes`, the last one shorter; at least one, which may be empty. */
async function* inParts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const whole of body) {
    let piece = whole;
    while (size + piece.length >= partBytes) {
      const room = partBytes - size;
      yield Buffer.concat([...pieces, piece.subarray(0, room)]);
      piece = piece.subarray(room);
      pieces = [];
      size = 0;
    }
    if (piece.length > 0) pieces.push(piece);
    size += piece.length;
  }
  if (size > 0) yield Buffer.concat(pieces);
}

/** Copies one object; what was there under its name is replaced whole or not at all. */
export async function copyObject(from: BlobStore, to: BlobStore, name: BlobName): Promise<CopiedObject> {
  const hash = createHash('sha256');
  const tags: PartTag[] = [];
  const upload = await to.begin(name);
  let offset = 0;
  try {
    for await (const bytes of inParts(await from.read(name, 'all'))) {
      hash.update(bytes);
      tags.push(await to.putPart({ name, upload, number: tags.length + 1, offset, bytes }));
      offset += bytes.length;
    }
    if (tags.length === 0) {
      await to.abort(name, upload);
      await to.put(name, new Uint8Array(0));
    } else await to.complete(name, upload, tags);
  } catch (error) {
    await to.abort(name, upload);
    throw error;
  }
  return { name, size: offset, sha256: hash.digest('hex') };
}
