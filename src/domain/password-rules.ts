/**
 * Which passwords are taken (reliability.md 5): 12 to 128 characters, exactly as sent, no rules of composition,
 * but nothing that is on everybody's list or made of the words at hand. Works without any network.
 */

export type PasswordFault =
  | 'too-short'
  | 'too-long'
  | 'common'
  | 'repetitive'
  | 'context-word'
  | 'not-well-formed';

export const passwordLengthMin = 12;
export const passwordLengthMax = 128;
/** What must remain of a password once the words at hand are taken out of it. */
const ownPartMin = 8;

/** Stems of the passwords that guessing programs try first; a password that is a stem and little else is refused. */
const stems: readonly string[] = [
  'password',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'passwort',
  'motdepasse',
  'administrator',
  'admin',
  'letmein',
  'welcome',
  'changeme',
  'iloveyou',
  'woaini',
  'wodemima',
  'mima',
  'qwertyuiop',
  'qwerty',
  'asdfghjkl',
  'asdfgh',
  'zxcvbnm',
  '1qaz2wsx3edc',
  '1qaz2wsx',
  'qazwsxedc',
  'qazwsx',
  '1q2w3e4r5t6y',
  '1q2w3e4r',
  'q1w2e3r4',
  'abc123',
  'a1b2c3',
  'superman',
  'batman',
  'football',
  'baseball',
  'princess',
  'sunshine',
  'dragon',
  'monkey',
  'master',
  'shadow',
  'trustno1',
  'secret',
  'default',
  'temporary',
  'google',
  'facebook',
  'windows',
  'microsoft',
  'internet',
  'computer',
  'monitor',
  'jiankong',
  'zongzhi',
  'gongan',
  'beijing',
  'shanghai',
  'china',
  'zhongguo',
  '5201314',
  '1314520',
  '123456789',
  '987654321',
];

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/** True if the text is one to four characters over and over, or a run up or down the character table. */
function repetitive(text: string): boolean {
  const characters = [...text];
  if (new Set(characters).size <= 3) return true;
  for (let unit = 1; unit <= 4; unit++) {
    if (characters.every((character, at) => character === characters[at % unit])) return true;
  }
  const codes = characters.map((character) => Number(character.codePointAt(0)));
  const steps = codes.slice(1).map((code, at) => code - Number(codes[at]));
  const even = steps.filter((step) => step === 1 || step === -1 || step === 0).length;
  return even >= steps.length - 2;
}

const without = (text: string, words: readonly string[]): string =>
  words.toSorted((a, b) => b.length - a.length).reduce((rest, word) => rest.replaceAll(word, ''), text);

/** Why `password` is refused, or null. `words`: the person's and the centre's names, and whatever else is at hand. */
export function passwordFault(password: string, words: readonly string[]): PasswordFault | null {
  if (!password.isWellFormed()) return 'not-well-formed';
  const { length } = [...password];
  if (length < passwordLengthMin) return 'too-short';
  if (length > passwordLengthMax) return 'too-long';
  const text = plain(password);
  if (repetitive(text)) return 'repetitive';
  if ([...without(text, stems).replace(/[\d\p{P}\p{S}\s]/gu, '')].length === 0) {
    if (stems.some((stem) => text.includes(stem))) return 'common';
  }
  const atHand = ['custos', ...words.map(plain).flatMap((word) => [word, ...word.split(/\s+/u)])];
  const usable = atHand.filter((word) => [...word].length >= 2);
  if (usable.some((word) => text.includes(word)) && [...without(text, usable)].length < ownPartMin) {
    return 'context-word';
  }
  return null;
}
