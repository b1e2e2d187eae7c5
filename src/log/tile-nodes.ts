/**
 * The tree's inner hashes out of its tiles (custody-log L3.2, L4.5). A tile holds every eighth level; what lies
 * between is hashed when it is asked for, and kept for the tiles asked for last. Only complete tiles are kept:
 * they never change.
 */
import { LogError } from './log-error.ts';
import { subtreeRoot, tileWidth } from './tile.ts';
import { nodeHash } from './tree.ts';
import type { NodeReader } from './tree-proof.ts';

/** The hashes of a tile, complete or as far as they exist: a multiple of 32 bytes. */
export type TileReader = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/** Levels 0–7 within a complete tile, each row a run of 32-byte hashes. */
type InnerTree = readonly Uint8Array[];

function innerTree(hashes: Uint8Array): InnerTree {
  const rows: Uint8Array[] = [hashes];
  let below = hashes;
  while (below.length > 64) {
    const row = Buffer.allocUnsafe(below.length / 2);
    for (let at = 0; at < row.length; at += 32) {
      row.set(nodeHash(below.subarray(2 * at, 2 * at + 32), below.subarray(2 * at + 32, 2 * at + 64)), at);
    }
    rows.push(row);
    below = row;
  }
  return rows;
}

/** The complete tiles used last, with their inner hashes; the oldest goes when there are too many. */
class TileCache {
  readonly #tiles = new Map<string, InnerTree>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string): InnerTree | undefined {
    const found = this.#tiles.get(name);
    if (found !== undefined) this.set(name, found);
    return found;
  }

  set(name: string, tree: InnerTree): void {
    this.#tiles.delete(name);
    this.#tiles.set(name, tree);
    for (const oldest of this.#tiles.keys()) {
      if (this.#tiles.size <= this.#most) return;
      this.#tiles.delete(oldest);
    }
  }
}

/**
 * Reads any complete subtree's hash out of one tile, keeping the `keep` complete tiles used last (16 KiB each).
 * Throws `LogError` if a tile is too short for what the tree needs.
 */
export function nodesFromTiles(tile: TileReader, keep = 64): NodeReader {
  const cache = new TileCache(keep);
  return async (level, index) => {
    const rise = level % 8;
    const width = 2 ** rise;
    const first = index * width;
    const tileLevel = Math.floor(level / 8);
    const tileIndex = Math.floor(first / tileWidth);
    const name = `${tileLevel}/${tileIndex}`;
    const start = first % tileWidth;
    const kept = cache.get(name)?.[rise];
    if (kept !== undefined) return kept.subarray((start / width) * 32, (start / width) * 32 + 32);
    const hashes = await tile(tileLevel, tileIndex);
    const part = hashes.subarray(start * 32, (start + width) * 32);
    if (part.length !== width * 32) throw new LogError('tree', 'A tile is shorter than the tree needs.');
    if (hashes.length === tileWidth * 32) cache.set(name, innerTree(hashes));
    return subtreeRoot(part);
  };
}
