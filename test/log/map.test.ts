import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogError } from '../../src/log/log-error.ts';
import { bucketOf, hashBucket, rootOfMapPath, SubjectMap } from '../../src/log/map.ts';
import { applyChanges, changesByBucket } from '../../src/log/map-change.ts';
import {
  emptyMapHash,
  keyBit,
  type MapMember,
  mapKey,
  mapLeafHash,
  mapNodeHash,
  subtreeOf,
} from '../../src/log/map-hash.ts';
import { proveSubject, verifyMapProof } from '../../src/log/map-proof.ts';
import { subject } from './example.ts';

/** L3.3, word for word. */
function naive(members: readonly MapMember[], depth: number): Buffer {
  if (members.length === 0) return emptyMapHash();
  if (members.length === 1) return mapLeafHash(members[0]!);
  const side = (bit: 0 | 1) => members.filter(({ key }) => keyBit(key, depth) === bit);
  return mapNodeHash(naive(side(0), depth + 1), naive(side(1), depth + 1));
}

const sorted = (members: Iterable<MapMember>) => [...members].sort((a, b) => Buffer.compare(a.key, b.key));
const inBucket = (members: Iterable<MapMember>) => (bucket: number) =>
  sorted(members).filter(({ key }) => bucketOf(key) === bucket);
const member = (key: Uint8Array, count = 1): MapMember => ({ key, count, head: mapKey(`head ${count}`) });

/** Keys that share long prefixes, so that lone keys rise, buckets fill and paths run deep. */
const keys = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(0, 1, 2, 3, 128, 255),
      fc.constantFrom(0, 1, 128),
      fc.constantFrom(0, 1, 2, 192, 255),
      fc.nat(255),
    ),
    { maxLength: 40, selector: (parts) => parts.join() },
  )
  .map((all) => all.map((parts) => Buffer.concat([Buffer.from(parts), Buffer.alloc(28, 7)])));

