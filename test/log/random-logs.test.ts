import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { exportPackage } from '../../src/log/export.ts';
import type { ExportScope } from '../../src/log/export-scope.ts';
import { formatVkey } from '../../src/log/note-key.ts';
import { verifyCommand } from '../../src/verify/command.ts';
import { item, person } from './example.ts';
import { collect, ExportedLog } from './package.ts';

const folder = mkdtempSync(join(tmpdir(), 'custos-log-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'package.custos.tar');
const trust = join(folder, 'trust');

async function verdict(tar: Uint8Array, vkey: string): Promise<{ code: number; verdict: string }> {
  writeFileSync(file, tar);
  writeFileSync(trust, `log ${vkey}\nquorum none\n`);
  let out = '';
  const stream = { write: (text: string) => (out += text) };
  const code = await verifyCommand([file, '--trust', trust, '--json'], { stdout: stream, stderr: stream });
  return { code, verdict: JSON.parse(out).verdict };
}

const start = 1_000_000;
const step = fc.constantFrom('open', 'open', 'open', 'tell', 'other', 'other', 'seal', 'rotate', 'erase');
const period = fc
  .tuple(fc.nat(120), fc.integer({ min: 1, max: 60 }))
  .map(([from, length]) => ({ from: start + from, to: start + from + length }));
const subjectScope = fc.constantFrom(item, person).map((id) => ({ kind: 'subject', id }) as const);
const scopes: fc.Arbitrary<ExportScope> = fc.oneof(
  fc.constant({ kind: 'full' } as const),
  period.map((one) => ({ kind: 'period', ...one }) as const),
  subjectScope,
  fc.tuple(subjectScope, period).map(([scope, one]) => ({ ...scope, ...one })),
);

/** A log of these steps, one or no millisecond apart. */
async function grow(steps: readonly string[]): Promise<ExportedLog> {
  const log = new ExportedLog();
  for (const [n, what] of steps.entries()) {
    const at = start + Math.floor((n * 3) / 4);
    const live = log.disclosures.find(({ name }) => name === 'reason');
    if (what === 'open') log.open(at, `${n} \u202e=1+1\n"值"`);
    else if (what === 'tell') log.tell(at);
    else if (what === 'other') log.other(at, n % 5);
    else if (what === 'seal') await log.seal(at);
    else if (what === 'rotate' && log.epoch === 0) await log.rotate(at);
    else if (what === 'erase' && live) log.erase(live.seq, at);
  }
  return log;
}

describe('L12: log and verifier, written apart, on random logs', () => {
  test('L12: every package of every scope is SIGNED, and INVALID with any one bit of it flipped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 150 }),
        scopes,
        fc.constantFrom('none', 'listed', 'all'),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7)), {
          minLength: 4,
          maxLength: 4,
        }),
        async (steps, scope, wish, flips) => {
          const log = await grow(steps);
          const disclose = wish === 'all' && 'from' in scope ? 'listed' : wish;
          const request = await log.request(scope, disclose as 'none', start + 1000);
          const reader = { ...log.reader(), async *stamps() {} };
          const tar = await collect(exportPackage(request, reader));
          const vkey = formatVkey(log.signer.key);
          expect(await verdict(tar, vkey)).toEqual({ code: 0, verdict: 'SIGNED' });
          for (const [place, bit] of flips) {
            const at = Math.floor(place * tar.length);
            const forged = Buffer.from(tar);
            forged.writeUInt8(forged.readUInt8(at) ^ (2 ** bit), at);
            expect(await verdict(forged, vkey), `byte ${at}, bit ${bit}`).toEqual({
              code: 3,
              verdict: 'INVALID',
            });
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
