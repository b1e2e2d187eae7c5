/**
 * What an export covers (custody-log L9): one subject, a subject in a period, a period, or the full log; and
 * which entries that means. A period also takes the neighbour beyond each border, so that nothing can be left
 * out at its edges.
 */
import { isSubjectId } from './entry-schema.ts';
import { LogError } from './log-error.ts';

/** `from` ≤ `at` < `to`, ms since 1970 UTC. */
interface Period {
  readonly from: number;
  readonly to: number;
}

export type ExportScope =
  | { readonly kind: 'full' }
  | ({ readonly kind: 'period' } & Period)
  | { readonly kind: 'subject'; readonly id: string }
  | ({ readonly kind: 'subject'; readonly id: string } & Period);

/** `none`: no private value; `listed`: those handed in, the rest is withheld; `all`: nothing is withheld. */
export type Disclose = 'none' | 'listed' | 'all';

/** Whether the scope has borders in time. */
export function hasPeriod(scope: ExportScope): scope is ExportScope & Period {
  return 'from' in scope;
}

/**
 * Throws `LogError` unless the scope is well formed and `disclose` can be shown in it: `all` needs every later
 * `erased` entry in the package, which a period cannot promise.
 */
export function checkScope(scope: ExportScope, disclose: Disclose): void {
  if (scope.kind === 'subject' && !isSubjectId(scope.id))
    throw new LogError('export', 'The subject id is malformed.');
  if (!hasPeriod(scope)) return;
  const { from, to } = scope;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from >= to) {
    throw new LogError('export', 'A period runs from a time to a later one.');
  }
  if (disclose === 'all') throw new LogError('export', 'A period cannot show that nothing is withheld.');
}

/** A run of positions, `end` not included: in the log, or in a chain counted from 0. */
export interface Run {
  readonly first: number;
  readonly end: number;
}

/** The positions to carry out of `total`, given how many lie before `from` and before `to`. */
export function runOf(total: number, beforeFrom: number, beforeTo: number): Run {
  return { first: Math.max(0, beforeFrom - 1), end: Math.min(total, beforeTo + 1) };
}
