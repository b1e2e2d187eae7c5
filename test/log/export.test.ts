import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../src/log/checkpoint.ts';
import { commitment } from '../../src/log/entry.ts';
import { exportMembers, exportPackage } from '../../src/log/export.ts';
import type { ExportReader, ExportRequest, StoredEntry } from '../../src/log/export-reader.ts';
import type { ExportScope } from '../../src/log/export-scope.ts';
import { LogError } from '../../src/log/log-error.ts';
import { verifyMapProof } from '../../src/log/map-proof.ts';
import { parseNote, verifyNote } from '../../src/log/note.ts';
import { parseCanonical, parseEntry } from '../../src/log/parse-entry.ts';
import { Frontier, leafHash } from '../../src/log/tree.ts';
import { verifyConsistency, verifyInclusion } from '../../src/log/tree-proof.ts';
import { packUstar, ustarHeader } from '../../src/log/ustar.ts';
import { item, person, signer, unknown, verifyEd25519 } from './example.ts';
import { collect, ExportedLog, nextSigner, stamps, unpack } from './package.ts';

const hash = (hex: string) => Buffer.from(hex, 'hex');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** 1,300 entries: 600 about the item between 1,000 s and 1,599 s, the rest about others; one key change on the way. */
async function grownLog(): Promise<ExportedLog> {
  const log = new ExportedLog();
  for (let n = 0; n < 600; n += 1) {
    log.open(1_000_000 + n * 1000);
    log.other(1_000_000 + n * 1000, n);
    if (n === 300) await log.rotate(1_300_000);
  }
  return log;
}

// biome-ignore lint/suspicious/noExplicitAny: members of a package, asserted on one by one
type Json = any;

interface Opened {
  readonly names: string[];
  readonly text: (name: string) => string;
  readonly json: (name: string) => Json;
  readonly bytes: (name: string) => Buffer;
  readonly tar: Buffer;
}

async function open(request: ExportRequest, reader: ExportReader): Promise<Opened> {
  const tar = await collect(exportPackage(request, reader));
  const files = await unpack(tar);
  const map = new Map(files.map(({ name, content }) => [name, content]));
  expect(map.size).toBe(files.length);
  expect(new Set(files.map(({ mtime }) => mtime)).size).toBe(1);
  expect(new Set(files.map(({ type }) => type))).toEqual(new Set(['file']));
  const bytes = (name: string) => map.get(name) ?? expect.fail(name);
  const text = (name: string) => bytes(name).toString('utf8');
  return { names: [...map.keys()], text, bytes, tar, json: (name) => parseCanonical(text(name)) as Json };
}

/** What every package must show, whatever its scope; returns its entries. */
function checkWhole(opened: Opened, log: ExportedLog) {
  const { text, json, bytes, names } = opened;
  const { note, checkpoint } = readCheckpoint(text('checkpoint'));
  expect(verifyNote(note, [log.signer.key], verifyEd25519).length).toBe(1);
  const { path, seq } = json('seal.proof');
  expect(seq).toBe(checkpoint.size - 1);
  const sealLeaf = leafHash(bytes('seal'));
  expect(verifyInclusion(seq, checkpoint.size, sealLeaf, path.map(hash), checkpoint.root)).toBe(true);
  expect(parseEntry(bytes('seal')).kind).toBe('seal');

  const manifest = parseNote(text('manifest'));
  expect(verifyNote(manifest, [log.signer.key], verifyEd25519).length).toBe(1);
  const about = json('export.json');
  expect(manifest.text.split('\n')).toEqual([
    'custos-manifest/v1',
    about.origin,
    String(about.made),
    ...names
      .filter((name) => name !== 'manifest')
      .map((name) => `${sha256(bytes(name))} ${bytes(name).length} ${name}`),
    '',
  ]);
  expect(about.format).toBe('custos-export/1');
  expect(about.size).toBe(checkpoint.size);

  const lines = (kind: string) =>
    names.filter((name) => name.endsWith(kind)).flatMap((name) => text(name).split('\n').slice(0, -1));
  const entries = lines('.entries').map((line) => ({
    ...parseEntry(Buffer.from(line)),
    leaf: leafHash(Buffer.from(line)),
  }));
  expect(entries.length).toBe(about.entries);
  expect(names.filter((name) => name.endsWith('.entries')).length).toBe(about.parts);
  const disclosed = lines('.disclosed').map((line) => parseCanonical(line) as Json);
  for (const { name, salt, seq: at, value } of disclosed) {
    const entry = entries.find((one) => one.seq === at);
    expect(commitment(hash(salt), about.origin, at, name, value)).toBe(entry?.private[name]);
  }
  for (const line of lines('.proofs').map((one) => parseCanonical(one) as Json)) {
    const entry = entries.find((one) => one.seq === line.seq)!;
    expect(verifyInclusion(line.seq, checkpoint.size, entry.leaf, line.path.map(hash), checkpoint.root)).toBe(
      true,
    );
  }
  const rows = text('views/entries.csv').split('\r\n');
  expect(rows.length).toBe(entries.length + 2);
  return { about, entries, disclosed, checkpoint, proofs: lines('.proofs').length };
}

