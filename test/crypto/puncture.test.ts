import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ForeignTree,
  isLive,
  type KeyTree,
  LEAF_COUNT,
  leaf,
  merge,
  newTree,
  Punctured,
  puncture,
  wipeTree,
} from '../../src/crypto/puncture.ts';
import { MalformedTree, parseTree, serialiseTree } from '../../src/crypto/puncture-state.ts';
import { Secret } from '../../src/crypto/secret.ts';

/** An independent derivation: 32 bits of the index, highest first, each one HMAC step. */
function expectedLeaf(root: Buffer, index: number): Buffer {
  let node = root;
  for (const bit of index.toString(2).padStart(32, '0')) {
    node = createHmac('sha256', node)
      .update(Buffer.of(Number(bit)))
      .digest();
  }
  return node;
}

// Crowded at the low end (as a counter makes them), at the high end, and around a power of two.
const indices = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: LEAF_COUNT - 6, max: LEAF_COUNT - 1 }),
  fc.integer({ min: 2 ** 31 - 3, max: 2 ** 31 + 3 }),
  fc.integer({ min: 0, max: LEAF_COUNT - 1 }),
);
const traces = fc.array(indices, { maxLength: 30 });
const copyOf = (tree: KeyTree): KeyTree => parseTree(serialiseTree(tree));
const root = Buffer.alloc(32, 9);
const treeWithout = (gone: number[]): KeyTree => {
  const tree = newTree(new Secret(Buffer.from(root)));
  for (const index of gone) puncture(tree, index);
  return tree;
};

describe('K2.1: puncturable keys', () => {
  it('a live leaf is the GGM leaf of the root; a punctured one is gone for good', () => {
    fc.assert(
      fc.property(traces, traces, (gone, asked) => {
        const tree = treeWithout(gone);
        for (const index of [...asked, ...gone]) {
          if (gone.includes(index)) {
            expect(isLive(tree, index)).toBe(false);
            expect(() => leaf(tree, index)).toThrow(Punctured);
          } else {
            expect(isLive(tree, index)).toBe(true);
            expect(leaf(tree, index).bytes.equals(expectedLeaf(root, index))).toBe(true);
          }
        }
      }),
    );
  });

  it('no node of the state lies on the path of a punctured leaf', () => {
    fc.assert(
      fc.property(traces, (gone) => {
        const tree = treeWithout(gone);
        for (const index of gone) {
          for (let n = LEAF_COUNT + index; n >= 1; n = Math.floor(n / 2)) expect(tree.has(n)).toBe(false);
        }
      }),
    );
  });

  it('punctures commute and are idempotent', () => {
    fc.assert(
      fc.property(traces, (gone) => {
        const once = serialiseTree(treeWithout(gone));
        expect(serialiseTree(treeWithout([...gone].reverse())).equals(once)).toBe(true);
        expect(serialiseTree(treeWithout([...gone, ...gone])).equals(once)).toBe(true);
        const tree = treeWithout(gone);
        for (const index of gone) expect(puncture(tree, index)).toBe(false);
      }),
    );
  });

  it('replicas merge by union, in any order, and change neither', () => {
    fc.assert(
      fc.property(traces, traces, traces, (one, two, three) => {
        const [a, b, c] = [one, two, three].map(treeWithout) as [KeyTree, KeyTree, KeyTree];
        const before = serialiseTree(a);
        const union = serialiseTree(treeWithout([...one, ...two, ...three]));
        expect(serialiseTree(merge(merge(a, b), c)).equals(union)).toBe(true);
        expect(serialiseTree(merge(c, merge(b, a))).equals(union)).toBe(true);
        expect(serialiseTree(merge(a, a)).equals(before)).toBe(true);
        expect(serialiseTree(a).equals(before)).toBe(true);
      }),
    );
  });

  it('a merged state is its own: puncturing it leaves the replicas as they were', () => {
    const [a, b] = [treeWithout([1]), treeWithout([2])];
    const merged = merge(a, b);
    puncture(merged, 3);
    expect(leaf(a, 3).bytes.equals(expectedLeaf(root, 3))).toBe(true);
    expect(leaf(b, 3).bytes.equals(expectedLeaf(root, 3))).toBe(true);
  });

  it('states of two roots do not merge where they hold the same node', () => {
    const other = newTree(new Secret(Buffer.alloc(32, 8)));
    expect(() => merge(treeWithout([]), other)).toThrow(ForeignTree);
  });

  it('the state grows by at most 32 nodes a puncture, and shrinks when neighbours go', () => {
    const tree = treeWithout([]);
    puncture(tree, 5);
    expect(tree.size).toBe(32);
    for (let index = 0; index < 2_048; index += 1) puncture(tree, index);
    expect(tree.size).toBe(21);
    expect(serialiseTree(tree).length).toBe(4 + 21 * 37);
  });

  it('the root that was given may be wiped; the state may be wiped', () => {
    const secret = new Secret(Buffer.from(root));
    const tree = newTree(secret);
    secret.wipe();
    expect(leaf(tree, 3).bytes.equals(expectedLeaf(root, 3))).toBe(true);
    const node = tree.get(1);
    wipeTree(tree);
    expect(node?.every((byte) => byte === 0)).toBe(true);
    expect(isLive(tree, 3)).toBe(false);
  });

  it('a puncture overwrites the node that it forgets', () => {
    const tree = treeWithout([]);
    const node = tree.get(1);
    puncture(tree, 0);
    expect(node?.every((byte) => byte === 0)).toBe(true);
  });

  it('leaf keys handed out are copies: wiping one harms no node', () => {
    const tree = treeWithout([6]);
    leaf(tree, 7).wipe();
    expect(leaf(tree, 7).bytes.equals(expectedLeaf(root, 7))).toBe(true);
  });

  it.each([-1, LEAF_COUNT, 0.5, Number.NaN])('index %d is outside the tree', (index) => {
    const tree = treeWithout([]);
    expect(() => leaf(tree, index)).toThrow(RangeError);
    expect(() => puncture(tree, index)).toThrow(RangeError);
    expect(() => isLive(tree, index)).toThrow(RangeError);
  });

  it('a root of another size is refused', () => {
    expect(() => newTree(Secret.random(31))).toThrow(RangeError);
  });
});

