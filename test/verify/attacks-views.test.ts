/** Attacks on the table and on what is shown of a package (L13 G4), and any flipped byte at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField } from '../../src/verify/csv.ts';
import { inert, reportText } from '../../src/verify/report-text.ts';
import { full, ready, refused, subject } from './attack.ts';
import { buildPackage } from './build-package.ts';
import { check } from './check.ts';

describe('G4: views', () => {
  it('G4: a changed table is INVALID, and a changed PDF breaks the manifest', () => {
    const log = ready(full);
    const table = (edit: (text: string) => string) =>
      check(
        buildPackage(log, {
          scope: full,
          bend: (members) =>
            members.map((member) =>
              member.name === 'views/entries.csv'
                ? { ...member, bytes: Buffer.from(edit(member.bytes.toString())) }
                : member,
            ),
        }),
      );
    refused(
      table((text) => text.replace('item.opened', 'item.closed')),
      'CSV_DIFFERS',
    );
    refused(
      table((text) => text.slice(1)),
      'CSV_DIFFERS',
    );
    refused(
      table((text) => text.replaceAll('\r\n', '\n')),
      'CSV_DIFFERS',
    );
    refused(
      table((text) => text.replace('\\u202e', '\u202e')),
      'CSV_DIFFERS',
    );
    expect(table((text) => text).report.verdict).toBe('SIGNED');
    const bytes = buildPackage(log, { scope: full });
    bytes[bytes.indexOf('%PDF')] = 0x24;
    refused(check(bytes), 'MANIFEST_FORM');
  });

  it('G4: formulas, quotes, invisible and direction marks are inert text in the table', () => {
    expect(csvField('=1+1')).toBe(`"'=1+1"`);
    expect(csvField('＝x')).toBe(`"'＝x"`);
    expect(csvField('a"b')).toBe('"a""b"');
    expect(csvField('a\u202eb\u200bc\ufeff')).toBe('"a\\u202eb\\u200bc\\ufeff"');
  });

  it('G4: what a package says reaches a terminal as inert text', () => {
    expect(inert('a\u001b[31m\u202e')).toBe('a\\u001b[31m\\u202e');
    const log = ready(full);
    const { report } = check(
      buildPackage(log, { scope: full, promise: (document) => Object.assign(document, { made: 3 }) }),
    );
    for (const language of ['zh', 'en'] as const) {
      const text = reportText(report, language);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      expect(text).toContain('INVALID');
      expect(text).toContain('T2');
      expect(text).toContain(report.pinnedKey.fingerprint.slice(0, 4));
    }
  });
});

describe('any byte', () => {
  const count = Number(process.env.CUSTOS_MUTANTS ?? 500);
  for (const scope of [full, subject]) {
    it(`L10.2: a package of scope ${scope.kind} with any one byte changed is never SIGNED`, () => {
      const log = ready(scope);
      const bytes = buildPackage(log, { scope });
      expect(check(bytes).report.verdict).toBe('SIGNED');
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
          const mutant = Buffer.from(bytes);
          mutant[at] = mutant[at]! ^ mask;
          return check(mutant).report.exit === 3;
        }),
        { numRuns: Math.ceil(count / 2) },
      );
    });
  }
});
