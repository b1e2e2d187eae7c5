/** Attacks by who holds the key, and on keys, policies and origins (L13 B, D4, E, H2). */
import { describe, expect, it } from 'vitest';
import { Malformed } from '../../src/verify/findings.ts';
import { parsePolicy } from '../../src/verify/policy.ts';
import { evidenceOf } from '../../src/verify/report.ts';
import { built, full, refused, subject } from './attack.ts';
import {
  buildPackage,
  item,
  livelyLog,
  logExport,
  type Member,
  mapRoot,
  person,
  type Scope,
  TestKey,
  TestLog,
} from './build-package.ts';
import { type Checked, check, primitives, trust } from './check.ts';

const hour = 3_600_000;

function exported(scope: Scope, entries = 24, key = new TestKey(1)): TestLog {
  const log = livelyLog(entries, key);
  logExport(log, scope);
  return log;
}

/** The same acts, but one of them never happened. */
function rewritten(honest: TestLog, without: number): TestLog {
  const log = new TestLog();
  for (const { kind, subjects, facts, actor, seq } of honest.shapes.slice(1)) {
    if (kind === 'seal') log.seal();
    else
      log.add(
        kind,
        subjects.map((link) => link.id),
        seq === without ? { nothing: true } : facts,
        {},
        actor,
      );
  }
  return log;
}