describe('K2.3: bytes of the state', () => {
  it('read back exactly', () => {
    fc.assert(
      fc.property(traces, (gone) => {
        const tree = treeWithout(gone);
        const again = copyOf(tree);
        expect(again.size).toBe(tree.size);
        for (const [number, node] of tree) expect(again.get(number)?.equals(node)).toBe(true);
      }),
    );
  });

  const record = (depth: number, prefix: number): Buffer => {
    const bytes = Buffer.alloc(37, 1);
    bytes.writeUInt8(depth, 0);
    bytes.writeUInt32BE(prefix, 1);
    return bytes;
  };
  const state = (...records: Buffer[]): Buffer =>
    Buffer.concat([Buffer.of(0, 0, 0, records.length), ...records]);

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a count', Buffer.alloc(3)],
    ['a byte too much', Buffer.concat([state(), Buffer.of(0)])],
    ['a record too few', state(record(1, 0)).subarray(0, 40)],
    ['depth 33', state(record(33, 0))],
    ['a prefix beyond its depth', state(record(1, 2))],
    ['the wrong order', state(record(1, 1), record(1, 0))],
    ['a node twice', state(record(1, 0), record(1, 0))],
    ['a node below another', state(record(1, 0), record(2, 1))],
    ['a leaf below its parent', state(record(31, 0), record(32, 1))],
  ])('%s is refused', (_, bytes) => {
    expect(() => parseTree(bytes)).toThrow(MalformedTree);
  });

  it('every leaf punctured is a state too, and an empty one', () => {
    expect(parseTree(state()).size).toBe(0);
    expect(parseTree(state(record(32, 0xffff_ffff))).has(2 ** 33 - 1)).toBe(true);
  });
});

describe('K11: what an adversary with every backup still opens', () => {
  type Step =
    | { do: 'create' }
    | { do: 'shred'; pick: number; replica: boolean }
    | { do: 'snapshot' }
    | { do: 'expire' }
    | { do: 'restore'; replica: boolean };
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant({ do: 'create' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('shred' as const), pick: fc.nat(99), replica: fc.boolean() }),
      },
      fc.constant({ do: 'snapshot' as const }),
      fc.constant({ do: 'expire' as const }),
      fc.record({ do: fc.constant('restore' as const), replica: fc.boolean() }),
    ),
    { maxLength: 40 },
  );

  it('with today’s keyring and no snapshot, nothing shredded; with one, only what it still held', () => {
    fc.assert(
      fc.property(steps, (trace) => {
        // Two replicas and the snapshots; wrapped keys are in every database backup, so all of them are known.
        const replicas = [treeWithout([]), treeWithout([])] as [KeyTree, KeyTree];
        let snapshots: { tree: KeyTree; gone: Set<number> }[] = [];
        const gone = new Set<number>();
        let created = 0;
        for (const step of trace) {
          if (step.do === 'create') created += 1;
          else if (step.do === 'shred' && created > 0) {
            const index = step.pick % created;
            // A shred is done when every replica has it; one may be reached first.
            for (const tree of step.replica ? replicas : [...replicas].reverse()) puncture(tree, index);
            gone.add(index);
          } else if (step.do === 'snapshot')
            snapshots.push({ tree: copyOf(replicas[0]), gone: new Set(gone) });
          else if (step.do === 'expire') snapshots = snapshots.slice(1);
          else if (step.do === 'restore' && snapshots[0]) {
            // A stale replica is brought back and merged on load.
            replicas[step.replica ? 1 : 0] = merge(copyOf(snapshots[0].tree), replicas[step.replica ? 0 : 1]);
          }
        }
        for (let index = 0; index < created; index += 1) {
          for (const tree of replicas) expect(isLive(tree, index)).toBe(!gone.has(index));
          for (const snapshot of snapshots)
            expect(isLive(snapshot.tree, index)).toBe(!snapshot.gone.has(index));
        }
      }),
    );
  });
});
