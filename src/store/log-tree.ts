/**
 * The tree at a signed size, made anew from the stored entries (custody-log L5.4): the newest 65,536 to 131,072
 * are hashed again, older ones are taken from complete tiles; the daily check hashes all of them.
 */
import { subtreeRoot, type Tile, TileWriter, tileWidth } from '../log/tile.ts';
import { nodesFromTiles } from '../log/tile-nodes.ts';
import { Frontier, leafHash } from '../log/tree.ts';
import { frontierHashes } from '../log/tree-proof.ts';
import type { Connection } from './connection.ts';
import { type Reader, storedRows } from './log-rows.ts';
import { LogBroken } from './log-tail.ts';
import { tilePlan } from './sealer.ts';

const rehashed = 65_536;

export interface RestoredTree {
  readonly frontier: Frontier;
  readonly tiles: TileWriter;
}

/** Rejects with `LogBroken` when an entry, a leaf or a tile is missing or wrong; the root is the caller's to compare. */
export async function restoreTree(
  db: Reader,
  size: number,
): Promise<RestoredTree & { readonly missing: readonly Tile[] }> {
  const first = Math.max(0, (Math.floor(size / rehashed) - 1) * rehashed);
  const tree = await treeFromTiles(db, first);
  const missing: Tile[] = [];
  for await (const row of storedRows(db, first, size)) {
    const leaf = leafHash(row.bytes);
    if (row.seq !== tree.frontier.size || Buffer.compare(leaf, row.leaf) !== 0) {
      throw new LogBroken(`Entry ${tree.frontier.size} is not as it was written.`);
    }
    tree.frontier.append(leaf);
    for (const tile of tree.tiles.append(leaf)) {
      const stored = await readTile(db, tile.level, tile.index);
      if (!stored) missing.push(tile);
      else if (Buffer.compare(stored, tile.hashes) !== 0) {
        throw new LogBroken(`Tile ${tile.level}/${tile.index} does not belong to its entries.`);
      }
    }
  }
  if (tree.frontier.size !== size) throw new LogBroken(`Entry ${tree.frontier.size} is missing.`);
  return { ...tree, missing };
}

/** Stores tiles that a crash kept from being stored. */
export async function storeTiles(db: Connection, tiles: readonly Tile[]): Promise<void> {
  if (tiles.length === 0) return;
  await db.begin();
  await db.insertAll(
    tilePlan,
    tiles.map(({ level, index, hashes }) => [level, index, hashes]),
  );
  await db.commit();
}

/** A complete tile as it is stored, or undefined. */
export async function readTile(db: Reader, level: number, index: number): Promise<Uint8Array | undefined> {
  const [row] = await db.rows<{ hashes: Uint8Array }>(
    'select hashes from log_tile where level = ? and idx = ?',
    [level, index],
  );
  return row?.hashes;
}

/**
 * Tiles of the tree at `size`: complete ones as they are stored, those of the right edge made from what lies below.
 * Rejects with `LogBroken` where something is missing.
 */
export function tileAt(db: Reader, size: number): (level: number, index: number) => Promise<Uint8Array> {
  const read = async (level: number, index: number): Promise<Uint8Array> => {
    const first = index * tileWidth;
    const width = Math.min(tileWidth, Math.floor(size / tileWidth ** level) - first);
    const stored = width === tileWidth ? await readTile(db, level, index) : undefined;
    if (stored) return stored;
    const hashes: Uint8Array[] = [];
    if (level === 0) {
      for (const { leaf } of await leaves(db, first, first + width)) hashes.push(leaf);
    } else {
      for (let at = first; at < first + width; at += 1) hashes.push(subtreeRoot(await read(level - 1, at)));
    }
    if (hashes.length !== width) throw new LogBroken(`Tile ${level}/${index} cannot be made.`);
    return Buffer.concat(hashes);
  };
  return read;
}

function leaves(db: Reader, from: number, to: number): Promise<{ leaf: Uint8Array }[]> {
  return db.rows<{ leaf: Uint8Array }>('select leaf from log_entry where seq >= ? and seq < ? order by seq', [
    from,
    to,
  ]);
}

/** Tree at `size`, a multiple of 65,536, from tiles. */
async function treeFromTiles(db: Reader, size: number): Promise<RestoredTree> {
  const tile = tileAt(db, size);
  const frontier = Frontier.of(size, await frontierHashes(size, nodesFromTiles(tile)));
  const edge: Uint8Array[][] = [];
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / tileWidth)) {
    const row: Uint8Array[] = [];
    for (let index = hashes - (hashes % tileWidth); index < hashes; index += 1) {
      row.push(subtreeRoot(await tile(level - 1, index)));
    }
    edge.push(row);
  }
  return { frontier, tiles: new TileWriter(size, edge) };
}
