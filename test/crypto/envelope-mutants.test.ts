import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newObject } from '../../src/crypto/envelope-keys.ts';
import { CHUNK_SIZE } from '../../src/crypto/geometry.ts';
import { EnvelopeRejected } from '../../src/crypto/header.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openAll, pattern, type Stored, store, storeIn } from './envelope-maker.ts';

const count = Math.min(100_000, Number(process.env.CUSTOS_MUTANTS ?? 2_000));

/** Small objects keep a hundred thousand mutants affordable; two of them cross a chunk border. */
const dek = Secret.random(32);
const object = newObject(dek, { suite: 1, objectId: Buffer.alloc(16, 1), keyIndex: 1, keyVersion: 1 });
const originals: Stored[] = [
  store(dek, 1, pattern(0, 1)),
  store(dek, 1, pattern(700, 2)),
  store(dek, 2, pattern(700, 3)),
  storeIn(object, pattern(700, 4)),
  // The same object, sealed again with other content: an older version of itself.
  storeIn(object, pattern(700, 5)),
  store(dek, 1, pattern(CHUNK_SIZE + 90, 6)),
  store(dek, 2, pattern(CHUNK_SIZE + 90, 7)),
];

type Mutant = { bytes: Buffer; manifest: Pick<Stored, 'size' | 'salts' | 'headerHash'>; key: Secret };
const flip = (bytes: Buffer, bit: number): Buffer => {
  const mutant = Buffer.from(bytes);
  mutant.writeUInt8(mutant.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return mutant;
};

/** What may be done to stored bytes by who holds them, and to a reader by who misleads it. Never a no-op. */
const changes: ((one: Stored, a: number, b: number) => Mutant | undefined)[] = [
  // Flip any bit that the manifest does not already hold (the segment head is never read).
  (one, a) => {
    const bit = a % (one.stored.length * 8);
    const inHead = bit >> 3 >= 128 && bit >> 3 < 160;
    return inHead ? undefined : { bytes: flip(one.stored, bit), manifest: one, key: dek };
  },
  // Flip a bit of the header, where every field lies.
  (one, a) => ({ bytes: flip(one.stored, a % 1_024), manifest: one, key: dek }),
  // Truncate, with the true size and with a size that fits what is left.
  (one, a) => ({ bytes: one.stored.subarray(0, a % one.stored.length), manifest: one, key: dek }),
  (one, a) => {
    if (one.size === 0) return undefined;
    const size = a % one.size;
    const cut =
      one.stored.length - (one.size - size) - (size <= CHUNK_SIZE && one.size > CHUNK_SIZE ? 16 : 0);
    return { bytes: one.stored.subarray(0, cut), manifest: { ...one, size }, key: dek };
  },
  // Add bytes at the end, or repeat the last ones.
  (one, a) => ({
    bytes: Buffer.concat([one.stored, one.stored.subarray(-(1 + (a % 40)))]),
    manifest: one,
    key: dek,
  }),
  // Swap two chunks, or write one over the other.
  (one) => {
    if (one.size <= CHUNK_SIZE) return undefined;
    const bytes = Buffer.from(one.stored);
    one.stored.copy(bytes, 160, 160 + 262_160);
    return { bytes, manifest: one, key: dek };
  },
  // Swap whole objects, their headers, their contents, their salts.
  (one, a) => {
    const other = originals[a % originals.length]!;
    return other === one ? undefined : { bytes: other.stored, manifest: one, key: dek };
  },
  (one, a) => {
    const other = originals[a % originals.length]!;
    if (other === one || other.headerHash.equals(one.headerHash)) return undefined;
    const bytes = Buffer.concat([other.stored.subarray(0, 128), one.stored.subarray(128)]);
    return { bytes, manifest: a % 2 === 0 ? one : { ...one, headerHash: other.headerHash }, key: dek };
  },
  (one, a) => {
    const other = originals[a % originals.length]!;
    return other === one
      ? undefined
      : { bytes: one.stored, manifest: { ...one, salts: other.salts }, key: dek };
  },
  // Downgrade or change the suite and nothing else.
  (one, a) => {
    const bytes = Buffer.from(one.stored);
    bytes.writeUInt8((one.suite + 1 + (a % 255)) % 256, 5);
    return bytes.equals(one.stored) ? undefined : { bytes, manifest: one, key: dek };
  },
  // Another key, one bit away.
  (one, a) => ({ bytes: one.stored, manifest: one, key: new Secret(flip(dek.bytes, a % 256)) }),
  // Garbage of the right length.
  (one, a, b) => ({ bytes: pattern(one.stored.length, a ^ b), manifest: one, key: dek }),
];

describe(`K11: ${count} mutants of an envelope`, () => {
  it('the originals open', () => {
    for (const one of originals) expect(openAll(dek, one.stored, one).equals(one.plaintext)).toBe(true);
  });

  it('P25: none is accepted, and every refusal is the one error', () => {
    let tried = 0;
    const mutants = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat());
    const kinds = new Set<number>();
    fc.assert(
      fc.property(mutants, ([pick, kind, a, b]) => {
        const one = originals[pick % originals.length]!;
        const mutant = changes[kind % changes.length]!(one, a, b);
        fc.pre(mutant !== undefined);
        tried += 1;
        kinds.add(kind % changes.length);
        expect(() => openAll(mutant!.key, mutant!.bytes, mutant!.manifest)).toThrow(EnvelopeRejected);
      }),
      { numRuns: count, maxSkipsPerRun: 1_000, endOnFailure: true },
    );
    expect(tried).toBeGreaterThanOrEqual(count);
    expect(kinds.size).toBe(changes.length);
  }, 600_000);
});
