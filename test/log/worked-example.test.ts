import { describe, expect, test } from 'vitest';
import { formatCheckpoint, readCheckpoint, signCheckpoint } from '../../src/log/checkpoint.ts';
import { bucketOf, SubjectMap } from '../../src/log/map.ts';
import { emptyMapHash, type MapMember, mapKey, mapLeafHash } from '../../src/log/map-hash.ts';
import { formatMapProof, proveSubject, verifyMapProof } from '../../src/log/map-proof.ts';
import { verifyNote } from '../../src/log/note.ts';
import { formatVkey } from '../../src/log/note-key.ts';
import { parseEntry } from '../../src/log/parse-entry.ts';
import { sealFacts } from '../../src/log/seal.ts';
import { Frontier } from '../../src/log/tree.ts';
import { item, origin, person, signer, unknown, verifyEd25519, workedExample } from './example.ts';

const zeros = '0'.repeat(64);
const map = '3ae85c004711695909dc0bc317536fcaa7e280e4836662a99e107e4fb2656d5b';
const texts = [
  `{"actor":"system:init","at":1795500000000,"facts":{"epoch":0,"vkey":"${origin}+2d697030+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"},"kind":"log.opened","origin":"${origin}","private":{},"seq":0,"subjects":[],"v":1}`,
  `{"actor":"${person}","at":1795500000250,"facts":{"from":0,"to":1048576},"kind":"item.opened","origin":"${origin}","private":{"reason":"d9061e54f1d21d86c5fcc9123a67e823747184655e0337ffa257fe4709b05457"},"seq":1,"subjects":[{"id":"${item}","n":1,"prev":"${zeros}"},{"id":"${person}","n":1,"prev":"${zeros}"}],"v":1}`,
  `{"actor":"system:log","at":1795500000500,"facts":{"epoch":0,"keys":2,"map":"${map}"},"kind":"seal","origin":"${origin}","private":{},"seq":2,"subjects":[],"v":1}`,
];
const leaves = [
  '9105bbe61c440e1edb5108f2d4ed0a506b758cc89ef0beb1bffc5bf8d277b190',
  '7dfc519c9a65f04eefac60a23fff413fda39ea2ae083529a90d5b3b342a21615',
  '91e38fc8da5db056a0b830eca59cf6df7b95bc45d15f59e9aed06e2ccd540984',
];
const root = '7c548d2854e41e6fd4852e23fc0ae160e073868f0bb4601f0a9554f43cdf4084';

function members(): MapMember[] {
  const { heads } = workedExample(map);
  return [...heads]
    .map(([id, head]) => ({ key: mapKey(id), count: head.n, head: head.leaf }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const read = (bucket: number) => members().filter(({ key }) => bucketOf(key) === bucket);

describe('L3.6: the worked example, byte for byte', () => {
  test('L3.6: the three entries have exactly these bytes and leaf hashes', () => {
    const { entries } = workedExample(map);
    expect(entries.map(({ bytes }) => bytes.toString('utf8'))).toEqual(texts);
    expect(entries.map(({ bytes }) => bytes.length)).toEqual([293, 565, 257]);
    expect(entries.map(({ leaf }) => leaf.toString('hex'))).toEqual(leaves);
    for (const { bytes, entry } of entries) expect(parseEntry(bytes)).toEqual(entry);
  });

  test('L3.6: the root at size 3', () => {
    const frontier = new Frontier();
    for (const leaf of leaves) frontier.append(Buffer.from(leaf, 'hex'));
    expect(frontier.root().toString('hex')).toBe(root);
  });

  test('L3.6: E, the map leaves and the map', async () => {
    expect(emptyMapHash().toString('hex')).toBe(
      'c555eab45d08845ae9f10d452a99bfcb06f74a50b988fe7e48dd323789b88ee3',
    );
    const [first, second] = members();
    expect(hex(first!.key)).toMatch(/^0a17b0e4/);
    expect(hex(second!.key)).toMatch(/^d537d91b/);
    expect(mapLeafHash(first!).toString('hex')).toBe(
      '9363e7fa83d9f8e212af8a9f8c3f38168625e2c7ea44b8ff9d82341a539efdbd',
    );
    expect(mapLeafHash(second!).toString('hex')).toBe(
      '564f3f7ec260574939b5e4f68bd4c05717d71df84aa16b12988f5775f490c252',
    );
    const built = await SubjectMap.build(members());
    expect(built.root().toString('hex')).toBe(map);
    expect(sealFacts({ epoch: 0, keys: built.keys, map: built.root() })).toEqual({ epoch: 0, keys: 2, map });
  });

  test('L3.6: the absence of item U3 has one sibling, the person, and the item as its leaf', async () => {
    const built = await SubjectMap.build(members());
    const proof = await proveSubject(unknown, built, read);
    expect(proof.siblings).toEqual(['9363e7fa83d9f8e212af8a9f8c3f38168625e2c7ea44b8ff9d82341a539efdbd']);
    expect(proof.leaf?.key).toBe(mapKey(item).toString('hex'));
    expect(verifyMapProof(proof, built.root())).toBe('absent');
    const there = await proveSubject(item, built, read);
    expect(verifyMapProof(there, built.root())).toEqual({ count: 1, head: leaves[1] });
    expect(JSON.parse(formatMapProof(there))).toEqual(there);
  });

  test('L3.6: the checkpoint has exactly this signature line', () => {
    expect(formatVkey(signer.key)).toBe(`${origin}+2d697030+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c`);
    const checkpoint = { origin, size: 3, root: Buffer.from(root, 'hex') };
    const note = signCheckpoint(checkpoint, [signer]);
    expect(note).toBe(
      `${formatCheckpoint(checkpoint)}\n— ${origin} LWlwMC2lP019VMe+TJHTIpKoqeqbujHBNR+j1BuJolwkTiltClrAEQG5LidRRdTa7NTSsv6BzlMj7f2rZU5HIHR4vAE=\n`,
    );
    const parsed = readCheckpoint(note);
    expect(parsed.checkpoint).toEqual(checkpoint);
    expect(verifyNote(parsed.note, [signer.key], verifyEd25519)).toEqual([
      { key: signer.key, time: undefined },
    ]);
  });
});
