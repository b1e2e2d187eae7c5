/** Attacks on bytes, notes and archive (L13 G1 to G3). */
import { describe, expect, it } from 'vitest';
import { readEntry } from '../../src/verify/entry.ts';
import { PackageVerifier } from '../../src/verify/package.ts';
import { parsePolicy } from '../../src/verify/policy.ts';
import { full, ready, refused, subject } from './attack.ts';
import {
  archive,
  buildPackage,
  header,
  item,
  jcs,
  livelyLog,
  logExport,
  type Member,
  manifestFor,
  packageMembers,
  person,
  TestKey,
  TestLog,
} from './build-package.ts';
import { type Checked, check, now, primitives, trust } from './check.ts';

/** A log in which one entry has exactly these bytes, everything else being right. */
function withBytes(edit: (text: string) => string | Buffer): Checked {
  const log = new TestLog();
  log.add('item.opened', [item(1), person(1)], {}, { reason: 'r' });
  log.at += 250;
  const heads = new Map(log.heads);
  const links = [item(1), person(1)].map((id) => ({ id, n: 2, prev: heads.get(id)!.leaf }));
  const entry = {
    actor: person(1),
    at: log.at,
    facts: { count: 1, name: 'n' } as Record<string, unknown>,
    kind: 'item.opened',
    origin: log.origin,
    private: {},
    seq: 2,
    subjects: links,
    v: 1,
  };
  const bytes = Buffer.from(edit(jcs(entry)) as string);
  log.store(entry, bytes);
  try {
    // The table shows the facts as they were stored.
    const { facts } = JSON.parse(bytes.toString()) as typeof entry;
    if (jcs(facts) !== '') entry.facts = facts;
  } catch {
    // No canonical JSON: the verifier must not come as far as the table.
  }
  logExport(log, full);
  return check(buildPackage(log, { scope: full, disclose: 'none' }));
}

/** The entry filled up to exactly this many bytes with texts that are each short enough. */
const ofLength =
  (length: number) =>
  (text: string): string => {
    const list = Array.from({ length: 15 }, () => 'x'.repeat(4096));
    const long = text.replace('"count":1', `"count":${JSON.stringify(list)}`);
    return long.replace('"name":"n"', `"name":"${'y'.repeat(length - long.length + 1)}"`);
  };

