import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHUNK_SIZE,
  chunkCount,
  chunkPosition,
  chunkRange,
  chunkSize,
  ciphertextOffset,
  ciphertextSize,
  MAX_OBJECT_SIZE,
  SEALED_SEGMENT_SIZE,
  SEGMENT_SIZE,
  segmentCount,
} from '../../src/crypto/geometry.ts';

const KIB_256 = 262_144;
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 3 * KIB_256 }),
  fc.integer({ min: 0, max: MAX_OBJECT_SIZE }),
  fc.integer({ min: 0, max: 5 }).map((n) => n * KIB_256),
  fc.integer({ min: 1, max: 9_999 }).map((n) => n * 16_777_216),
);

describe('K3.1: geometry', () => {
  it('the figures of the specification', () => {
    expect([CHUNK_SIZE, SEGMENT_SIZE, SEALED_SEGMENT_SIZE]).toEqual([262_144, 16_777_216, 16_778_272]);
    expect(MAX_OBJECT_SIZE).toBe(167_772_160_000);
  });

  it('an empty object has one segment with one empty final chunk', () => {
    expect([chunkCount(0), segmentCount(0), chunkSize(0, 0), ciphertextSize(0)]).toEqual([1, 1, 0, 176]);
    expect(chunkPosition(0, 0)).toEqual({ segment: 0, chunk: 0, final: true });
    expect(chunkRange(0, 0, 0)).toEqual({
      firstChunk: 0,
      lastChunk: 0,
      ciphertextFrom: 160,
      ciphertextTo: 176,
      skip: 0,
      take: 0,
    });
  });

  it('whole chunks and whole segments leave no empty chunk behind', () => {
    expect([chunkCount(KIB_256), chunkCount(KIB_256 + 1)]).toEqual([1, 2]);
    expect([segmentCount(SEGMENT_SIZE), segmentCount(SEGMENT_SIZE + 1)]).toEqual([1, 2]);
    expect(chunkPosition(63, SEGMENT_SIZE)).toEqual({ segment: 0, chunk: 63, final: true });
    expect(chunkPosition(64, SEGMENT_SIZE + 1)).toEqual({ segment: 1, chunk: 0, final: true });
    expect(ciphertextSize(SEGMENT_SIZE)).toBe(128 + 16_778_272);
  });

  it('K3.6: the offset formula, past 4 GiB too', () => {
    const formula = (i: number) =>
      128n + (BigInt(i) / 64n) * 16_778_272n + 32n + (BigInt(i) % 64n) * 262_160n;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 639_999 }), (i) => {
        expect(BigInt(ciphertextOffset(i))).toBe(formula(i));
      }),
    );
  });

  it('the last chunk ends where the object ends, for every size', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const last = chunkCount(size) - 1;
        expect(ciphertextOffset(last) + chunkSize(last, size) + 16).toBe(ciphertextSize(size));
        expect(chunkPosition(last, size).segment).toBe(segmentCount(size) - 1);
        expect(chunkPosition(last, size).final).toBe(true);
        if (last > 0) expect(chunkPosition(last - 1, size).final).toBe(false);
      }),
    );
  });

  it('K3.6: a range fetches exactly the chunks that it touches', () => {
    const ranges = sizes
      .filter((size) => size > 0)
      .chain((size) =>
        fc
          .tuple(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 1, max: size }))
          .map(([a, b]) => ({ size, from: Math.min(a, b - 1), to: Math.max(a + 1, b) })),
      );
    fc.assert(
      fc.property(ranges, ({ size, from, to }) => {
        const range = chunkRange(from, to, size);
        expect(range.take).toBe(to - from);
        expect(range.firstChunk * KIB_256 + range.skip).toBe(from);
        expect(range.skip).toBeLessThan(KIB_256);
        expect(range.lastChunk * KIB_256).toBeLessThan(to);
        expect(range.lastChunk * KIB_256 + chunkSize(range.lastChunk, size)).toBeGreaterThanOrEqual(to);
        expect(range.ciphertextFrom).toBe(ciphertextOffset(range.firstChunk));
        expect(range.ciphertextTo).toBe(
          ciphertextOffset(range.lastChunk) + chunkSize(range.lastChunk, size) + 16,
        );
      }),
    );
  });

  it.each([
    [-1, 1, 10],
    [0, 11, 10],
    [5, 5, 10],
    [6, 5, 10],
    [0.5, 1, 10],
    [0, 1.5, 10],
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, -1],
    [0, 1, 1.5],
    [0, 1, MAX_OBJECT_SIZE + 1],
  ])('range %d to %d of %d is refused', (from, to, size) => {
    expect(() => chunkRange(from, to, size)).toThrow(RangeError);
  });

  it.each([-1, 1, 0.5])('chunk %d of a one-chunk object is refused', (index) => {
    expect(() => chunkPosition(index, 5)).toThrow('no such chunk');
    expect(() => chunkSize(index, 5)).toThrow('no such chunk');
  });
});
