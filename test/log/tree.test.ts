import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogError } from '../../src/log/log-error.ts';
import { emptyRoot, Frontier, leafHash, nodeHash } from '../../src/log/tree.ts';
import {
  consistencyProof,
  frontierHashes,
  inclusionProof,
  rootOfInclusion,
  verifyConsistency,
  verifyInclusion,
} from '../../src/log/tree-proof.ts';
import { readVector, testVectors, vectorFiles } from './vectors.ts';

const leaf = (n: number) => leafHash(Buffer.from(`leaf ${n}`));
const leaves = (size: number) => Array.from({ length: size }, (_, n) => leaf(n));

/** RFC 6962 §2.1, word for word: the definition that all else is held against. */
function naiveRoot(rows: readonly Uint8Array[]): Uint8Array {
  if (rows.length === 0) return emptyRoot();
  if (rows.length === 1) return rows[0]!;
  let k = 1;
  while (k * 2 < rows.length) k *= 2;
  return nodeHash(naiveRoot(rows.slice(0, k)), naiveRoot(rows.slice(k)));
}
const nodes = (level: number, index: number) =>
  naiveRoot(leaves((index + 1) * 2 ** level).slice(index * 2 ** level));

const base64 = (text: string | null) => Buffer.from(text ?? '', 'base64');
/** Reads whole numbers as they stand; those beyond 2^53 − 1 are refused before they become a Number. */
function readExact(text: string, name: string): number | undefined {
  const digits = new RegExp(`"${name}": *(-?[0-9]+)`).exec(text)?.[1];
  if (digits === undefined) return 0;
  const exact = BigInt(digits);
  return exact >= 0n && exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : undefined;
}

