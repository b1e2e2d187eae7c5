/**
 * Account names on the form by which they are compared (reliability.md 5, R5): NFKC, trimmed, lower case. A name
 * that a person could mistake for another (invisible or direction marks, letters of scripts that do not belong
 * together) is refused. Never repairs a name silently: the key of a refused name serves for counting misses only.
 */

export type NameFault = 'empty' | 'too-long' | 'blank-inside' | 'invisible' | 'mixed-script' | 'character';

export interface FoldedName {
  /** Equal for all spellings that may be mistaken for each other; blanks and invisible characters do not count (X45). */
  readonly key: string;
  /** Why no account may have this name, or null. */
  readonly fault: NameFault | null;
}

/** Longest account name, in code points of its key. */
export const nameLengthMax = 64;

const invisible = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cf}]/u;
const everyInvisible = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cf}\s]/gu;
const allowed = /^[\p{L}\p{M}\p{Nd}._@-]+$/u;
const letter = /[\p{L}\p{M}]/u;

const scripts = [
  'Latin',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Bopomofo',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Thai',
  'Tibetan',
  'Mongolian',
  'Yi',
] as const;
type Script = (typeof scripts)[number];
const inScript = new Map(
  scripts.map((script) => [script, new RegExp(`\\p{Script_Extensions=${script}}`, 'u')]),
);

/** Scripts that are written together (the "highly restrictive" level of Unicode UTS 39, 5.2). */
const together: readonly (readonly Script[])[] = [
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Hangul'],
];

/** True if one script, or one set of scripts that are written together, covers all letters. */
function oneWriting(text: string): boolean {
  const letters = [...text].filter((character) => letter.test(character));
  const covers = (set: readonly Script[]) =>
    letters.every((character) => set.some((script) => inScript.get(script)?.test(character)));
  return scripts.some((script) => covers([script])) || together.some(covers);
}

function faultOf(raw: string, key: string): NameFault | null {
  if (!raw.isWellFormed()) return 'character';
  if (key === '') return 'empty';
  if ([...key].length > nameLengthMax) return 'too-long';
  const folded = raw.normalize('NFKC');
  if (invisible.test(raw) || invisible.test(folded)) return 'invisible';
  if (/\s/u.test(folded.trim())) return 'blank-inside';
  if (!allowed.test(key)) return 'character';
  return oneWriting(key) ? null : 'mixed-script';
}

/** Folds a name as typed. Total: any text has a key, and folding a key again changes nothing. */
export function foldName(typed: string): FoldedName {
  const lower = typed.normalize('NFKC').replace(everyInvisible, '').toLowerCase();
  const key = lower.normalize('NFKC').replace(everyInvisible, '');
  return { key, fault: faultOf(typed, key) };
}
