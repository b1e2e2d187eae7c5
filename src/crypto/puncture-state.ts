/**
 * The bytes of a key tree's state (docs/formats/keyring.md): u32 count, then the nodes from left to right,
 * each u8 depth ‖ u32 prefix ‖ 32 bytes. One state has one spelling; any other bytes are refused.
 * Holds keys: the result is sealed before it is written anywhere.
 */
import type { KeyTree } from './puncture.ts';

/** Thrown for bytes that are not exactly one state. */
export class MalformedTree extends Error {
  override readonly name = 'MalformedTree';
  constructor() {
    super('The key state is malformed.');
  }
}

const DEPTH = 32;
const KEY_SIZE = 32;
const COUNT_SIZE = 4;
const RECORD_SIZE = 1 + 4 + KEY_SIZE;

type Node = { readonly depth: number; readonly prefix: number; readonly start: number; readonly key: Buffer };

/** Writes a state: 4 + 37 bytes a node. */
export function serialiseTree(tree: KeyTree): Buffer {
  const nodes = [...tree].map(([number, key]) => describe(number, key)).sort((a, b) => a.start - b.start);
  const bytes = Buffer.alloc(COUNT_SIZE + nodes.length * RECORD_SIZE);
  bytes.writeUInt32BE(nodes.length, 0);
  nodes.forEach(({ depth, prefix, key }, i) => {
    const at = COUNT_SIZE + i * RECORD_SIZE;
    bytes.writeUInt8(depth, at);
    bytes.writeUInt32BE(prefix, at + 1);
    key.copy(bytes, at + 5);
  });
  return bytes;
}

/** Reads a state. Throws `MalformedTree` unless nodes are in range, ascending, disjoint and nothing is left over. */
export function parseTree(bytes: Buffer): KeyTree {
  if (bytes.length < COUNT_SIZE || bytes.length !== COUNT_SIZE + bytes.readUInt32BE(0) * RECORD_SIZE) {
    throw new MalformedTree();
  }
  const tree: KeyTree = new Map();
  let free = 0;
  for (let at = COUNT_SIZE; at < bytes.length; at += RECORD_SIZE) {
    const depth = bytes.readUInt8(at);
    const prefix = bytes.readUInt32BE(at + 1);
    const width = 2 ** (DEPTH - depth);
    if (depth > DEPTH || prefix >= 2 ** depth || prefix * width < free) throw new MalformedTree();
    free = (prefix + 1) * width;
    tree.set(2 ** depth + prefix, Buffer.from(bytes.subarray(at + 5, at + RECORD_SIZE)));
  }
  return tree;
}

function describe(number: number, key: Buffer): Node {
  // Counted in digits, because Math.log2 is not exact near a power of two.
  const depth = number.toString(2).length - 1;
  const prefix = number - 2 ** depth;
  return { depth, prefix, start: prefix * 2 ** (DEPTH - depth), key };
}
