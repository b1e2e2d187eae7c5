/** Many chunks under one derivation of the segment key (K3.3, K3.6). */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newObject } from '../../src/crypto/envelope-keys.ts';
import { openChunk, openSegment } from '../../src/crypto/envelope-open.ts';
import { startSegment } from '../../src/crypto/envelope-seal.ts';
import { CHUNK_SIZE } from '../../src/crypto/geometry.ts';
import { EnvelopeRejected } from '../../src/crypto/header.ts';
import { Secret } from '../../src/crypto/secret.ts';

const fields = { suite: 1, objectId: randomBytes(16), keyIndex: 1, keyVersion: 1 } as const;
const object = newObject(Secret.random(32), fields);
const sealer = startSegment(object, 3);
const plain = [randomBytes(CHUNK_SIZE), randomBytes(5)];
const sealed = plain.map((chunk, index) => sealer.sealChunk(chunk, index === 1));

test('K3.6: an opener opens the chunks of its segment in any order, as a single opening does', () => {
  const opener = openSegment(object, 3, sealer.salt);
  for (const chunk of [1, 0, 1]) {
    const position = { segment: 3, chunk, final: chunk === 1 };
    const bytes = sealed[chunk] ?? Buffer.alloc(0);
    expect(opener.openChunk(position, bytes)).toEqual(plain[chunk]);
    expect(openChunk(object, sealer.salt, position, bytes)).toEqual(plain[chunk]);
  }
});

test('K3.6: it refuses a chunk of another segment, and every chunk once it is closed', () => {
  const opener = openSegment(object, 3, sealer.salt);
  const [first = Buffer.alloc(0)] = sealed;
  expect(() => opener.openChunk({ segment: 2, chunk: 0, final: false }, first)).toThrow(EnvelopeRejected);
  opener.close();
  expect(() => opener.openChunk({ segment: 3, chunk: 0, final: false }, first)).toThrow('wiped');
});
