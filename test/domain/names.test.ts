import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName, nameLengthMax } from '../../src/domain/names.ts';

const key = (text: string) => foldName(text).key;
const fault = (text: string) => foldName(text).fault;

describe('account names', () => {
  it.each([
    ['case', 'LiWei'],
    ['blanks around', '  liwei\t'],
    ['full width', 'ｌｉｗｅｉ'],
    ['full-width capitals', 'ＬＩＷＥＩ'],
    ['a zero-width space', 'li\u200bwei'],
    ['a zero-width joiner', 'li\u200dwei'],
    ['a soft hyphen', 'li\u00adwei'],
    ['a byte order mark', '\ufeffliwei'],
    ['a direction mark', 'liwei\u202e'],
    ['an ideographic blank', '\u3000liwei'],
    ['a blank inside', 'li wei'],
    ['a filler', 'liwei\u3164'],
  ])('X45: %s does not lead to another counter', (_, spelling) => {
    expect(key(spelling)).toBe('liwei');
  });

  it.each(['li\u200bwei', 'li\u00adwei', '\ufeffliwei', 'liwei\u202e', 'liwei\u2066', 'liwei\u3164'])(
    'R5: a name with invisible or direction marks is refused (%j)',
    (name) => expect(fault(name)).toBe('invisible'),
  );

  it.each(['аdmin', 'pаypal', 'αlpha', 'li威а', 'ｍιxed'])(
    'R5: a name that mixes scripts which are not written together is refused (%s)',
    (name) => expect(fault(name)).toBe('mixed-script'),
  );

  it.each(['liwei', '李伟', '李伟2', 'li伟', 'さくらサクラ桜', '김li', 'иван', 'li.wei-2_a@county', '2026'])(
    'R5: a name in one writing is taken as it is (%s)',
    (name) => expect(foldName(name)).toEqual({ key: name.normalize('NFKC'), fault: null }),
  );

  it.each([
    ['', 'empty'],
    [' \t', 'empty'],
    ['\u200b', 'empty'],
    ['a'.repeat(nameLengthMax + 1), 'too-long'],
    ['li wei', 'blank-inside'],
    ['li/wei', 'character'],
    ['<li>', 'character'],
    ['li\u0000', 'character'],
    ['\ud800li', 'character'],
  ])('R5: %j is refused as %s', (name, expected) => expect(fault(name)).toBe(expected));

  it('R5: the longest name is measured on its folded form', () => {
    expect(fault('ａ'.repeat(nameLengthMax))).toBeNull();
    expect(fault('ﷺ'.repeat(nameLengthMax))).toBe('too-long');
  });

  it('R5: folding is total, settles at once, and gives equal keys to equal spellings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const folded = foldName(text);
        expect(key(folded.key)).toBe(folded.key);
        expect(key(` ${text.normalize('NFD')}\u200b`)).toBe(folded.key);
        if (folded.fault === null) expect(fault(folded.key)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