describe('G1: entries', () => {
  const swap =
    (from: string, to: string) =>
    (text: string): string => {
      expect(text).toContain(from);
      return text.replace(from, to);
    };
  const bad: Record<string, (text: string) => string | Buffer> = {
    'a doubled name': swap('"count":1', '"count":1,"count":1'),
    'a doubled member': swap('"v":1', '"v":1,"v":1'),
    __proto__: swap('"count":1', '"__proto__":1,"count":1'),
    'names out of order': swap('"count":1,"name":"n"', '"name":"n","count":1'),
    'white space': swap('"count":1', '"count": 1'),
    'a leading space': (text) => ` ${text}`,
    'a trailing CR': (text) => `${text}\r`,
    'minus zero': swap('"count":1', '"count":-0'),
    '1.0': swap('"count":1', '"count":1.0'),
    '1.5': swap('"count":1', '"count":1.5'),
    '1e3': swap('"count":1', '"count":1e3'),
    '1e400': swap('"count":1', '"count":1e400'),
    '2^53 + 1': swap('"count":1', '"count":9007199254740993'),
    '2^53': swap('"count":1', '"count":9007199254740992'),
    null: swap('"count":1', '"count":null'),
    'a lone surrogate': swap('"n"', '"\\ud800"'),
    'a needless escape': swap('"n"', '"\\u006e"'),
    'bytes that are not UTF-8': (text) => Buffer.from(text.replace('"n"', '"\u00e9"'), 'latin1'),
    'a BOM': (text) => `\ufeff${text}`,
    '65,535 bytes': ofLength(65_535),
    'an unknown member': swap('"v":1', '"v":1,"w":1'),
    'a fact of an unknown spelling': swap('"count":1', '"Count":1'),
    'five levels': swap('"count":1', '"count":[[[[1]]]]'),
    '20,000 levels': swap('"count":1', `"count":${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    'another version': swap('"v":1', '"v":2'),
    'a kind in upper case': swap('item.opened', 'item.Opened'),
    'an actor that is no subject': swap(`"actor":"${person(1)}"`, `"actor":"${person(2)}"`),
    'seal with subjects': swap('"kind":"item.opened"', '"kind":"seal"'),
  };
  for (const [name, edit] of Object.entries(bad)) {
    it(`G1: ${name} is INVALID`, () => refused(withBytes(edit)));
  }

  it('G1: the entry that these tests bend is SIGNED as it was, also with 65,534 bytes', () => {
    expect(withBytes((text) => text).report.verdict).toBe('SIGNED');
    const longest = withBytes(ofLength(65_534));
    expect(longest.report.failures).toEqual([]);
  });

  it('G1: a well-formed surrogate pair, an escaped backslash and a control escape are canonical', () => {
    for (const text of ['😀', '\\ud800', '\u0001\n"']) {
      const log = new TestLog();
      log.add('note.added', [item(1)], { text }, {}, 'system:test');
      expect(readEntry(log.entries[1]!.bytes)).toHaveProperty('entry');
    }
  });
});

describe('G1: documents', () => {
  const log = livelyLog();
  logExport(log, subject);
  const nested = '['.repeat(100_000) + ']'.repeat(100_000);

  it('G1: nesting without end in a disclosure or a document is INVALID, not a crash', () => {
    for (const [name, text] of [
      ['part/000001.disclosed', `{"name":"reason","salt":"${'0'.repeat(64)}","seq":1,"value":${nested}}\n`],
      ['map.json', nested.slice(50_000, -50_000)],
      ['seal.proof', '['.repeat(4000) + ']'.repeat(4000)],
    ] as const) {
      const bend = (members: Member[]): Member[] =>
        members.map((member) => (member.name === name ? { ...member, bytes: Buffer.from(text) } : member));
      refused(check(buildPackage(log, { scope: subject, bend })));
    }
  });

  it('G1: doubled names, white space, another order and null in a document are INVALID', () => {
    const edits: [string, string, string][] = [
      ['export.json', '{', '{"disclose":"all",'],
      ['export.json', '{', '{ '],
      ['export.json', '"scope":{', '"scope":{"__proto__":1,'],
      ['map.json', '"siblings":[', '"siblings":[null,'],
      ['seal.proof', '"seq":', '"seq":-'],
      ['part/000001.proofs', '"seq":', '"size":1,"seq":'],
      ['part/000001.disclosed', '"name"', '"more":1,"name"'],
      ['part/000001.disclosed', '"value":', '"value":null,"value":'],
    ];
    for (const [name, from, to] of edits) {
      const bend = (members: Member[]): Member[] =>
        members.map((member) =>
          member.name === name
            ? { ...member, bytes: Buffer.from(member.bytes.toString().replace(from, to)) }
            : member,
        );
      refused(check(buildPackage(log, { scope: subject, bend })));
    }
  });

  it('G1: more proofs than a part may have entries are INVALID', () => {
    const bend = (members: Member[]): Member[] =>
      members.map((member) =>
        member.name.endsWith('.proofs')
          ? { ...member, bytes: Buffer.from('{"path":[],"seq":1}\n'.repeat(1001)) }
          : member,
      );
    refused(check(buildPackage(log, { scope: subject, bend })), 'TREE_PROOFS');
  });
});

describe('G2: notes', () => {
  const log = ready(subject);
  const text = log.text();
  const line = log.key.line(text);
  const note = (bytes: string | Buffer): Checked =>
    check(
      buildPackage(log, {
        scope: subject,
        bend: (members) =>
          members.map((member) =>
            member.name === 'checkpoint' ? { ...member, bytes: Buffer.from(bytes as string) } : member,
          ),
      }),
    );
  const resigned = (body: string): Checked => note(`${body}\n${log.key.line(body)}`);

  it('G2: the checkpoint that these tests bend is SIGNED as it was, also with foreign signatures', () => {
    expect(note(`${text}\n${line}`).report.verdict).toBe('SIGNED');
    expect(note(`${text}\n${line}${new TestKey(5, 'stranger').line(text)}`).report.verdict).toBe('SIGNED');
  });

  it('G2: a control character, CRLF, a leading zero, an extension line or loose base64 is INVALID', () => {
    const root = log.root().toString('base64');
    for (const body of [
      text.replace('\n', '\u0001\n'),
      text.replaceAll('\n', '\r\n'),
      text.replace(`\n${log.size}\n`, `\n0${log.size}\n`),
      text.replace(`\n${log.size}\n`, `\n+${log.size}\n`),
      `${text}extension\n`,
      text.replace(root, root.replace('=', '')),
      text.replace(
        root,
        `${root.slice(0, -2)}${root.at(-2) === 'A' ? 'B' : String.fromCharCode(root.charCodeAt(root.length - 2) + 1)}=`,
      ),
      text.replace(root, `${root}\t`),
    ])
      refused(resigned(body), 'CHECKPOINT_FORM');
  });

  it('G2: loose base64 in a signature, no signature and 101 signatures are INVALID', () => {
    refused(note(`${text}\n${line.trimEnd().replace(/=*$/, '')}\n`));
    refused(note(`${text}\n`), 'CHECKPOINT_FORM');
    refused(note(text), 'CHECKPOINT_FORM');
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => new TestKey(5, `s${index}`).line(text)).join('');
    expect(note(`${text}\n${line}${many(99)}`).report.verdict).toBe('SIGNED');
    refused(note(`${text}\n${line}${many(100)}`), 'CHECKPOINT_FORM');
    refused(
      note(Buffer.concat([Buffer.from(`${text}\n${line}`), Buffer.from([0xff, 10])])),
      'CHECKPOINT_FORM',
    );
  });

  it('G2: a good and a bad signature of one known key are INVALID', () => {
    refused(note(`${text}\n${line}${log.key.line(`${text}x`)}`), 'CHECKPOINT_SIGNATURE');
  });
});

describe('G3: archive', () => {
  const log = ready(full);
  const made = log.size - 2;
  const mtime = Math.floor(log.shapes[made]!.at / 1000);
  const honest = (): Member[] => {
    const members = packageMembers(log, { scope: full });
    return [...members, manifestFor(log, made, members, log.key)];
  };
  const raw = (edit: (members: Member[]) => Member[]): Checked => check(archive(edit(honest()), mtime));
  const signed = (edit: (members: Member[]) => Member[]): Checked =>
    check(buildPackage(log, { scope: full, bend: edit }));
  const over = (fields: Record<number, string>): Checked => {
    const [first, ...rest] = honest();
    const block = header(first!, mtime, fields);
    const padding = Buffer.alloc((512 - (first!.bytes.length % 512)) % 512);
    return check(Buffer.concat([block, first!.bytes, padding, archive(rest, mtime)]));
  };

  it('G3: the archive that these tests bend is SIGNED as it was', () => {
    expect(raw((members) => members).report.verdict).toBe('SIGNED');
    expect(over({}).report.verdict).toBe('SIGNED');
  });

  it('G3: names with `..`, absolute or with other characters, and any member that does not belong, are INVALID', () => {
    for (const name of [
      '../export.json',
      '/export.json',
      'a/../b',
      './a',
      'a//b',
      'a b',
      'part/000001.entries2',
      'é',
    ])
      refused(signed((members) => members.toSpliced(6, 0, { name, bytes: Buffer.from('x') })));
  });

  it('G3: links, folders, pax and other headers, owners, modes and prefixes are INVALID', () => {
    for (const type of ['1', '2', '5', 'x', 'g', 'L', '\0', '7'])
      refused(over({ 156: type }), 'CONTAINER_FORM');
    for (const [at, field] of [
      [100, '0000755'],
      [108, '0000001'],
      [124, '00000000 '],
      [157, 'link'],
      [257, 'ustar  '],
      [265, 'root'],
      [345, 'prefix'],
      [511, 'x'],
      [99, 'x'],
    ] as const)
      refused(over({ [at]: field }), 'CONTAINER_FORM');
  });

  it('G3: a doubled, missing or misplaced member, a wrong size and trailing bytes are INVALID', () => {
    for (let index = 0; index < honest().length; index += 1) {
      refused(raw((members) => members.toSpliced(index, 0, members[index]!)));
      if (honest()[index]!.name !== 'views/report.pdf')
        refused(raw((members) => members.toSpliced(index, 1)));
      if (index > 0)
        refused(raw((members) => members.with(index, members[index - 1]!).with(index - 1, members[index]!)));
    }
    const bytes = archive(honest(), mtime);
    for (const broken of [
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.concat([bytes, Buffer.alloc(512)]),
      bytes.subarray(0, -1),
      bytes.subarray(0, -512),
      bytes.subarray(0, -1024),
      bytes.subarray(0, 700),
      Buffer.alloc(0),
      Buffer.alloc(1024),
    ])
      refused(check(broken));
    refused(over({ 124: '00000000777' }));
  });

  it('G3: another time on one member, or on all, is INVALID', () => {
    refused(over({ 136: (mtime + 1).toString(8).padStart(11, '0') }), 'CONTAINER_MEMBER');
    refused(check(buildPackage(log, { scope: full, mtime: mtime + 1 })), 'CONTAINER_TIME');
  });

  /** Feeds a package whose member `name` is 1 GiB of one byte, made as it is read. */
  function endless(name: string): { report: Checked['report']['verdict']; grown: number; fed: number } {
    const policy = parsePolicy(primitives, Buffer.from(trust()));
    const verifier = new PackageVerifier(primitives, { policy, known: [], now });
    const members = honest();
    const at = members.findIndex((member) => member.name === name);
    const size = 2 ** 30;
    const block = header({ name, bytes: { length: size } as Buffer }, mtime);
    verifier.push(Buffer.concat([archive(members.slice(0, at), mtime).subarray(0, -1024), block]));
    const chunk = new Uint8Array(1_048_576).fill(0x61);
    const before = process.memoryUsage().rss;
    let grown = 0;
    let fed = 0;
    for (; fed < size; fed += chunk.length) {
      if (!verifier.push(chunk)) break;
      grown = Math.max(grown, process.memoryUsage().rss - before);
    }
    return { report: verifier.end().findings.failures.length > 0 ? 'INVALID' : 'SIGNED', grown, fed };
  }

  it('G3: a line, a disclosure or a table of 1 GiB is INVALID and leaves memory flat', () => {
    for (const name of [
      'part/000001.entries',
      'part/000001.disclosed',
      'views/entries.csv',
      'views/report.pdf',
    ]) {
      const { report, grown, fed } = endless(name);
      expect(report).toBe('INVALID');
      expect(grown).toBeLessThan(64 * 1_048_576);
      if (name.startsWith('views')) expect(fed).toBe(2 ** 30);
      else expect(fed).toBeLessThan(16 * 1_048_576);
    }
  });
});
