/**
 * C2SP tlog-tiles: tiles of 256 hashes, their names, and entry bundles (custody-log L4.5, L9).
 * Only complete tiles of 8,192 bytes are stored; the narrower ones at the right edge are named and written for
 * an export alone.
 */
import { LogError } from './log-error.ts';
import { nodeHash } from './tree.ts';

/** Hashes in a complete tile. */
export const tileWidth = 256;

/** `hashes` are 256 × 32 bytes, or fewer in a partial tile. Tile (`level`, `index`) covers 256^(level+1) leaves. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
}

function indexPath(index: number): string {
  const groups = [(index % 1000).toString().padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${(rest % 1000).toString().padStart(3, '0')}`);
  }
  return groups.join('/');
}

function name(kind: string, index: number, width: number): string {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new LogError('tree', 'A tile index is an integer from 0.');
  if (!Number.isSafeInteger(width) || width < 1 || width > tileWidth) {
    throw new LogError('tree', 'A tile has 1 to 256 hashes.');
  }
  return `tile/${kind}/${indexPath(index)}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** Name of a tile, `tile/<L>/<N>[.p/<W>]`; `width` below 256 names a partial tile. */
export function tileName(level: number, index: number, width: number = tileWidth): string {
  if (!Number.isSafeInteger(level) || level < 0 || level > 63)
    throw new LogError('tree', 'A tile level is 0 to 63.');
  return name(level.toString(), index, width);
}

/** Name of an entry bundle, `tile/entries/<N>[.p/<W>]`. */
export function bundleName(index: number, width: number = tileWidth): string {
  return name('entries', index, width);
}

/** An entry bundle: each entry after its length as two bytes, big-endian. Throws `LogError` over 65,535 bytes an entry. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > 0xffff) throw new LogError('tree', 'An entry in a bundle has at most 65,535 bytes.');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    parts.push(length, entry);
  }
  return Buffer.concat(parts);
}

/** Root of the complete subtree over `hashes` (32 bytes each, their number a power of two). */
export function subtreeRoot(hashes: Uint8Array): Buffer {
  let row: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += 32) row.push(hashes.subarray(at, at + 32));
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < row.length; at += 2) {
      const [left, right] = row.slice(at, at + 2);
      if (left === undefined || right === undefined)
        throw new LogError('tree', 'A complete subtree has 2^n hashes.');
      above.push(nodeHash(left, right));
    }
    row = above;
  }
  const [root] = row;
  if (root === undefined) throw new LogError('tree', 'A complete subtree has 2^n hashes.');
  return Buffer.from(root);
}

/**
 * Cuts a growing tree into tiles: each leaf hash goes in once, in order, and every tile comes out when it is
 * complete. `edge` holds, for each level, the hashes after that level's last complete tile.
 */
export class TileWriter {
  readonly #levels: { complete: number; row: Buffer[] }[] = [];

  /** The hashes of each level's unfinished tile at `size`, from level 0 up, as `edge()` returned them. */
  constructor(size: number, edge: readonly (readonly Uint8Array[])[]) {
    let hashes = size;
    for (let level = 0; hashes > 0; level += 1) {
      const row = (edge[level] ?? []).map((one) => Buffer.from(one));
      const complete = Math.floor(hashes / tileWidth);
      if (row.length !== hashes % tileWidth)
        throw new LogError('tree', 'The edge does not belong to this size.');
      this.#levels.push({ complete, row });
      hashes = complete;
    }
    if (edge.length > this.#levels.length)
      throw new LogError('tree', 'The edge does not belong to this size.');
  }

  /** Adds the next leaf hash; returns the tiles that it completes, lowest level first (mostly none). */
  append(leaf: Uint8Array): Tile[] {
    const tiles: Tile[] = [];
    let node: Buffer = Buffer.from(leaf);
    for (let level = 0; ; level += 1) {
      const here = this.#levels[level] ?? { complete: 0, row: [] };
      this.#levels[level] = here;
      here.row.push(node);
      if (here.row.length < tileWidth) return tiles;
      const hashes = Buffer.concat(here.row);
      tiles.push({ level, index: here.complete, hashes });
      this.#levels[level] = { complete: here.complete + 1, row: [] };
      node = subtreeRoot(hashes);
    }
  }

  /** The unfinished hashes of each level, lowest first: enough, with the size, to go on later. */
  edge(): Buffer[][] {
    return this.#levels.map(({ row }) => [...row]);
  }

  /** The partial tiles of the right edge, for levels that have one. */
  partials(): Tile[] {
    return this.#levels
      .map(({ complete, row }, level) => ({ level, index: complete, hashes: Buffer.concat(row) }))
      .filter(({ hashes }) => hashes.length > 0);
  }
}
