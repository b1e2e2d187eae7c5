/** Stating one log entry with the facts and private words that its kind allows, checked together. */
import type { Entry } from './act.ts';
import type { EntryOf, KindName } from './kinds.ts';

/** An entry of `kind` about `subjects`; `words` are private and kept under the kind's keeper. */
export const entry = <K extends KindName>(
  kind: K,
  subjects: readonly string[],
  facts: EntryOf<K>['facts'],
  words?: EntryOf<K>['private'],
): Entry => ({ kind, subjects, facts, ...(words ? { private: words } : {}) });
