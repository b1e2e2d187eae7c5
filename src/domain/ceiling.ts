/**
 * The ceiling (R63): Custos keeps 一般, 受限 and 敏感. Whatever bears a mark of state secrecy is refused at intake,
 * by its declared class or by the official mark in the words that describe it.
 */
import { type ItemClass, itemClasses } from './item.ts';

/** Classes of state secrecy, as a caller may name them. */
export const classesAboveCeiling = [
  'secret',
  'confidential-state',
  'top-secret',
  '秘密',
  '机密',
  '绝密',
] as const;
export type DeclaredClass = ItemClass | (typeof classesAboveCeiling)[number];
export const declaredClasses: readonly DeclaredClass[] = [...itemClasses, ...classesAboveCeiling];

/** The mark as documents bear it: the level, a star, and mostly a term (`机密★10年`). */
const officialMark = /(?:秘密|机密|绝密)\s*[★☆*＊]/u;

/** The class, or `above` if class or words are marked above the ceiling. */
export function classWithinCeiling(declared: DeclaredClass, words: readonly string[]): ItemClass | 'above' {
  const within = itemClasses.find((known) => known === declared);
  if (!within || words.some((text) => officialMark.test(text))) return 'above';
  return within;
}