describe('B: the holder of the key', () => {
  it('B1: a history rewritten and signed again is SIGNED alone, DIVERGED against a known note, and short of witnesses', () => {
    for (const scope of [full, subject]) {
      const honest = exported(scope);
      const forged = rewritten(honest, 4);
      expect(built(forged, { scope }).report).toMatchObject({ verdict: 'SIGNED', exit: 0 });
      expect(built(forged, { scope }, { known: [honest.note()] }).report).toMatchObject({
        verdict: 'DIVERGED',
        exit: 6,
      });
      const policy = `log ${forged.key.vkey}\nwitness w ${new TestKey(9, 'w.example', 4).vkey}\nquorum w\n`;
      const { report } = built(forged, { scope }, { policy, demands: { require: 'witnessed' } });
      expect(report).toMatchObject({ verdict: 'SIGNED', exit: 5 });
    }
  });

  it('B2: two roots at one size are DIVERGED, and both notes are the evidence', () => {
    const honest = exported(full);
    const { report, outcome } = built(rewritten(honest, 4), { scope: full }, { known: [honest.note()] });
    expect(report).toMatchObject({ verdict: 'DIVERGED', exit: 6 });
    const [known, other] = evidenceOf(outcome);
    expect(Buffer.from(known!.bytes).toString()).toBe(honest.note());
    expect(Buffer.from(other!.bytes).toString()).toBe(rewritten(honest, 4).note());
  });

  it('B2: a fork that grew is DIVERGED by its own leaves, and cannot be compared where the package lacks them', () => {
    const honest = livelyLog(8);
    const fork = rewritten(honest, 4);
    for (let index = 0; index < 9; index += 1) fork.add('item.opened', [item(2), person(10)]);
    logExport(fork, subject);
    const known = [honest.note()];
    expect(built(fork, { scope: full }, { known }).report).toMatchObject({ verdict: 'DIVERGED', exit: 6 });
    expect(built(fork, { scope: subject }, { known }).report).toMatchObject({ verdict: 'SIGNED', exit: 5 });
    const period: Scope = { kind: 'period', from: fork.shapes[6]!.at, to: fork.at + 1 };
    expect(built(fork, { scope: period, disclose: 'none' }, { known }).report.verdict).toBe('DIVERGED');
  });

  it('B2: two known notes that contradict each other are DIVERGED whatever the package says', () => {
    const honest = livelyLog(8);
    const known = [honest.note(), rewritten(honest, 4).note()];
    expect(built(exported(subject), { scope: subject }, { known }).report.verdict).toBe('DIVERGED');
  });

  it('B2: DIVERGED outranks INVALID', () => {
    const honest = exported(full);
    const bend = (members: Member[]): Member[] => members.filter(({ name }) => name !== 'views/entries.csv');
    expect(built(rewritten(honest, 4), { scope: full, bend }, { known: [honest.note()] }).report.exit).toBe(
      6,
    );
  });

  it('B2: a known note of the same history agrees, at the same and at an earlier size', () => {
    const log = exported(full);
    const known = [log.note(), log.note(7)];
    const { report } = built(log, { scope: full }, { known });
    expect(report.known.map((one) => one.state)).toEqual(['agrees', 'agrees']);
    expect(report.exit).toBe(0);
  });

  it('B2: a contradicting note that is not signed by the log proves nothing', () => {
    const honest = exported(full);
    const known = [
      honest.note(honest.size, [new TestKey(2)]),
      honest.note().replace(`\n${honest.size}\n`, '\n7\n'),
      'x',
    ];
    const { report } = built(rewritten(honest, 4), { scope: full }, { known });
    expect(report).toMatchObject({ verdict: 'SIGNED', exit: 5 });
  });

  it('B3: the age of a frozen checkpoint is shown, and too old a one is exit 5', () => {
    const log = exported(full);
    const later = log.at + 30 * hour;
    const { report } = built(log, { scope: full }, { now: later });
    expect(report.times.ageHours).toBe(30);
    expect(report.exit).toBe(0);
    const strict = (maxAgeHours: number): number =>
      built(log, { scope: full }, { now: later, demands: { require: 'signed', maxAgeHours } }).report.exit;
    expect(strict(29)).toBe(5);
    expect(strict(31)).toBe(0);
  });

  it('B3: an older, smaller package cannot be compared with a newer known note: exit 5', () => {
    const log = exported(full);
    const bytes = buildPackage(log, { scope: full });
    log.add('item.opened', [item(1)], {}, {}, 'system:log');
    log.seal();
    expect(check(bytes, { known: [log.note()] }).report).toMatchObject({ verdict: 'SIGNED', exit: 5 });
  });

  it('B4: a seal whose map hides the newest entry is SIGNED for the subject and INVALID in full', () => {
    const log = livelyLog();
    const made = log.add('log.exported', [item(2), person(7)], {}, {}, person(7));
    const before = new Map(log.heads);
    const hidden = log.add('item.destroyed', [item(2), person(10)]);
    const real = new Map(log.heads);
    log.heads.set(item(2), before.get(item(2))!);
    log.seal((facts) => {
      facts.map = mapRoot(log.heads).toString('hex');
    });
    const pick = (seqs: number[]): number[] => seqs.filter((seq) => seq !== hidden);
    expect(built(log, { scope: subject, pick, made }).report).toMatchObject({ verdict: 'SIGNED', exit: 0 });
    for (const [id, head] of real) log.heads.set(id, head);
    refused(built(log, { scope: full, made }), 'SEAL_MAP');
  });

  it('B5: a last leaf that is no seal is INVALID', () => {
    for (const scope of [full, subject]) {
      const log = exported(scope);
      log.add('item.opened', [item(1)], {}, {}, 'system:log');
      refused(built(log, { scope }), 'SEAL_LAST');
    }
  });

  it('B5: a seal with the wrong seal before it, epoch or number of subjects is INVALID', () => {
    const bends: [string, (facts: Record<string, unknown>) => void][] = [
      ['SEAL_PREV', (facts) => Object.assign(facts, { prev: { leaf: '1'.repeat(64), seq: 3 } })],
      ['SEAL_PREV', (facts) => delete facts.prev],
      ['SEAL_EPOCH', (facts) => Object.assign(facts, { epoch: 1 })],
      ['SEAL_KEYS', (facts) => Object.assign(facts, { keys: 1 })],
      ['SEAL_FORM', (facts) => Object.assign(facts, { more: true })],
    ];
    for (const [code, bend] of bends) {
      const log = livelyLog();
      log.seal(bend);
      logExport(log, full);
      refused(built(log, { scope: full }), code);
    }
    const last = livelyLog();
    last.add('log.exported', [item(2), person(7)], {}, {}, person(7));
    last.seal((facts) => Object.assign(facts, { epoch: 1 }));
    refused(built(last, { scope: subject }), 'SEAL_EPOCH');
  });
});

