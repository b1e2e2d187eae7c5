import { describe, expect, test } from 'vitest';
import { LogError } from '../../src/log/log-error.ts';
import {
  bundleName,
  encodeBundle,
  subtreeRoot,
  type Tile,
  TileWriter,
  tileName,
} from '../../src/log/tile.ts';
import { nodesFromTiles } from '../../src/log/tile-nodes.ts';
import { Frontier, leafHash } from '../../src/log/tree.ts';
import { frontierHashes, inclusionProof, verifyInclusion } from '../../src/log/tree-proof.ts';
import { readVector, testVectors } from './vectors.ts';

const leaf = (n: number) => leafHash(Buffer.from(`leaf ${n}`));

describe('L4.5: tiles', () => {
  test('L9: names follow C2SP tlog-tiles', () => {
    expect(tileName(0, 0)).toBe('tile/0/000');
    expect(tileName(0, 1234067)).toBe('tile/0/x001/x234/067');
    expect(tileName(1, 999, 255)).toBe('tile/1/999.p/255');
    expect(tileName(2, 1000, 1)).toBe('tile/2/x001/000.p/1');
    expect(bundleName(273, 112)).toBe('tile/entries/273.p/112');
    expect(bundleName(5)).toBe('tile/entries/005');
    for (const [level, index, width] of [
      [64, 0, 1],
      [-1, 0, 1],
      [0.5, 0, 1],
      [0, -1, 1],
      [0, 0.5, 1],
      [0, 0, 0],
      [0, 0, 257],
      [0, 0, 1.5],
    ] as const) {
      expect(() => tileName(level, index, width)).toThrow(LogError);
    }
  });

  test('L4.5: only complete tiles of 8,192 bytes come out, each once; a writer that starts again goes on alike', async () => {
    const size = 256 * 256 + 700;
    const tiles = new Map<string, Buffer>();
    const frontier = new Frontier();
    let writer = new TileWriter(0, []);
    for (let n = 0; n < size; n += 1) {
      if (n === 256 || n === 66_000) writer = new TileWriter(n, writer.edge());
      frontier.append(leaf(n));
      for (const { level, index, hashes } of writer.append(leaf(n))) {
        expect(hashes.length).toBe(8192);
        expect(tiles.has(`${level}/${index}`)).toBe(false);
        tiles.set(`${level}/${index}`, hashes);
      }
    }
    expect([...tiles.keys()].filter((name) => name.startsWith('0/')).length).toBe(258);
    expect([...tiles.keys()].filter((name) => name.startsWith('1/'))).toEqual(['1/0']);
    const partials: Tile[] = writer.partials();
    expect(partials.map(({ level, index, hashes }) => [level, index, hashes.length / 32])).toEqual([
      [0, 258, 188],
      [1, 1, 2],
      [2, 0, 1],
    ]);
    for (const { level, index, hashes } of partials) tiles.set(`${level}/${index}`, hashes);

    const nodes = nodesFromTiles((level, index) => tiles.get(`${level}/${index}`) ?? Buffer.alloc(0));
    expect(await frontierHashes(size, nodes)).toEqual(frontier.hashes);
    for (const index of [0, 255, 256, 65_535, 65_536, size - 1]) {
      const path = await inclusionProof(index, size, nodes);
      expect(verifyInclusion(index, size, leaf(index), path, frontier.root())).toBe(true);
    }
    await expect(inclusionProof(0, size + 300, nodes)).rejects.toThrow(LogError);

    // However few tiles are kept, the hashes are the same, and a kept tile is not read again.
    const reads: string[] = [];
    const read = (level: number, index: number) => {
      reads.push(`${level}/${index}`);
      return tiles.get(`${level}/${index}`) ?? Buffer.alloc(0);
    };
    const counts: number[] = [];
    for (const keep of [0, 1, 64]) {
      const some = nodesFromTiles(read, keep);
      reads.length = 0;
      for (const index of [5, 5, 65_000, 5]) {
        expect(await inclusionProof(index, size, some)).toEqual(await inclusionProof(index, size, nodes));
      }
      counts.push(reads.length);
    }
    expect(counts[1]!).toBeLessThan(counts[0]!);
    expect(counts[2]!).toBeLessThan(counts[1]!);
    const complete = reads.filter((name) => tiles.get(name)?.length === 8192);
    expect(new Set(complete).size).toBe(complete.length);
  });

  test('L4.5: an edge that does not belong to the size is refused', () => {
    const hash = leaf(0);
    expect(() => new TileWriter(1, [])).toThrow(LogError);
    expect(() => new TileWriter(0, [[hash]])).toThrow(LogError);
    expect(() => new TileWriter(1, [[hash], [hash]])).toThrow(LogError);
    expect(() => new TileWriter(256, [[], [hash]])).not.toThrow();
    expect(() => subtreeRoot(Buffer.alloc(96))).toThrow(LogError);
    expect(() => subtreeRoot(Buffer.alloc(0))).toThrow(LogError);
  });

  test('L9: an entry over 65,535 bytes fits no bundle', () => {
    expect(encodeBundle([Buffer.alloc(65_535)]).length).toBe(65_537);
    expect(() => encodeBundle([Buffer.alloc(65_536)])).toThrow(LogError);
    expect(encodeBundle([])).toEqual(Buffer.alloc(0));
  });

  testVectors('L12: a published log of 15 entries: the same tiles, bundles and roots', () => {
    const { leaves, vkey } = JSON.parse(readVector('notes/notes.json').toString('utf8')).tesseraLog;
    expect(vkey).toMatch(/^example.com/);
    const writer = new TileWriter(0, []);
    const frontier = new Frontier();
    const entries: Buffer[] = [];
    for (const [n, text] of leaves.entries()) {
      entries.push(Buffer.from(text, 'utf8'));
      writer.append(leafHash(entries[n]!));
      frontier.append(leafHash(entries[n]!));
      const [partial] = writer.partials();
      expect(partial!.hashes).toEqual(readVector('tessera-log', tileName(0, 0, n + 1)));
      expect(encodeBundle(entries)).toEqual(readVector('tessera-log', bundleName(0, n + 1)));
      const checkpoint = readVector('tessera-log', `checkpoint.${n + 1}`).toString('utf8');
      expect(checkpoint.split('\n')[2]).toBe(frontier.root().toString('base64'));
    }
    expect(entries.length).toBe(15);
  });
});
