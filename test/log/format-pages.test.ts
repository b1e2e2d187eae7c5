import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../src/crypto/canonical.ts';
import { signCheckpoint } from '../../src/log/checkpoint.ts';
import { csvHeader } from '../../src/log/entries-csv.ts';
import { partEntries } from '../../src/log/export-plan.ts';
import { reservedKinds } from '../../src/log/kinds.ts';
import { bucketOf, SubjectMap } from '../../src/log/map.ts';
import { emptyMapHash, mapKey, mapLeafHash } from '../../src/log/map-hash.ts';
import { formatMapProof, proveSubject } from '../../src/log/map-proof.ts';
import { Frontier } from '../../src/log/tree.ts';
import { item, origin, person, signer, unknown, workedExample } from './example.ts';

const page = readFileSync('docs/formats/log-entry.md', 'utf8');
const packagePage = readFileSync('docs/formats/export-package.md', 'utf8');
const blocks = [...page.matchAll(/```(?:json|text)\n([\s\S]*?)```/g)].map(([, text]) => text);
const stated = Object.fromEntries(
  [...page.matchAll(/^\| ([^|]+) \| `([0-9a-f]{64})` \|$/gm)].map(([, name, hex]) => [name, hex]),
);

describe('docs/formats: the pages say what the code does', () => {
  test('L3.6: every value of log-entry.md is the one that is computed', async () => {
    const members = (log: ReturnType<typeof workedExample>) =>
      [...log.heads]
        .map(([id, head]) => ({ key: mapKey(id), count: head.n, head: head.leaf }))
        .sort((a, b) => Buffer.compare(a.key, b.key));
    const map = await SubjectMap.build(members(workedExample('')));
    const log = workedExample(map.root().toString('hex'));
    const frontier = new Frontier();
    for (const { leaf } of log.entries) frontier.append(leaf);
    const [personMember, itemMember] = members(log);
    const computed = {
      'leaf 0': log.entries[0]!.leaf,
      'leaf 1': log.entries[1]!.leaf,
      'leaf 2': log.entries[2]!.leaf,
      'root at size 3': frontier.root(),
      'map, empty': emptyMapHash(),
      'map key of the item': mapKey(item),
      'map key of the person': mapKey(person),
      'map leaf of the item': mapLeafHash(itemMember!),
      'map leaf of the person': mapLeafHash(personMember!),
    };
    expect(stated).toEqual(
      Object.fromEntries(Object.entries(computed).map(([name, hash]) => [name, hash.toString('hex')])),
    );
    const proof = await proveSubject(unknown, map, (bucket) =>
      members(log).filter(({ key }) => bucketOf(key) === bucket),
    );
    expect(blocks).toEqual([
      log.entries.map(({ bytes }) => `${bytes.toString('utf8')}\n`).join(''),
      `${formatMapProof(proof)}\n`,
      signCheckpoint({ origin, size: 3, root: frontier.root() }, [signer]),
    ]);
    expect(canonical(JSON.parse(blocks[1]!))).toBe(blocks[1]!.trimEnd());
  });

  test('L2.6: log-entry.md names every fact of the reserved kinds', () => {
    for (const [kind, { facts }] of Object.entries(reservedKinds)) {
      const row = new RegExp(`^\\| \`${kind.replace('.', '\\.')}\` \\| (.*) \\|$`, 'm').exec(page)?.[1] ?? '';
      for (const name of Object.keys(facts))
        expect(row, `${kind} ${name}`).toMatch(new RegExp(`\`${name}\\??\``));
    }
  });

  test('L9: export-package.md has the CSV’s columns in order and the size of a part', () => {
    const columns = [
      ...packagePage.slice(packagePage.indexOf('| column |')).matchAll(/^\| `([a-z]+)` \|/gm),
    ].map(([, name]) => name);
    expect(`\ufeff${columns.map((name) => `"${name}"`).join(',')}\r\n`).toBe(csvHeader().toString('utf8'));
    expect(packagePage).toContain(`holds exactly ${partEntries} entries`);
  });
});
