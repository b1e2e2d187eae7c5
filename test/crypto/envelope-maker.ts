/** Makes and opens whole objects with the product's functions, as intake and viewing do. */
import { createHash, randomBytes } from 'node:crypto';
import type { Suite } from '../../src/crypto/aead.ts';
import { type EnvelopeObject, newObject, openHeader } from '../../src/crypto/envelope-keys.ts';
import { openChunk } from '../../src/crypto/envelope-open.ts';
import { sealSegment } from '../../src/crypto/envelope-seal.ts';
import {
  chunkCount,
  chunkPosition,
  chunkSize,
  ciphertextOffset,
  ciphertextSize,
  SEGMENT_SIZE,
  segmentCount,
} from '../../src/crypto/geometry.ts';
import { EnvelopeRejected } from '../../src/crypto/header.ts';
import type { Secret } from '../../src/crypto/secret.ts';

export type Stored = {
  suite: Suite;
  stored: Buffer;
  size: number;
  salts: Buffer[];
  headerHash: Buffer;
  plaintext: Buffer;
};

/** Bytes that look random, the same each time. */
export function pattern(size: number, seed: number): Buffer {
  const block = createHash('sha512').update(`${seed}`).digest();
  return Buffer.alloc(size, block);
}

export function store(dek: Secret, suite: Suite, plaintext: Buffer): Stored {
  const object = newObject(dek, { suite, objectId: randomBytes(16), keyIndex: 1, keyVersion: 1 });
  return storeIn(object, plaintext);
}

export function storeIn(object: EnvelopeObject, plaintext: Buffer): Stored {
  const count = segmentCount(plaintext.length);
  const segments = Array.from({ length: count }, (_, i) =>
    sealSegment(object, i, plaintext.subarray(i * SEGMENT_SIZE, (i + 1) * SEGMENT_SIZE), i === count - 1),
  );
  return {
    suite: object.fields.suite,
    stored: Buffer.concat([object.header, ...segments.map((segment) => segment.ciphertext)]),
    size: plaintext.length,
    salts: segments.map((segment) => segment.salt),
    headerHash: object.headerHash,
    plaintext,
  };
}

/** Opens every chunk with the sizes and salts of the manifest, as K3.5 and K3.6 say. */
export function openAll(
  dek: Secret,
  stored: Buffer,
  manifest: Pick<Stored, 'size' | 'salts' | 'headerHash'>,
): Buffer {
  if (stored.length !== ciphertextSize(manifest.size)) throw new EnvelopeRejected();
  const object = openHeader(dek, stored.subarray(0, 128));
  if (!object.headerHash.equals(manifest.headerHash)) throw new EnvelopeRejected();
  const chunks = Array.from({ length: chunkCount(manifest.size) }, (_, i) => {
    const at = ciphertextOffset(i);
    const position = chunkPosition(i, manifest.size);
    const sealed = stored.subarray(at, at + chunkSize(i, manifest.size) + 16);
    return openChunk(object, manifest.salts[position.segment]!, position, sealed);
  });
  return Buffer.concat(chunks);
}
