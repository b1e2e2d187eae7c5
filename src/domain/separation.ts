/**
 * Who may hold which offices together (R54, R55). Judged over all that a person holds, at any centre and whatever
 * account they use; a posting that has lapsed but was not ended still counts. Nothing lifts the rule.
 */
import { type Office, separatedOffices } from './people.ts';

/** The rule that forbids `wanted` beside `held`, or null. */
export function separationBroken(held: readonly Office[], wanted: Office): 'R54' | 'R55' | null {
  const others = held.filter((office) => office !== wanted);
  const separated = (office: Office) => separatedOffices.includes(office);
  if (separated(wanted)) {
    if (others.some(separated)) return 'R54';
    return others.length > 0 ? 'R55' : null;
  }
  return others.some(separated) ? 'R55' : null;
}