describe('L3.3: the subject map', () => {
  test('L3.3: its root is that of the definition, built at once or one change at a time in any order', async () => {
    await fc.assert(
      fc.asyncProperty(keys, async (all) => {
        const members = all.map((key, n) => member(key, n + 1));
        const expected = naive(members, 0);
        const built = await SubjectMap.build(sorted(members));
        expect(built.root()).toEqual(expected);
        expect(built.keys).toBe(members.length);
        const grown = new SubjectMap();
        const present: MapMember[] = [];
        for (const one of members) {
          present.push(one);
          const bucket = bucketOf(one.key);
          grown.update(bucket, inBucket(present)(bucket));
        }
        expect(grown.root()).toEqual(expected);
        expect(grown.keys).toBe(members.length);
        for (const one of members) grown.update(bucketOf(one.key), []);
        expect(grown.root()).toEqual(emptyMapHash());
        expect(grown.keys).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test('L3.4: every key’s path leads to the root, absent keys included, and to no other for a changed leaf', async () => {
    await fc.assert(
      fc.asyncProperty(keys, async (all) => {
        const members = all.slice(all.length / 2).map((key, n) => member(key, n + 1));
        const map = await SubjectMap.build(sorted(members));
        for (const key of all) {
          const path = await map.prove(key, inBucket(members));
          expect(rootOfMapPath(key, path)).toEqual(map.root());
          const present = members.some((one) => one.key === key);
          expect(path.leaf !== undefined && Buffer.compare(path.leaf.key, key) === 0).toBe(present);
          if (path.leaf === undefined) continue;
          const changed = { ...path, leaf: { ...path.leaf, count: path.leaf.count + 1 } };
          expect(rootOfMapPath(key, changed)).not.toEqual(map.root());
          expect(rootOfMapPath(key, { ...path, leaf: undefined })).not.toEqual(map.root());
        }
      }),
      { numRuns: 40 },
    );
  });

  test('L3.4: an absent key beside a full bucket’s members ends in an empty place', async () => {
    const low = member(Buffer.concat([Buffer.of(9, 9, 0x00), Buffer.alloc(29)]));
    const high = member(Buffer.concat([Buffer.of(9, 9, 0x08), Buffer.alloc(29)]));
    const map = await SubjectMap.build([low, high]);
    for (const third of [0x80, 0x40, 0x10]) {
      const key = Buffer.concat([Buffer.of(9, 9, third), Buffer.alloc(29)]);
      const path = await map.prove(key, inBucket([low, high]));
      expect(path.leaf).toBeUndefined();
      expect(rootOfMapPath(key, path)).toEqual(map.root());
    }
  });

  test('L3.5: a proof among 3,000 subjects has about log2(keys) + 1 hashes', async () => {
    const ids = Array.from({ length: 3000 }, (_, n) => subject('item', n));
    const members = ids.map((id) => member(mapKey(id)));
    const map = await SubjectMap.build(sorted(members));
    let hashes = 0;
    for (const id of ids.slice(0, 50)) {
      const proof = await proveSubject(id, map, inBucket(members));
      expect(verifyMapProof(proof, map.root())).toEqual({ count: 1, head: mapKey('head 1').toString('hex') });
      hashes += proof.siblings.length;
    }
    expect(hashes / 50).toBeGreaterThan(11);
    expect(hashes / 50).toBeLessThan(15);
    const absent = await proveSubject(subject('item', 5000), map, inBucket(members));
    expect(verifyMapProof(absent, map.root())).toBe('absent');
    expect(verifyMapProof({ ...absent, id: ids[0]! }, map.root())).toBeUndefined();
  });

  test('L3.4: the empty map proves absence with no hash and no leaf', async () => {
    const proof = await proveSubject(subject('item', 1), new SubjectMap(), () => []);
    expect(proof).toEqual({ id: subject('item', 1), siblings: [] });
    expect(verifyMapProof(proof, emptyMapHash())).toBe('absent');
    expect(verifyMapProof(proof, mapKey('other'))).toBeUndefined();
  });

  test('L5.2: a bucket that was changed in the database is noticed', async () => {
    const one = member(mapKey(subject('item', 1)));
    const bucket = bucketOf(one.key);
    const map = await SubjectMap.build([one]);
    expect(map.bucketHash(bucket)).toEqual(hashBucket(bucket, [one]).hash);
    await expect(map.prove(one.key, () => [{ ...one, count: 2 }])).rejects.toThrow(LogError);
    await expect(map.prove(one.key, () => [])).rejects.toThrow(LogError);
  });

  test('L5.2: undone, the changes of a run give the remembered bucket; done, the new one', () => {
    const ids = Array.from({ length: 40 }, (_, n) => subject('item', n));
    const head = (n: number) => ({ n, leaf: mapKey(`leaf ${n}`) });
    const before = new Map(ids.map((id, n) => [id, n % 3 === 0 ? undefined : head(1)]));
    const after = new Map(ids.map((id) => [id, head(2)]));
    const undone = changesByBucket(before);
    const done = changesByBucket(after);
    expect([...done.keys()].toSorted()).toEqual(
      [...new Set(ids.map((id) => bucketOf(mapKey(id))))].toSorted(),
    );
    for (const [bucket, changes] of done) {
      const old = applyChanges([], undone.get(bucket) ?? []);
      expect(old.length).toBe(undone.get(bucket)?.filter((one) => one.head).length);
      const now = applyChanges(old, changes);
      expect(now.map(({ count }) => count)).toEqual(changes.map(() => 2));
      expect(hashBucket(bucket, applyChanges(now, undone.get(bucket) ?? []))).toEqual(
        hashBucket(bucket, old),
      );
      expect(hashBucket(bucket, now)).not.toEqual(hashBucket(bucket, old));
    }
    const two = [member(Buffer.alloc(32, 1)), member(Buffer.alloc(32, 2))];
    const between = Buffer.concat([Buffer.alloc(31, 1), Buffer.of(2)]);
    expect(applyChanges(two, [{ key: between, head: head(3) }]).map(({ count }) => count)).toEqual([1, 3, 1]);
    expect(two.length).toBe(2);
  });

  test('L3.3: members out of order, doubled, malformed or in the wrong bucket are refused', async () => {
    const [a, b] = sorted([
      member(Buffer.alloc(32, 1)),
      member(Buffer.concat([Buffer.alloc(31, 1), Buffer.of(2)])),
    ]);
    const bucket = bucketOf(a!.key);
    expect(() => hashBucket(bucket, [b!, a!])).toThrow(LogError);
    expect(() => hashBucket(bucket, [a!, a!])).toThrow(LogError);
    expect(() => hashBucket(bucket + 1, [a!])).toThrow(LogError);
    expect(() => hashBucket(bucket, [{ ...a!, count: 0 }])).toThrow(LogError);
    expect(() => hashBucket(bucket, [{ ...a!, head: Buffer.alloc(31) }])).toThrow(LogError);
    expect(() => bucketOf(Buffer.alloc(31))).toThrow(LogError);
    expect(() => bucketOf(Buffer.alloc(0))).toThrow(LogError);
    for (const wrong of [-1, 65_536, 0.5]) expect(() => new SubjectMap().update(wrong, [])).toThrow(LogError);
    const low = member(Buffer.alloc(32, 0));
    await expect(SubjectMap.build([a!, low])).rejects.toThrow(LogError);
  });

  test('L13 F1: 257 hashes, a foreign leaf or a short hash lead nowhere', () => {
    const key = Buffer.alloc(32, 255);
    const hash = emptyMapHash();
    const leaf = member(key);
    expect(rootOfMapPath(key, { siblings: Array(256).fill(hash), leaf })).toBeDefined();
    expect(rootOfMapPath(key, { siblings: Array(257).fill(hash), leaf })).toBeUndefined();
    expect(rootOfMapPath(key.subarray(1), { siblings: [], leaf })).toBeUndefined();
    expect(rootOfMapPath(key, { siblings: [hash], leaf: member(Buffer.alloc(32, 0)) })).toBeUndefined();
    expect(rootOfMapPath(key, { siblings: [hash.subarray(1)], leaf })).toBeUndefined();
    expect(rootOfMapPath(key, { siblings: [], leaf: { ...leaf, count: 0 } })).toBeUndefined();
    expect(rootOfMapPath(key, { siblings: [], leaf: { ...leaf, head: key.subarray(1) } })).toBeUndefined();
    expect(rootOfMapPath(key, { siblings: [], leaf: { ...leaf, key: key.subarray(1) } })).toBeUndefined();
    expect(() => keyBit(key, 256)).toThrow(LogError);
    expect(subtreeOf([leaf], 256).fullness).toBe(1);
  });
});
