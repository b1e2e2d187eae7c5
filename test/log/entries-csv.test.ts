import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvHeader, csvLine, formatTime } from '../../src/log/entries-csv.ts';
import type { LogValue } from '../../src/log/entry.ts';
import { item, person, salt, TestLog } from './example.ts';

function view(facts: Record<string, LogValue>, disclosed: Record<string, LogValue> = {}) {
  const log = new TestLog();
  log.add({ kind: 'log.opened' });
  const draft = { kind: 'item.opened', actor: person, at: 1795500000250, subjects: [person, item], facts };
  const secrets = Object.fromEntries(['b', 'a'].map((name) => [name, { value: 1, salt }]));
  const { entry, leaf } = log.add({ ...draft, private: secrets });
  const bytes = csvLine({ entry, leaf, disclosed: new Map(Object.entries(disclosed)) });
  return { line: bytes.toString('utf8'), leaf: leaf.toString('hex') };
}

describe('L9: views/entries.csv', () => {
  test('L9: fixed columns, every field quoted, lines ended by CR LF, a BOM at the start', () => {
    expect(csvHeader().toString('utf8')).toBe(
      '\ufeff"seq","time","kind","actor","subjects","facts","private","disclosed","leaf"\r\n',
    );
    const { line, leaf } = view({ from: 0 }, { a: 1 });
    expect(line).toBe(
      `"1","2026-11-24T06:00:00.250Z","item.opened","${person}","${item}#1 ${person}#1","{""from"":0}","a b","{""a"":1}","${leaf}"\r\n`,
    );
    expect(view({}).line).toContain(',"a b","",');
  });

  test('L13 G4: formulas, line breaks and direction marks in text stay inert, and the JSON keeps its value', () => {
    const text = '=1+1,"x"\r\n\u202eevil\u2066\u200b\ufeff\u0085\u007f\u061c';
    const { line } = view({ text });
    expect(line).not.toMatch(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/);
    expect(line.split('\r\n').length).toBe(2);
    const facts = /"(\{""text.*\})","a b"/.exec(line)?.[1]?.replaceAll('""', '"') ?? '';
    expect(JSON.parse(facts)).toEqual({ text });
    // No cell begins with what a spreadsheet takes for a formula.
    expect(
      line
        .slice(1, -3)
        .split('","')
        .every((one) => !/^[=+\-@\t\r＝＋－＠]/.test(one)),
    ).toBe(true);
  });

  test('L9: times are those of RFC 3339 for every day up to the year 9999, then numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (at) => {
        expect(formatTime(at)).toBe(new Date(at).toISOString());
      }),
      { numRuns: 2000 },
    );
    for (const day of [
      '1970-01-01',
      '1972-02-29',
      '2000-02-29',
      '2000-03-01',
      '2100-02-28',
      '2100-03-01',
      '2400-02-29',
      '9999-12-31',
    ]) {
      expect(formatTime(Date.parse(day))).toBe(`${day}T00:00:00.000Z`);
    }
    expect(formatTime(253_402_300_800_000)).toBe('253402300800000');
  });
});