describe('L3.2: the tree', () => {
  test('L3.2: the frontier gives the root of RFC 6962 at every size, and survives being stored', () => {
    const frontier = new Frontier();
    expect(frontier.root()).toEqual(emptyRoot());
    for (let size = 1; size <= 70; size += 1) {
      frontier.append(leaf(size - 1));
      expect(frontier.size).toBe(size);
      expect(frontier.root()).toEqual(naiveRoot(leaves(size)));
      const again = Frontier.of(size, frontier.hashes);
      again.append(leaf(size));
      expect(again.root()).toEqual(naiveRoot(leaves(size + 1)));
    }
  });

  test('L3.2: a frontier that does not belong to its size is refused', () => {
    const hash = leaf(0);
    expect(() => Frontier.of(2, [hash, hash])).toThrow(LogError);
    expect(() => Frontier.of(1, [hash.subarray(1)])).toThrow(LogError);
    expect(() => Frontier.of(-1, [])).toThrow(LogError);
    expect(() => Frontier.of(0.5, [])).toThrow(LogError);
    expect(() => Frontier.of(2 ** 53, [])).toThrow(LogError);
    expect(Frontier.of(2 ** 40, [hash]).root()).toEqual(hash);
  });

  test('L3.2: every made proof verifies, and fails for any other leaf, place, size or root', async () => {
    for (let size = 1; size <= 20; size += 1) {
      const root = naiveRoot(leaves(size));
      expect(await frontierHashes(size, nodes)).toEqual(leavesFrontier(size));
      for (let index = 0; index < size; index += 1) {
        const path = await inclusionProof(index, size, nodes);
        expect(verifyInclusion(index, size, leaf(index), path, root)).toBe(true);
        expect(verifyInclusion(index, size, leaf(size), path, root)).toBe(false);
        expect(verifyInclusion(index, size, leaf(index), [...path, root], root)).toBe(false);
        if (path.length > 0)
          expect(verifyInclusion(index, size, leaf(index), path.slice(1), root)).toBe(false);
        const old = naiveRoot(leaves(index + 1));
        const proof = await consistencyProof(index + 1, size, nodes);
        expect(verifyConsistency(index + 1, size, old, root, proof)).toBe(true);
        expect(verifyConsistency(index + 1, size, root, leaf(99), proof)).toBe(false);
        expect(verifyConsistency(index + 1, size, old, root, [...proof, root])).toBe(false);
      }
    }
  });

  const leavesFrontier = (size: number) => {
    const frontier = new Frontier();
    for (const one of leaves(size)) frontier.append(one);
    return frontier.hashes;
  };

  test('L13 F1: index ≥ size, size 0, over 2^53, a hash of another length: nothing is proved', async () => {
    const one = leaf(0);
    expect(verifyInclusion(0, 1, one, [], one)).toBe(true);
    for (const [index, size] of [
      [1, 1],
      [0, 0],
      [-1, 1],
      [0.5, 1],
      [0, 2 ** 53],
      [2 ** 53, 2 ** 54],
      [Number.NaN, 1],
    ] as const) {
      expect(rootOfInclusion(index, size, one, [])).toBeUndefined();
      expect(verifyInclusion(index, size, one, [], one)).toBe(false);
      await expect(inclusionProof(index, size, nodes)).rejects.toThrow(LogError);
    }
    expect(verifyInclusion(0, 1, one.subarray(1), [], one)).toBe(false);
    expect(verifyInclusion(0, 2, one, [one.subarray(1)], one)).toBe(false);
    for (const [size1, size2] of [
      [0, 0],
      [0, 1],
      [2, 1],
      [1, 2 ** 53],
      [-1, 1],
    ] as const) {
      expect(verifyConsistency(size1, size2, one, one, [])).toBe(false);
      await expect(consistencyProof(size1, size2, nodes)).rejects.toThrow(LogError);
    }
    expect(verifyConsistency(1, 2, one, one, [one.subarray(1)])).toBe(false);
    expect(verifyConsistency(3, 4, one, one, [])).toBe(false);
  });

  test('L3.2: proofs at sizes beyond 2^32 walk the same loops as small ones', async () => {
    // A tree in which every leaf is the same: the root of 2^n leaves needs n hashes.
    const level: Buffer[] = [leaf(0)];
    for (let n = 1; n <= 52; n += 1) level.push(nodeHash(level[n - 1]!, level[n - 1]!));
    const same = (n: number) => level[n]!;
    const big = fc.integer({ min: 2 ** 33, max: Number.MAX_SAFE_INTEGER });
    await fc.assert(
      fc.asyncProperty(big, big, async (a, b) => {
        const [small, large] = a < b ? [a, b] : [b, a + 1];
        const rootAt = async (size: number) => Frontier.of(size, await frontierHashes(size, same)).root();
        const path = await inclusionProof(small, large, same);
        expect(verifyInclusion(small, large, leaf(0), path, await rootAt(large))).toBe(true);
        const proof = await consistencyProof(small, large, same);
        expect(verifyConsistency(small, large, await rootAt(small), await rootAt(large), proof)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('L12: public vectors of the tree', () => {
  testVectors('L12: inclusion, 98 of 98, the index 2^64 − 1 read as it stands', () => {
    const files = vectorFiles('merkle/testdata/inclusion');
    expect(files.length).toBe(98);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const probe = JSON.parse(text);
      const index = readExact(text, 'leafIdx');
      const size = readExact(text, 'treeSize');
      const path = (probe.proof ?? []).map(base64);
      const holds =
        index !== undefined &&
        size !== undefined &&
        verifyInclusion(index, size, base64(probe.leafHash), path, base64(probe.root));
      expect(holds, file).toBe(!probe.wantErr);
    }
  });

  testVectors('L12: consistency, 98 of 98, size 0 always an error', () => {
    const files = vectorFiles('merkle/testdata/consistency');
    expect(files.length).toBe(98);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const probe = JSON.parse(text);
      const size1 = readExact(text, 'size1');
      const size2 = readExact(text, 'size2');
      const path = (probe.proof ?? []).map(base64);
      const holds =
        size1 !== undefined &&
        size2 !== undefined &&
        verifyConsistency(size1, size2, base64(probe.root1), base64(probe.root2), path);
      expect(holds, file).toBe(!probe.wantErr);
    }
  });

  testVectors('L12: a real log of 961,984,013 leaves: leaf 10,000 and the tree of 3,654,490', () => {
    const json = (name: string) => JSON.parse(readVector('ct-argon2020', name).toString('utf8'));
    const head = json('sth.json');
    const { audit_path, leaf_index } = json('proof.json');
    const input = base64(json('entries.json').entries[0].leaf_input);
    const path = audit_path.map(base64);
    expect(path.length).toBe(30);
    const root = base64(head.sha256_root_hash);
    expect(verifyInclusion(leaf_index, head.tree_size, leafHash(input), path, root)).toBe(true);
    const old = json('old-root.json');
    const proof = json('consistency.json').consistency.map(base64);
    expect(proof.length).toBe(30);
    expect(verifyConsistency(old.tree_size, head.tree_size, base64(old.sha256_root_hash), root, proof)).toBe(
      true,
    );
  });
});
