import { describe, expect, it } from 'vitest';
import { passwordFault, passwordLengthMax } from '../../src/domain/password-rules.ts';

const words = ['li.wei', '李伟', 'Longquan County Centre'];

describe('passwords', () => {
  it.each([
    'correct horse battery staple',
    '江上清风与山间之明月皆可取也',
    'tQ7!mmb2 vlw-90z',
    '83749-20574-6619',
    'pppp rain mmmm',
    'x9 plum tree river '.repeat(6),
  ])('a long password is taken exactly as it is, whatever it is made of (%#)', (password) => {
    expect(passwordFault(password, words)).toBeNull();
  });

  it.each([
    ['elevenchars', 'too-short'],
    ['😀'.repeat(6), 'too-short'],
    [`${'ab cd ef gh '.repeat(11)}`, 'too-long'],
    ['\ud800correct horse', 'not-well-formed'],
    ['aaaaaaaaaaaaaa', 'repetitive'],
    ['李伟李伟李伟李伟李伟李伟2', 'repetitive'],
    ['abcabcabcabcabc', 'repetitive'],
    ['abcdabcdabcdabcd', 'repetitive'],
    ['12345678901234', 'repetitive'],
    ['abcdefghijklmnop', 'repetitive'],
    ['ponmlkjihgfedcba', 'repetitive'],
    ['password2026!', 'common'],
    ['P@ssw0rd-2026', 'common'],
    ['qwertyuiop[]12', 'common'],
    ['admin-admin-123', 'common'],
    ['woaini5201314!', 'common'],
    ['Li.Wei-2026!', 'context-word'],
    ['李伟李伟李伟2026年1月', 'context-word'],
    ['longquan-2026', 'context-word'],
    ['Custos-2026!!', 'context-word'],
  ])('%j is refused as %s', (password, fault) => expect(passwordFault(password, words)).toBe(fault));

  it('the longest password has 128 characters, counted as characters and not as units', () => {
    const most = '七步之内必有芳草😀'.repeat(20);
    expect(passwordFault([...most].slice(0, passwordLengthMax).join(''), words)).toBeNull();
    expect(passwordFault([...most].slice(0, passwordLengthMax + 1).join(''), words)).toBe('too-long');
  });

  it('a word at hand does no harm in a password that has enough of its own', () => {
    expect(passwordFault('li.wei and nine green bottles', words)).toBeNull();
  });
});
