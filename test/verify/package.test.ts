/** Honest packages of every scope are SIGNED; what the report says about them is right (L9, L10). */
import { describe, expect, it } from 'vitest';
import {
  buildPackage,
  item,
  livelyLog,
  logExport,
  origin,
  person,
  type Scope,
  TestKey,
} from './build-package.ts';
import { check, trust } from './check.ts';

function sound(scope: Scope, partSize = 500) {
  const log = livelyLog();
  logExport(log, scope);
  return {
    log,
    bytes: buildPackage(log, { scope, partSize, disclose: scope.from === undefined ? 'all' : 'none' }),
  };
}

describe('honest packages', () => {
  const log = livelyLog();
  const times = log.shapes.map((entry) => entry.at);
  const scopes: Record<string, Scope> = {
    full: { kind: 'full' },
    subject: { kind: 'subject', id: item(2) },
    'acting person': { kind: 'subject', id: person(11) },
    period: { kind: 'period', from: times[7]!, to: times[15]! },
    'period from the first entry': { kind: 'period', from: 0, to: times[9]! },
    'period to the last entry': { kind: 'period', from: times[20]!, to: times.at(-1)! + 1_000_000 },
    'period with nothing in it': { kind: 'period', from: times[9]! + 1, to: times[9]! + 2 },
    'subject in a period': { kind: 'subject', id: item(1), from: times[6]!, to: times[20]! },
  };
  for (const [name, scope] of Object.entries(scopes)) {
    for (const partSize of [500, 3]) {
      it(`L10.2: a package of scope ${name} in parts of ${partSize} is SIGNED`, () => {
        const { bytes } = sound(scope, partSize);
        const { report } = check(bytes);
        expect(report.failures).toEqual([]);
        expect(report.verdict).toBe('SIGNED');
        expect(report.exit).toBe(0);
      });
    }
  }

  it('L10.1: the size of the pieces that the file comes in changes nothing', () => {
    const { bytes } = sound({ kind: 'full' });
    for (const piece of [1, 7, 511, 512, 513, 4096])
      expect(check(bytes, { piece }).report.verdict).toBe('SIGNED');
  });

  it('L6: a log whose key changed twice is SIGNED under each of its three keys', () => {
    const keys = [new TestKey(1), new TestKey(2), new TestKey(3)] as const;
    for (const scope of [{ kind: 'full' }, { kind: 'subject', id: item(1) }] as const) {
      const log = livelyLog(8, keys[0]);
      log.rotate(keys[1]);
      log.add('item.opened', [item(1), person(10)]);
      log.seal();
      log.rotate(keys[2]);
      log.add('item.opened', [item(1), person(10)]);
      logExport(log, scope);
      const bytes = buildPackage(log, { scope });
      for (const [epoch, key] of keys.entries()) {
        const { report } = check(bytes, { policy: trust(key) });
        expect(report.failures).toEqual([]);
        expect(report.verdict).toBe('SIGNED');
        expect(report.pinnedKey.epoch).toBe(epoch);
        expect(report.signingKey?.epoch).toBe(2);
      }
    }
  });

  it('L10.2: the report counts entries, seals, subjects and private fields', () => {
    const { bytes, log } = sound({ kind: 'full' });
    const { report } = check(bytes);
    expect(report.entries).toBe(log.size);
    expect(report.seals).toBe(log.shapes.filter((entry) => entry.kind === 'seal').length);
    expect(report.subjects).toBe(log.heads.size);
    expect(report.privateFields).toEqual({ disclosed: 16, erased: 0, withheld: 0 });
    expect(report.origin).toBe(origin);
  });
});
