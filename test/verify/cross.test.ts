/** The server's export against the verifier, on random logs (L12): neither shares code with the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportPackage } from '../../src/log/export.ts';
import type { ExportReader, StoredEntry } from '../../src/log/export-reader.ts';
import type { ExportScope } from '../../src/log/export-scope.ts';
import type { MapProof } from '../../src/log/map-proof.ts';
import { parseVkey } from '../../src/log/note-key.ts';
import { buildPackage, item, logExport, mapProof, person, TestKey, TestLog } from './build-package.ts';
import { check } from './check.ts';

/** The server's view of a test log. */
function readerOf(log: TestLog): ExportReader {
  const stored = (seq: number): StoredEntry => ({ seq, bytes: log.entries[seq]!.bytes });
  const chainOf = (id: string) => log.shapes.filter((entry) => entry.subjects.some((link) => link.id === id));
  async function* list<T>(values: readonly T[]): AsyncGenerator<T> {
    yield* values;
  }
  return {
    entries: (first, end) => list(log.shapes.slice(first, end).map(({ seq }) => stored(seq))),
    chain: (id, first, last) =>
      list(
        chainOf(id)
          .slice(first - 1, last)
          .map(({ seq }) => stored(seq)),
      ),
    countBefore: async (time, size) => log.shapes.slice(0, size).filter(({ at }) => at < time).length,
    chainCountBefore: async (id, time, count) =>
      chainOf(id)
        .slice(0, count)
        .filter(({ at }) => at < time).length,
    disclosures: async (seqs) =>
      seqs.flatMap((seq) =>
        Object.entries(log.entries[seq]!.values).map(([name, { value, salt }]) => ({
          seq,
          name,
          value,
          salt,
        })),
      ),
    rotations: () =>
      list(log.rotations.map(({ epoch, seq, note }) => ({ epoch, checkpoint: note, ...stored(seq) }))),
    stamps: () => list([]),
    nodes: (level, index) => log.root((index + 1) * 2 ** level, index * 2 ** level),
  };
}

async function exported(
  log: TestLog,
  scope: ExportScope,
  made: number,
  disclose: 'all' | 'none',
): Promise<Buffer> {
  const { key } = log;
  const request = {
    scope,
    disclose,
    made,
    checkpoint: log.note(),
    signer: {
      key: parseVkey(key.vkey),
      sign: (message: Uint8Array) => key.sign(Buffer.from(message).toString()),
    },
    ...(scope.kind === 'subject' ? { mapProof: mapProof(log.heads, scope.id) as unknown as MapProof } : {}),
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of exportPackage(request, readerOf(log))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What happens in a random log: an act on an item by a person, with or without a reason; a seal; a key change. */
const steps = fc.array(
  fc.record({
    what: fc.oneof(
      { weight: 12, arbitrary: fc.constant('act') },
      { weight: 2, arbitrary: fc.constant('seal') },
      { weight: 1, arbitrary: fc.constant('rotate') },
    ),
    item: fc.nat(3),
    person: fc.nat(2),
    text: fc.string({ unit: 'binary', maxLength: 12 }),
    isPrivate: fc.boolean(),
  }),
  { maxLength: 40 },
);

function grow(
  plan: readonly { what: string; item: number; person: number; text: string; isPrivate: boolean }[],
): TestLog {
  const log = new TestLog();
  log.add('item.received', [item(0), person(0)], {}, { reason: 'first' });
  for (const step of plan) {
    const { text } = step;
    if (step.what === 'seal') log.seal();
    else if (step.what === 'rotate') log.rotate(new TestKey(log.keys.length + 1));
    else
      log.add(
        'item.opened',
        [item(step.item), person(step.person)],
        { text },
        step.isPrivate ? { reason: text } : {},
      );
  }
  return log;
}

describe('the server writes, the verifier reads', () => {
  it('L12: what the server exports of a random log is SIGNED, in every scope', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(20), fc.nat(20), async (plan, a, b) => {
        const from = 1_795_500_000_000 + Math.min(a, b) * 500;
        const period = { from, to: from + (Math.abs(a - b) + 1) * 500 };
        const scopes: ExportScope[] = [
          { kind: 'full' },
          { kind: 'subject', id: item(0) },
          { kind: 'period', ...period },
          { kind: 'subject', id: item(0), ...period },
        ];
        for (const scope of scopes) {
          const log = grow(plan);
          const made = logExport(log, scope);
          const disclose = 'from' in scope ? 'none' : 'all';
          const { report } = check(await exported(log, scope, made, disclose));
          expect(report.failures).toEqual([]);
          expect(report.verdict).toBe('SIGNED');
        }
      }),
      { numRuns: 30 },
    );
  });

  it('L9: byte for byte, the server writes what the naive builder of these tests writes', async () => {
    const log = grow([]);
    for (let index = 0; index < 1100; index += 1)
      log.add('item.opened', [item(index % 3), person(1)], { text: '"\u202e=' }, { reason: `r${index}` });
    const scope = { kind: 'subject', id: item(0) } as const;
    const made = logExport(log, scope);
    const bend = <T extends { name: string }>(members: T[]): T[] =>
      members.filter(({ name }) => name !== 'views/report.pdf');
    const naive = buildPackage(log, { scope, bend });
    expect((await exported(log, scope, made, 'all')).equals(naive)).toBe(true);
  });
});
