/** The password that an officer hands over once: random, chosen by nobody, to be changed at the first sign-in. */
import type { Chance } from '../ports/outside.ts';

// 31 signs that are not mistaken for each other when read aloud or copied by hand.
const signs = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 5;

/** Four groups of five signs, about 99 random bits. */
export function firstPassword(chance: Chance): string {
  const text: string[] = [];
  while (text.length < groups * groupLength) {
    for (const byte of chance.bytes(32)) {
      // Bytes past the last whole multiple would make some signs likelier than others.
      if (byte < 248 && text.length < groups * groupLength) text.push(signs[byte % 31] ?? '');
    }
  }
  return Array.from({ length: groups }, (_, at) =>
    text.slice(at * groupLength, (at + 1) * groupLength).join(''),
  ).join('-');
}
