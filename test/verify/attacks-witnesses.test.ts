/** Attacks on witnesses: who may be counted, for what note, and when (L13 B, E). */
import { describe, expect, it } from 'vitest';
import { built, full } from './attack.ts';
import { livelyLog, logExport, type Scope, start, TestKey, type TestLog } from './build-package.ts';

const hour = 3_600_000;

function exported(scope: Scope, entries = 24, key = new TestKey(1)): TestLog {
  const log = livelyLog(entries, key);
  logExport(log, scope);
  return log;
}

describe('witnesses', () => {
  const log = exported(full);
  const [a, b, c] = [
    new TestKey(21, 'a.example', 4),
    new TestKey(22, 'b.example', 4),
    new TestKey(23, 'c.example', 4),
  ] as const;
  const policy = `log ${log.key.vkey}
witness a ${a.vkey}
witness b ${b.vkey}
witness c ${c.vkey}
group east any a b
group west any c
group both all east west
quorum both
`;
  const seconds = Math.floor(start / 1000);
  const verdict = (cosigners: (text: string) => string, rules = policy): string =>
    built(log, { scope: full, cosigners }, { policy: rules, demands: { require: 'witnessed' } }).report
      .verdict;

  it('L10.2: a filled quorum is WITNESSED, exit 0 even where only a stamp was required', () => {
    const cosigners = (text: string): string => a.cosign(text, seconds) + c.cosign(text, seconds);
    expect(verdict(cosigners)).toBe('WITNESSED');
    const { report } = built(log, { scope: full, cosigners }, { policy, demands: { require: 'anchored' } });
    expect(report).toMatchObject({ verdict: 'WITNESSED', exit: 0, isAnchored: false });
  });

  it('H2: one organisation cannot fill the quorum alone; unknown witnesses are ignored', () => {
    expect(verdict((text) => a.cosign(text, seconds) + b.cosign(text, seconds))).toBe('SIGNED');
    const unknown = new TestKey(24, 'd.example', 4);
    expect(verdict((text) => a.cosign(text, seconds) + unknown.cosign(text, seconds))).toBe('SIGNED');
  });

  it('L10.2: `quorum none` never gives WITNESSED', () => {
    const rules = policy.replace('quorum both', 'quorum none');
    expect(verdict((text) => a.cosign(text, seconds) + c.cosign(text, seconds), rules)).toBe('SIGNED');
  });

  it('D4: a cosignature of time 0 or over five minutes ahead is not counted', () => {
    const clock = Math.floor((start + hour) / 1000);
    for (const [time, wanted] of [
      [0, 'SIGNED'],
      [clock + 301, 'SIGNED'],
      [clock + 299, 'WITNESSED'],
    ] as const)
      expect(verdict((text) => a.cosign(text, time) + c.cosign(text, seconds))).toBe(wanted);
  });

  it('L10.2: a false cosignature of a known witness is INVALID', () => {
    const false_ = (text: string): string =>
      a.cosign(text.replace('custos', 'custom'), seconds) + c.cosign(text, seconds);
    expect(verdict(false_)).toBe('INVALID');
  });
});
