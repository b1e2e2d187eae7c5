/** A full log checked by two threads finds what one finds (L10.2, L11): chains and maps are kept by the second. */
import { afterAll, describe, expect, it } from 'vitest';
import { Chains } from '../../src/verify/chains.ts';
import { FarChains } from '../../src/verify/far-chains.ts';
import { Findings } from '../../src/verify/findings.ts';
import { newLane } from '../../src/verify/lane.ts';
import { farThreads } from '../../src/verify/node.ts';
import { type Outcome, PackageVerifier } from '../../src/verify/package.ts';
import { parsePolicy } from '../../src/verify/policy.ts';
import { reportOn } from '../../src/verify/report.ts';
import { SubjectMap } from '../../src/verify/subject-map.ts';
import { SubjectTable } from '../../src/verify/subject-table.ts';
import { buildPackage, type EntryShape, item, logExport, person, TestLog } from './build-package.ts';
import { now, primitives, trust } from './check.ts';

const threads = farThreads();
afterAll(() => threads.stop());

/** A log long enough for a second thread, in which entry 3,001 and the seal after it may be bent. */
function longLog(
  bend: (entry: EntryShape) => void = () => {},
  bendSeal: (facts: Record<string, unknown>) => void = () => {},
): Buffer {
  const log = new TestLog();
  for (let index = 1; index < 5200; index += 1) {
    const subjects = [item(index % 40), person(index % 7)];
    log.add('item.opened', subjects, {}, {}, 'system:log', index === 3001 ? bend : undefined);
    if (index % 1000 === 500) log.seal(index === 3500 ? bendSeal : undefined);
  }
  logExport(log, { kind: 'full' });
  return buildPackage(log, { scope: { kind: 'full' } });
}

function verified(bytes: Buffer, isFar: boolean): { outcome: Outcome; verdict: string; started: number } {
  let started = 0;
  const startFarChains = (lane: SharedArrayBuffer): void => {
    started += 1;
    threads.start(lane);
  };
  const policy = parsePolicy(primitives, Buffer.from(trust()));
  const options = { policy, known: [], now, ...(isFar ? { startFarChains } : {}) };
  const verifier = new PackageVerifier(primitives, options);
  verifier.push(bytes);
  const outcome = verifier.end();
  return { outcome, started, verdict: reportOn(primitives, outcome, options, { require: 'signed' }).verdict };
}

const attacks: Readonly<Record<string, readonly [string | undefined, () => Buffer]>> = {
  'an honest log': [undefined, () => longLog()],
  'a link with another hash before it': [
    'CHAIN_BROKEN',
    () => longLog((entry) => Object.assign(entry.subjects[0]!, { prev: 'a'.repeat(64) })),
  ],
  'a link that skips a number': [
    'CHAIN_BROKEN',
    () =>
      longLog((entry) => {
        entry.subjects[1]!.n += 1;
      }),
  ],
  'a subject that starts anew': [
    'CHAIN_BROKEN',
    () => longLog((entry) => Object.assign(entry.subjects[0]!, { n: 1, prev: '0'.repeat(64) })),
  ],
  'a seal with another map': [
    'SEAL_MAP',
    () => longLog(undefined, (facts) => Object.assign(facts, { map: 'b'.repeat(64) })),
  ],
  'a seal with another number of subjects': [
    'SEAL_KEYS',
    () => longLog(undefined, (facts) => Object.assign(facts, { keys: 46 })),
  ],
};

describe('two threads', () => {
  for (const [name, [code, build]] of Object.entries(attacks)) {
    it(`L10.2: of ${name} they find exactly what one finds`, () => {
      const bytes = build();
      const near = verified(bytes, false);
      const far = verified(bytes, true);
      expect([near.started, far.started]).toEqual([0, 1]);
      expect(far.verdict).toBe(code === undefined ? 'SIGNED' : 'INVALID');
      expect(far.outcome.findings.failures.map((failure) => failure.code)).toEqual(
        near.outcome.findings.failures.map((failure) => failure.code),
      );
      expect(far.outcome.findings.failures).toEqual(near.outcome.findings.failures);
      expect(far.outcome.findings.failures[0]?.code).toBe(code);
      expect(far.outcome.entries?.chains.size).toBe(48);
    });
  }

  it('L10.2: twenty failures over there end the run here, and no more than twenty come back', () => {
    const findings = new Findings();
    const lane = newLane();
    threads.start(lane);
    const far = new FarChains(findings, lane);
    const table = new SubjectTable(primitives, true);
    const near = new Chains(new Findings(), table, 'whole', new SubjectMap(primitives, table));
    const leaf = new Uint8Array(32).fill(7);
    for (let seq = 0; seq < 9000; seq += 1) {
      const subjects = [{ id: item(seq), n: seq < 8980 ? 1 : 2, prev: '0'.repeat(64) }];
      far.add({ ...blank, seq, subjects }, leaf);
      if (seq < 8980) near.add({ ...blank, seq, subjects }, leaf);
    }
    expect(() => far.finish()).toThrow('Twenty');
    expect(findings.failures).toHaveLength(20);
    expect(findings.failures[0]).toMatchObject({ code: 'CHAIN_BROKEN', seq: 8980 });
    expect(findings.failures[0]?.words).toContain(item(8980));
    expect(near.size).toBe(8980);
  });
});

const blank = {
  actor: 'system:log',
  at: 0,
  facts: {},
  kind: 'item.opened',
  origin: 'x',
  private: {},
};
