import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_SIZE, SEGMENT_SIZE } from '../../src/crypto/geometry.ts';
import { EnvelopeRejected } from '../../src/crypto/header.ts';
import { Secret } from '../../src/crypto/secret.ts';
import {
  openTail,
  openTailRecord,
  sealTail,
  sealTailRecord,
  TAIL_RECORD_SIZE,
} from '../../src/crypto/tail.ts';
import { pattern } from './envelope-maker.ts';

const key = Secret.random(32);
const id = Buffer.alloc(16, 4);

describe('K5: the tail of an unfinished segment', () => {
  it.each([0, 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE, SEGMENT_SIZE])('%d bytes read back', (size) => {
    const plaintext = pattern(size, 1);
    expect(openTail(key, id, 3, sealTail(key, id, 3, plaintext)).equals(plaintext)).toBe(true);
  });

  it('a chunk that grows is sealed again under a new nonce', () => {
    const position = { segment: 0, chunk: 0, last: true };
    const nonces = Array.from({ length: 200 }, (_, n) =>
      sealTailRecord(key, id, position, Buffer.alloc(n)).subarray(0, 24).toString('hex'),
    );
    expect(new Set(nonces).size).toBe(200);
  });

  it('another object, segment, key or order, any cut and any flipped bit are refused', () => {
    const plaintext = pattern(2 * CHUNK_SIZE + 50, 2);
    const tail = sealTail(key, id, 3, plaintext);
    const refused = (make: () => Buffer) => expect(make).toThrow(EnvelopeRejected);
    refused(() => openTail(key, Buffer.alloc(16), 3, tail));
    refused(() => openTail(key, id, 4, tail));
    refused(() => openTail(Secret.random(32), id, 3, tail));
    const [a, b, c] = [0, 1, 2].map((i) => tail.subarray(i * TAIL_RECORD_SIZE, (i + 1) * TAIL_RECORD_SIZE));
    refused(() => openTail(key, id, 3, Buffer.concat([b!, a!, c!])));
    refused(() => openTail(key, id, 3, Buffer.concat([a!, b!])));
    refused(() => openTail(key, id, 3, Buffer.concat([a!, c!])));
    refused(() => openTail(key, id, 3, Buffer.concat([tail, c!])));
    const small = sealTail(key, id, 0, pattern(40, 3));
    for (let size = 0; size < small.length; size += 1)
      refused(() => openTail(key, id, 0, small.subarray(0, size)));
    fc.assert(
      fc.property(fc.nat(small.length * 8 - 1), (bit) => {
        const mutant = Buffer.from(small);
        mutant.writeUInt8(mutant.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        refused(() => openTail(key, id, 0, mutant));
      }),
    );
  });

  it('is never longer than a segment; only its last record is short', () => {
    expect(() => sealTail(key, id, 0, Buffer.alloc(SEGMENT_SIZE + 1))).toThrow(RangeError);
    expect(() => openTail(key, id, 0, Buffer.alloc(64 * TAIL_RECORD_SIZE + 1))).toThrow(EnvelopeRejected);
    const middle = { segment: 0, chunk: 0, last: false };
    expect(() => sealTailRecord(key, id, middle, Buffer.alloc(5))).toThrow(RangeError);
    expect(() => sealTailRecord(key, id, { ...middle, last: true }, Buffer.alloc(CHUNK_SIZE + 1))).toThrow(
      RangeError,
    );
    expect(() => openTailRecord(key, id, middle, Buffer.alloc(60))).toThrow(EnvelopeRejected);
    expect(() =>
      openTailRecord(key, id, { ...middle, last: true }, Buffer.alloc(TAIL_RECORD_SIZE + 1)),
    ).toThrow(EnvelopeRejected);
  });
});