describe('E: keys and origins', () => {
  const vkey = new TestKey(1).vkey;
  const identity = (type: number, key: Buffer): string => {
    const data = Buffer.concat([Buffer.from([type]), key]);
    const id = primitives.sha256Hex(Buffer.concat([Buffer.from('x.example\n'), data])).slice(0, 8);
    return `x.example+${id}+${data.toString('base64')}`;
  };

  it('E1: a trust file without a log, with two, with unsound keys or with anything unclear is refused', () => {
    const lowOrder = Buffer.alloc(32);
    const notCanonical = Buffer.concat([Buffer.from([0xee]), Buffer.alloc(30, 0xff), Buffer.from([0x7f])]);
    const mixed = Buffer.from('300ef2e64e588e1df55b48e4da0416ffb64cc85d5b00af6463d5cc6c2b1c185e', 'hex');
    const w = new TestKey(9, 'w.example', 4).vkey;
    const bad = [
      '',
      'quorum none\n',
      `log ${vkey}\n`,
      `log ${vkey}\nlog ${new TestKey(2).vkey}\nquorum none\n`,
      ...[lowOrder, notCanonical, mixed].map((key) => `log ${identity(1, key)}\nquorum none\n`),
      `log ${new TestKey(1, 'x', 4).vkey}\nquorum none\n`,
      `log ${vkey}\nwitness a ${w}\nwitness b ${w}\nquorum a\n`,
      `log ${vkey}\nwitness a ${new TestKey(1, 'w.example', 4).vkey}\nquorum a\n`,
      `log ${vkey}\nwitness none ${w}\nquorum none\n`,
      `log ${vkey}\nquorum a\nwitness a ${w}\n`,
      `log ${vkey}\nwitness a ${w}\ngroup g 2 a\nquorum g\n`,
      `log ${vkey}\nwitness a ${w}\ngroup g any a\ngroup h any a\nquorum g\n`,
      `log ${vkey}\nquorum none\nquorum none\n`,
      `log ${vkey}\nquorum none\nand more\n`,
      `log ${vkey}\r\nquorum none\r\n`,
    ];
    for (const text of bad) expect(() => parsePolicy(primitives, Buffer.from(text)), text).toThrow(Malformed);
    const good = `# of today\n\n \tlog ${vkey} https://log.example\nwitness a ${w}\ngroup g any a\nquorum g`;
    expect(parsePolicy(primitives, Buffer.from(good)).quorum).toBe('g');
  });

  it('E1: a package that brings its own key or policy is INVALID', () => {
    const log = exported(full);
    for (const name of ['policy', 'keys/vkey', 'keys/1.json', 'trust.policy']) {
      const bend = (members: Member[]): Member[] =>
        members.toSpliced(5, 0, { name, bytes: Buffer.from(trust()) });
      refused(built(log, { scope: full, bend }));
    }
  });

  it('E2: another key under the same name and four-byte id is INVALID', () => {
    const log = exported(full);
    const other = new TestKey(2);
    Object.assign(other, { id: log.key.id });
    refused(built(log, { scope: full, signers: [other] }), 'CHECKPOINT_SIGNATURE');
    refused(built(log, { scope: full, signers: [log.key, other] }), 'CHECKPOINT_SIGNATURE');
    refused(built(log, { scope: full, signers: [new TestKey(2)] }), 'CHECKPOINT_SIGNATURE');
    refused(built(log, { scope: full, manifestKey: other }), 'MANIFEST_FORM');
    refused(built(log, { scope: full, manifestKey: new TestKey(2) }), 'MANIFEST_FORM');
  });

  it('E2: a signature of one type in the place of the other is INVALID or not counted', () => {
    const log = exported(full);
    const witness = new TestKey(9, 'w.example', 4);
    const policy = `log ${log.key.vkey}\nwitness w ${witness.vkey}\nquorum w\n`;
    const state = (cosigners: (text: string) => string): Checked =>
      built(log, { scope: full, cosigners }, { policy });
    const plain = new TestKey(9, 'w.example', 1);
    expect(state((text) => plain.line(text)).report.verdict).toBe('SIGNED');
    refused(
      state((text) => witness.line(text)),
      'COSIGNATURE_FALSE',
    );
    const asWitness = new TestKey(1, log.origin, 4);
    const bend = (members: Member[]): Member[] =>
      members.map((member) =>
        member.name === 'checkpoint'
          ? { ...member, bytes: Buffer.from(`${log.text()}\n${asWitness.cosign(log.text(), 1_795_500_000)}`) }
          : member,
      );
    refused(built(log, { scope: full, bend }), 'CHECKPOINT_SIGNATURE');
  });

  it('E2: a manifest in the place of a checkpoint, and the reverse, is INVALID', () => {
    const log = exported(full);
    const text = `custos-manifest/v1\n${log.origin}\n${log.size - 2}\n`;
    const bend = (members: Member[]): Member[] =>
      members.map((member) =>
        member.name === 'checkpoint'
          ? { ...member, bytes: Buffer.from(`${text}\n${log.key.line(text)}`) }
          : member,
      );
    refused(built(log, { scope: full, bend }), 'CHECKPOINT_FORM');
    const bytes = buildPackage(log, { scope: full });
    const at = bytes.lastIndexOf('custos-manifest/v1');
    const note = Buffer.from(log.note());
    const forged = Buffer.concat([bytes.subarray(0, at), note, bytes.subarray(at + note.length)]);
    refused(check(forged));
  });

  const rotating = (): { log: TestLog; old: TestKey; next: TestKey } => {
    const old = new TestKey(1);
    const next = new TestKey(2);
    const log = livelyLog(12, old);
    log.rotate(next);
    log.add('item.opened', [item(2), person(10)]);
    return { log, old, next };
  };

  it('E3: a retired key that signs beyond its window is INVALID', () => {
    for (const scope of [full, subject]) {
      const { log, old, next } = rotating();
      logExport(log, scope);
      for (const policy of [trust(old), trust(next)]) {
        expect(built(log, { scope }, { policy }).report.verdict).toBe('SIGNED');
        for (const signers of [[old], [old, next]]) {
          // Under the new pin the key before the first rotation is known from the log's opening only.
          if (scope === subject && signers.length === 2 && policy === trust(next)) continue;
          refused(built(log, { scope, signers }, { policy }));
        }
      }
    }
  });

  it('E3: the past sealed again with the new key is INVALID (CVE-2023-31439)', () => {
    const { log, next } = rotating();
    const past = livelyLog(12, new TestKey(1));
    logExport(past, full);
    refused(
      built(past, { scope: full, signers: [next], manifestKey: next }, { policy: trust(next) }),
      'KEY_FIRST',
    );
    refused(
      built(past, { scope: full, signers: [next], manifestKey: next }, { policy: trust() }),
      'CHECKPOINT_SIGNATURE',
    );
    expect(log.rotations).toHaveLength(1);
  });

  it('E3: a rotation that is missing, forged or signed by one key is INVALID', () => {
    for (const scope of [full, subject]) {
      const { log, old, next } = rotating();
      logExport(log, scope);
      const key =
        (edit: (text: string) => string) =>
        (members: Member[]): Member[] =>
          members.map((member) =>
            member.name === 'keys/1.json'
              ? { ...member, bytes: Buffer.from(edit(member.bytes.toString())) }
              : member,
          );
      const note = log.rotations[0]!.note;
      const [text] = note.split('\n\n') as [string];
      const json = (value: string): string => JSON.stringify(value).slice(1, -1);
      const only = (signer: TestKey): string => `${text}\n\n${signer.line(`${text}\n`)}`;
      const bends = [
        (members: Member[]): Member[] => members.filter(({ name }) => name !== 'keys/1.json'),
        key((all) => all.replace(json(note), json(only(old)))),
        key((all) => all.replace(json(note), json(only(next)))),
        key((all) => all.replace(/\\"sig\\":\\"../, '\\"sig\\":\\"00')),
        key((all) => all.replace(/"seq":(\d+)/, (_, seq) => `"seq":${Number(seq) - 1}`)),
        (members: Member[]): Member[] =>
          members.map((member) => ({ ...member, name: member.name.replace('keys/1', 'keys/2') })),
      ];
      for (const [index, bend] of bends.entries()) {
        refused(built(log, { scope, bend }, { policy: trust(old) }));
        // A missing old signature shows under the new pin only where the log's opening is in the package.
        if (index !== 2 || scope === full) refused(built(log, { scope, bend }, { policy: trust(next) }));
      }
    }
  });

  it('E3: at size R the checkpoint needs both signatures', () => {
    const old = new TestKey(1);
    const next = new TestKey(2);
    const log = livelyLog(6, old);
    const made = log.add('log.exported', [item(2), person(7)], {}, {}, person(7));
    log.rotate(next);
    for (const scope of [full, subject]) {
      for (const policy of [trust(old), trust(next)]) {
        const { report } = built(log, { scope, signers: [old, next], made }, { policy });
        expect(report.failures).toEqual([]);
        expect(report.verdict).toBe('SIGNED');
      }
      refused(built(log, { scope, signers: [old], made }), 'CHECKPOINT_SIGNATURE');
      refused(built(log, { scope, signers: [next], made }), 'CHECKPOINT_SIGNATURE');
    }
  });

  it('E4: another origin, or the log of another office in its place, is INVALID (CVE-2022-39199)', () => {
    const other = 'other.example/ffeeddccbbaa99887766554433221100';
    for (const scope of [full, subject]) {
      for (const key of [new TestKey(1, other), new TestKey(2, other)]) {
        const log = livelyLog(24, key, other);
        logExport(log, scope);
        expect(built(log, { scope }, { policy: trust(key) }).report.verdict).toBe('SIGNED');
        refused(built(log, { scope }), 'EXPORT_DOCUMENT');
        const renamed = (members: Member[]): Member[] =>
          members.map((member) => ({
            ...member,
            bytes: Buffer.from(member.bytes.toString().replaceAll(other, new TestKey(1).name)),
          }));
        refused(built(log, { scope, bend: renamed }));
      }
    }
  });
});
