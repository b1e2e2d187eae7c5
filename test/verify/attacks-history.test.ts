/** Attacks on entries, chains, disclosures and what a package leaves out (L13 A, C, F). */
import { describe, expect, it } from 'vitest';
import { built, change, full, lines, ready, refused, replace, subject } from './attack.ts';
import {
  type EntryShape,
  item,
  jcs,
  livelyLog,
  logExport,
  type Member,
  mapProof,
  type PackageOptions,
  person,
  type Scope,
  sha256,
  TestLog,
  uuid,
} from './build-package.ts';
import type { Checked } from './check.ts';

describe('A: entries', () => {
  it('A1: one changed byte of an entry is INVALID, in a full log and for a subject', () => {
    for (const scope of [full, subject])
      refused(built(ready(scope), { scope, bend: change('.entries', replace('"from":0', '"from":1')) }));
  });

  it('A2: history rewritten with all hashes, chains and maps, under the old checkpoint, is INVALID', () => {
    for (const scope of [full, subject]) {
      const honest = ready(scope);
      const other = new TestLog();
      for (const { kind, subjects, facts, actor } of honest.shapes.slice(1)) {
        if (kind === 'seal') other.seal();
        else
          other.add(
            kind,
            subjects.map((link) => link.id),
            { ...facts, forged: true },
            {},
            actor,
          );
      }
      refused(
        built(other, { scope, bend: change('checkpoint', () => Buffer.from(honest.note())) }),
        'SEAL_PROOF',
      );
    }
  });

  it('A3: an entry deleted, swapped with its neighbour, given another number or doubled is INVALID', () => {
    const log = ready();
    const edits: ((all: string[]) => string[])[] = [
      (all) => all.toSpliced(5, 1),
      (all) => all.with(5, all[6]!).with(6, all[5]!),
      (all) => all.with(5, all[5]!.replace('"seq":5', '"seq":6')),
      (all) => all.toSpliced(5, 0, all[5]!),
      (all) => all.slice(0, -1),
    ];
    for (const edit of edits) refused(built(log, { scope: full, bend: change('.entries', lines(edit)) }));
  });

  it('A3: entries of one and the same time cannot be swapped either', () => {
    const log = new TestLog();
    const same = (entry: EntryShape): void => {
      entry.at = log.shapes[0]!.at;
    };
    log.add('item.opened', [item(1), person(1)], {}, {}, undefined, same);
    log.add('item.opened', [item(2), person(2)], {}, {}, undefined, same);
    logExport(log, full);
    expect(built(log, { scope: full }).report.verdict).toBe('SIGNED');
    refused(
      built(log, {
        scope: full,
        bend: change(
          '.entries',
          lines((all) => all.with(1, all[2]!).with(2, all[1]!)),
        ),
      }),
    );
  });

  it('A4: a forged approval at the tail of a package is INVALID', () => {
    const log = ready(subject);
    for (const scope of [full, subject]) {
      const last = log.shapes.at(-2)!;
      const text = jcs({ ...last, kind: 'access.approved', seq: log.size });
      refused(
        built(log, {
          scope,
          bend: change(
            '.entries',
            lines((all) => [...all, text]),
          ),
        }),
      );
    }
  });

  it('A6: a private value or salt changed, swapped or moved to another field or entry is INVALID', () => {
    const log = ready(subject);
    const edits: ((all: string[]) => string[])[] = [
      (all) => all.with(0, all[0]!.replace('"d', '"D')),
      (all) => all.with(0, all[0]!.replace(/"salt":"../, '"salt":"00')),
      (all) => all.with(0, all[0]!.replace('"name":"device"', '"name":"reason"')),
      (all) => all.with(0, all[1]!).with(1, all[0]!),
      (all) => {
        const [a, b] = [JSON.parse(all[0]!), JSON.parse(all[2]!)] as { seq: number }[];
        return all.with(0, jcs({ ...b, seq: a!.seq })).with(2, jcs({ ...a, seq: b!.seq }));
      },
      (all) => [all[0]!, ...all],
    ];
    for (const scope of [full, subject]) {
      expect(built(log, { scope }).report.verdict).toBe('SIGNED');
      for (const edit of edits) refused(built(log, { scope, bend: change('.disclosed', lines(edit)) }));
    }
  });
});

describe('C: what is left out', () => {
  it('C1: leaving out the first, a middle, the last or all entries of a subject is INVALID', () => {
    const log = ready(subject);
    const drops: ((seqs: number[]) => number[])[] = [
      (seqs) => seqs.slice(1),
      (seqs) => seqs.toSpliced(2, 1),
      (seqs) => seqs.slice(0, -1),
      (seqs) => seqs.toSpliced(-2, 1),
      () =>
        log.shapes
          .filter((entry) => entry.subjects.some((link) => link.id === item(3)))
          .map((entry) => entry.seq),
    ];
    for (const pick of drops) refused(built(log, { scope: subject, pick }));
    refused(built(log, { scope: subject, pick: () => [] }), 'EXPORT_DOCUMENT');
  });

  it('C1: a changed chain number is INVALID', () => {
    const log = livelyLog();
    log.add('item.opened', [item(2), person(10)], {}, {}, undefined, (entry) => {
      entry.subjects[0]!.n += 1;
    });
    logExport(log, subject);
    for (const scope of [full, subject]) refused(built(log, { scope }));
  });

  it('C1: a dropped part or border entry of a period is INVALID', () => {
    const times = ready().shapes.map((entry) => entry.at);
    const period: Scope = { kind: 'period', from: times[6]!, to: times[14]! };
    const within: Scope = { kind: 'subject', id: item(1), from: times[6]!, to: times[20]! };
    for (const scope of [period, within]) {
      const log = ready(scope);
      const options: PackageOptions = { scope, disclose: 'none' };
      expect(built(log, options).report.verdict).toBe('SIGNED');
      refused(built(log, { ...options, pick: (seqs) => seqs.slice(1) }));
      refused(built(log, { ...options, pick: (seqs) => seqs.slice(0, -1) }));
    }
    const log = ready();
    refused(
      built(log, {
        scope: full,
        partSize: 5,
        bend: (members) => members.filter(({ name }) => !name.startsWith('part/000002')),
      }),
    );
  });

  it('C1: more entries than the scope promises are INVALID too', () => {
    const log = ready();
    const scope: Scope = { kind: 'period', from: log.shapes[6]!.at, to: log.shapes[14]!.at };
    refused(built(log, { scope, disclose: 'none', pick: (seqs) => [seqs[0]! - 1, ...seqs] }), 'SCOPE_EXTRA');
    refused(
      built(log, { scope, disclose: 'none', pick: (seqs) => [...seqs, seqs.at(-1)! + 1] }),
      'SCOPE_EXTRA',
    );
  });

  it('C2: an older map proof under a newer checkpoint is INVALID', () => {
    const log = livelyLog();
    const older = mapProof(log.heads, item(2));
    logExport(log, subject);
    const bend = change('map.json', () => Buffer.from(jcs(older)));
    refused(built(log, { scope: subject, bend }), 'MAP_PROOF');
  });

  it('C2: "unknown subject" for a known one is INVALID, whatever proof is shown', () => {
    const log = ready(subject);
    const proof = mapProof(log.heads, item(2)) as { id: string; siblings: string[] };
    const { id, siblings } = proof;
    const other = mapProof(log.heads, item(999));
    for (const forged of [
      { id, siblings },
      { ...other, id },
      { id, siblings: [] },
    ])
      refused(
        built(log, { scope: subject, bend: change('map.json', () => Buffer.from(jcs(forged))) }),
        'MAP_PROOF',
      );
    const absent: Scope = { kind: 'subject', id: item(999) };
    const bend = change('export.json', replace(item(2), item(999)));
    const withAbsence = (members: Member[]): Member[] =>
      bend(change('map.json', () => Buffer.from(jcs(mapProof(log.heads, absent.id!))))(members));
    refused(built(log, { scope: subject, bend: withAbsence }), 'MAP_ABSENT');
  });

  it('C3: a second spelling of a subject id is INVALID', () => {
    for (const id of [
      item(2).toUpperCase(),
      `Item:${uuid(2)}`,
      `${item(2)} `,
      item(2).replace('item', 'ｉtem'),
      item(2).replaceAll('-', ''),
    ]) {
      const log = livelyLog();
      log.add('item.opened', [id], {}, {}, 'system:log');
      logExport(log, full);
      refused(built(log, { scope: full }), 'ENTRY_SCHEMA');
      const honest = ready(subject);
      refused(
        built(honest, {
          scope: subject,
          promise: (document) => Object.assign(document, { scope: { id, kind: 'subject' } }),
        }),
        'EXPORT_DOCUMENT',
      );
    }
  });
});

describe('F: proofs', () => {
  const log = ready(subject);
  const proofs = (edit: (proof: { path: string[]; seq: number }) => unknown): Checked =>
    built(log, {
      scope: subject,
      bend: change(
        '.proofs',
        lines((all) => all.with(1, jcs(edit(JSON.parse(all[1]!) as { path: string[]; seq: number })))),
      ),
    });

  it('F1: an index at or over the size, negative or over 2^53 is INVALID', () => {
    for (const seq of [log.size, log.size + 2 ** 32, -1, 9_007_199_254_740_991])
      refused(proofs(({ path }) => ({ path, seq })));
    const bend = change(
      '.proofs',
      lines((all) => all.with(1, all[1]!.replace(/"seq":\d+/, '"seq":9007199254740993'))),
    );
    refused(built(log, { scope: subject, bend }));
  });

  it('F1: a hash missing, extra or doubled, and 64 path hashes, are INVALID', () => {
    const zero = '0'.repeat(64);
    refused(proofs(({ path, seq }) => ({ path: path.slice(1), seq })));
    refused(proofs(({ path, seq }) => ({ path: path.slice(0, -1), seq })));
    refused(proofs(({ path, seq }) => ({ path: [...path, zero], seq })));
    refused(proofs(({ path, seq }) => ({ path: [path[0], ...path], seq })));
    refused(
      proofs(({ seq }) => ({ path: Array(64).fill(zero), seq })),
      'TREE_PROOFS',
    );
  });

  it('F1: size 0 or over 2^53 in checkpoint and document is INVALID', () => {
    for (const size of ['0', '9007199254740993', '18446744073709551615']) {
      const bend = (members: Member[]): Member[] => {
        const text = `${log.origin}\n${size}\n${log.root().toString('base64')}\n`;
        const signed = change('checkpoint', () => Buffer.from(`${text}\n${log.key.line(text)}`))(members);
        return change('export.json', replace(`"size":${log.size}`, `"size":${size}`))(signed);
      };
      refused(built(log, { scope: subject, bend }), 'EXPORT_DOCUMENT');
    }
  });

  it('F1: an inner node of the tree offered as an entry is INVALID', () => {
    const node = Buffer.concat([log.entries[2]!.leaf, log.entries[3]!.leaf]);
    refused(
      built(log, {
        scope: full,
        bend: change('.entries', (bytes) => Buffer.concat([node, Buffer.from('\n'), bytes])),
      }),
    );
  });

  it('F1: 257 hashes in a map proof are INVALID', () => {
    const proof = mapProof(log.heads, item(2)) as { siblings: string[] };
    const siblings = Array(257).fill(proof.siblings[0]);
    refused(
      built(log, {
        scope: subject,
        bend: change('map.json', () => Buffer.from(jcs({ ...proof, siblings }))),
      }),
      'MAP_PROOF',
    );
  });

  it('F2: a right chain with a wrong tree is INVALID', () => {
    refused(
      proofs(({ path, seq }) => ({
        path: path.with(
          0,
          path[0]!.replace(/^./, (c) => (c === '0' ? '1' : '0')),
        ),
        seq,
      })),
      'TREE_PATH',
    );
    const bend = change('range.json', (bytes) => bytes);
    expect(built(log, { scope: full, bend }).report.verdict).toBe('SIGNED');
  });

  it('F2: a right tree with a wrong chain is INVALID', () => {
    const bent = livelyLog();
    bent.add('item.opened', [item(2), person(10)], {}, {}, undefined, (entry) => {
      entry.subjects[0]!.prev = sha256('another').toString('hex');
    });
    logExport(bent, subject);
    for (const scope of [full, subject]) refused(built(bent, { scope }), 'CHAIN_BROKEN');
  });
});