describe('L9: the export package', () => {
  test('L9: a subject: whole chain, proofs of each entry, map proof, rotation and stamps, in order', async () => {
    const log = await grownLog();
    const request = await log.request({ kind: 'subject', id: item }, 'all', 1_700_000);
    const opened = await open(request, log.reader());
    expect(opened.names).toEqual([
      'export.json',
      'checkpoint',
      'seal',
      'seal.proof',
      'map.json',
      'keys/1.json',
      ...stamps
        .map(sha256)
        .toSorted()
        .map((name) => `stamps/${name}.tst`),
      ...['000001', '000002'].flatMap((part) =>
        ['proofs', 'entries', 'disclosed'].map((kind) => `part/${part}.${kind}`),
      ),
      'views/entries.csv',
      'manifest',
    ]);
    const { entries, disclosed, about, checkpoint, proofs } = checkWhole(opened, log);
    expect(about.scope).toEqual({ id: item, kind: 'subject' });
    expect([entries.length, proofs, disclosed.length]).toEqual([601, 601, 600]);
    expect(entries.map((one) => one.subjects.find(({ id }) => id === item)?.n)).toEqual(
      entries.map((_, n) => n + 1),
    );
    const seal = parseEntry(opened.bytes('seal'));
    const last = entries.at(-1)!;
    expect(verifyMapProof(opened.json('map.json'), hash(String(seal.facts.map)))).toEqual({
      count: 601,
      head: last.leaf.toString('hex'),
    });
    expect(last.seq).toBe(about.made);

    const key = opened.json('keys/1.json');
    const rotation = readCheckpoint(key.checkpoint);
    expect(verifyNote(rotation.note, [signer.key, nextSigner.key], verifyEd25519).length).toBe(2);
    const { size, root } = rotation.checkpoint;
    expect(verifyInclusion(key.seq, size, leafHash(Buffer.from(key.entry)), key.path.map(hash), root)).toBe(
      true,
    );
    expect(verifyConsistency(size, checkpoint.size, root, checkpoint.root, key.consistency.map(hash))).toBe(
      true,
    );
  });

  test('L9: the full log: every entry, no frontier, nothing to be consistent with', async () => {
    const log = await grownLog();
    const opened = await open(await log.request({ kind: 'full' }, 'listed', 1_700_000), log.reader());
    const { entries, checkpoint } = checkWhole(opened, log);
    expect(opened.json('range.json')).toEqual({
      consistency: [],
      end: checkpoint.size,
      first: 0,
      frontier: [],
    });
    const frontier = new Frontier();
    for (const { leaf } of entries) frontier.append(leaf);
    expect(frontier.root()).toEqual(checkpoint.root);
    expect(opened.names).toContain('part/000003.entries');
    expect(opened.names).not.toContain('part/000001.proofs');
  });

  test('L9: a period: its entries and one beyond each border, joined to the tree on both sides', async () => {
    const log = await grownLog();
    const scope: ExportScope = { kind: 'period', from: 1_100_000, to: 1_200_000 };
    const opened = await open(await log.request(scope, 'none', 1_700_000), log.reader());
    const { entries, disclosed, checkpoint } = checkWhole(opened, log);
    expect(disclosed).toEqual([]);
    expect(entries.length).toBe(202);
    expect([entries[0]!.at, entries[1]!.at, entries.at(-2)!.at, entries.at(-1)!.at]).toEqual([
      1_099_000, 1_100_000, 1_199_000, 1_200_000,
    ]);
    const range = opened.json('range.json');
    const frontier = Frontier.of(range.first, range.frontier.map(hash));
    for (const { leaf } of entries) frontier.append(leaf);
    expect(frontier.size).toBe(range.end);
    expect(
      verifyConsistency(
        range.end,
        checkpoint.size,
        frontier.root(),
        checkpoint.root,
        range.consistency.map(hash),
      ),
    ).toBe(true);
  });

  test('L9: a period before, after or between all entries still carries its neighbours', async () => {
    const log = await grownLog();
    const carried = async (from: number, to: number) => {
      const request = await log.request({ kind: 'period', from, to }, 'none', 1_700_000);
      return checkWhole(await open(request, log.reader()), log);
    };
    expect((await carried(0, 5)).entries.map(({ seq }) => seq)).toEqual([0]);
    expect((await carried(1_100_001, 1_100_002)).entries.map(({ at }) => at)).toEqual([1_100_000, 1_101_000]);
    const after = await carried(9_000_000, 9_000_001);
    expect(after.entries.map(({ seq }) => seq)).toEqual([after.about.size - 1]);
  });

  test('L9: a subject in a period: the neighbours in its chain', async () => {
    const log = await grownLog();
    const scope: ExportScope = { kind: 'subject', id: item, from: 1_100_000, to: 1_110_000 };
    const opened = await open(await log.request(scope, 'listed', 1_700_000), log.reader());
    const { entries } = checkWhole(opened, log);
    expect(entries.map((one) => one.subjects.find(({ id }) => id === item)?.n)).toEqual(
      Array.from({ length: 12 }, (_, n) => 100 + n),
    );
  });

  test('L8: with disclose all, an erased field is spoken for; one that is only gone stops the export', async () => {
    const log = new ExportedLog();
    const seq = log.open(1_000_000);
    log.open(1_000_500, { nested: ['值', 7] });
    log.erase(seq, 1_001_000);
    const request = await log.request({ kind: 'subject', id: item }, 'all', 1_002_000);
    const { disclosed } = checkWhole(await open(request, log.reader()), log);
    expect(disclosed.map((one) => one.value)).toEqual([{ nested: ['值', 7] }]);
    log.disclosures.length = 0;
    await expect(open(request, log.reader())).rejects.toThrow(/without erasure/);
    await open({ ...request, disclose: 'listed' }, log.reader());
  });

  test('L9: the fields of one entry are disclosed ascending by name', async () => {
    const log = new ExportedLog();
    log.tell(1_000_000);
    log.open(1_000_500);
    const request = await log.request({ kind: 'subject', id: item }, 'all', 1_002_000);
    const { disclosed } = checkWhole(await open(request, log.reader()), log);
    expect(disclosed.map(({ seq, name }) => `${seq} ${name}`)).toEqual([
      '1 address',
      '1 note',
      '1 reason',
      '2 reason',
    ]);
  });

  test('L9: 500 entries are one full part, 501 begin a second', async () => {
    for (const [count, parts] of [
      [499, 1],
      [500, 2],
    ] as const) {
      const log = new ExportedLog();
      for (let n = 0; n < count; n += 1) log.open(1_000_000 + n);
      const request = await log.request({ kind: 'subject', id: item }, 'none', 1_002_000);
      const { about } = checkWhole(await open(request, log.reader()), log);
      expect([about.entries, about.parts]).toEqual([count + 1, parts]);
    }
  });

  test('L13 A6: a changed value, salt, name or place never gets into a package', async () => {
    const log = new ExportedLog();
    log.open(1_000_000);
    log.open(1_000_500);
    const request = await log.request({ kind: 'full' }, 'listed', 1_002_000);
    const [first, second] = log.disclosures;
    for (const wrong of [
      [{ ...first!, value: 'other' }],
      [{ ...first!, salt: Buffer.alloc(32, 99) }],
      [{ ...first!, name: 'note' }],
      [{ ...first!, name: 'constructor' }],
      [{ ...first!, seq: second!.seq }],
      [{ ...first!, seq: 99 }],
      [first!, first!],
    ]) {
      await expect(open(request, { ...log.reader(), disclosures: async () => wrong })).rejects.toThrow(
        LogError,
      );
    }
  });

  test('L9: a value erased while the package is written leaves it without a manifest', async () => {
    const log = new ExportedLog();
    log.open(1_000_000);
    const request = await log.request({ kind: 'full' }, 'listed', 1_002_000);
    let asked = 0;
    const disclosures = async () => {
      asked += 1;
      return asked === 1 ? log.disclosures : [];
    };
    await expect(open(request, { ...log.reader(), disclosures })).rejects.toThrow(/changed while/);
    expect(asked).toBe(2);
  });

  test('L9: what cannot become a package that verifies is refused before its first byte', async () => {
    const log = new ExportedLog();
    log.open(1_000_000);
    const request = await log.request({ kind: 'subject', id: item }, 'none', 1_002_000);
    const reader = log.reader();
    const first = (change: Partial<ExportRequest>, from = reader) =>
      exportMembers({ ...request, ...change }, from).next();
    expect((await first({})).value?.name).toBe('export.json');
    const plain = request.mapProof!;
    for (const change of [
      { scope: { kind: 'subject', id: 'item:x' } },
      { scope: { kind: 'subject', id: person } },
      { scope: { kind: 'period', from: 5, to: 5 } },
      { scope: { kind: 'period', from: -1, to: 5 } },
      { scope: { kind: 'period', from: 0.5, to: 5 } },
      { scope: { kind: 'period', from: 0, to: 2 ** 53 } },
      { scope: { kind: 'period', from: 0, to: 5 }, disclose: 'all' },
      { scope: { kind: 'subject', id: unknown } },
      { mapProof: undefined },
      { mapProof: { ...plain, leaf: { ...plain.leaf!, count: 9 } } },
      { made: request.made - 1 },
      { made: request.made + 1 },
    ] as Partial<ExportRequest>[]) {
      await expect(first(change), JSON.stringify(change)).rejects.toThrow(LogError);
    }
    const hidden = { ...reader, async *entries() {} };
    await expect(first({}, hidden)).rejects.toThrow(/missing/);
    const checkpoint = request.checkpoint.replace(`\n${log.size}\n`, `\n${log.size - 1}\n`);
    await expect(first({ checkpoint, made: 0 })).rejects.toThrow(/is a seal/);
  });

  test('L13 C1: a reader that leaves out, adds or renumbers entries makes no package', async () => {
    const log = new ExportedLog();
    for (let n = 0; n < 5; n += 1) log.open(1_000_000 + n);
    const request = await log.request({ kind: 'subject', id: item }, 'none', 1_002_000);
    const reader = log.reader();
    const chain = (change: (rows: StoredEntry[]) => StoredEntry[]): ExportReader => ({
      ...reader,
      async *chain(id, from, to) {
        const rows: StoredEntry[] = [];
        for await (const row of reader.chain(id, from, to)) rows.push(row);
        yield* change(rows);
      },
    });
    await expect(
      open(
        request,
        chain((rows) => rows.slice(1)),
      ),
    ).rejects.toThrow(/more or fewer/);
    await expect(
      open(
        request,
        chain((rows) => [...rows, rows[0]!]),
      ),
    ).rejects.toThrow(/more or fewer/);
    await expect(
      open(
        request,
        chain((rows) => rows.with(0, { ...rows[0]!, seq: 0 })),
      ),
    ).rejects.toThrow(/another number/);
  });

  test('L9: the report is drawn by the caller, who may stop reading', async () => {
    const log = new ExportedLog();
    for (let n = 0; n < 5; n += 1) log.open(1_000_000 + n);
    const request = await log.request({ kind: 'subject', id: item }, 'all', 1_002_000);
    const report: ExportRequest['report'] = async (rows) => {
      for await (const { entry, disclosed } of rows)
        return Buffer.from(`${entry.seq} ${disclosed.get('reason')}`);
      return Buffer.alloc(0);
    };
    const opened = await open({ ...request, report }, log.reader());
    expect(opened.text('views/report.pdf')).toBe('1 reason 1000000');
    expect(opened.names.slice(-3)).toEqual(['views/entries.csv', 'views/report.pdf', 'manifest']);
    checkWhole(opened, log);
  });

  test('L9: the archive is read by another tar, byte lengths and two zero blocks at the end included', async () => {
    const log = new ExportedLog();
    log.open(1_000_000);
    const { tar, names } = await open(await log.request({ kind: 'full' }, 'none', 1_234_567), log.reader());
    expect(tar.length % 512).toBe(0);
    expect(tar.subarray(-1024).every((byte) => byte === 0)).toBe(true);
    const listed = execFileSync('tar', ['--utc', '-tvf', '-'], { input: tar }).toString().trim().split('\n');
    expect(listed.map((line) => line.split(' ').at(-1))).toEqual(names);
    for (const line of listed) expect(line).toMatch(/^-rw-r--r-- 0\/0 .* 1970-01-01 00:20 /);
  });
});

describe('L9: ustar', () => {
  test('L13 G3: no name leaves the folder, no size overflows, no content is longer than it says', async () => {
    for (const name of ['', '/a', 'a/', 'a//b', '..', 'a/../b', './a', 'a b', 'a\\b', 'ä', 'a'.repeat(101)]) {
      expect(() => ustarHeader(name, 0, 0), name).toThrow(LogError);
    }
    expect(ustarHeader('a'.repeat(100), 8 ** 11 - 1, 8 ** 11 - 1).length).toBe(512);
    for (const size of [-1, 0.5, 8 ** 11]) {
      expect(() => ustarHeader('a', size, 0)).toThrow(LogError);
      expect(() => ustarHeader('a', 0, size)).toThrow(LogError);
    }
    const member = { name: 'a', size: 2, content: [Buffer.from('abc')] };
    await expect(collect(packUstar([member], 0))).rejects.toThrow(LogError);
    const exact = { name: 'a', size: 512, content: [Buffer.alloc(512, 1)] };
    expect((await collect(packUstar([exact], 0))).length).toBe(512 * 4);
  });
});
