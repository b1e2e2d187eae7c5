/**
 * Which entries a period must carry (docs/formats/export-package.md, `export.json`): all within, the one before and
 * the one after, where these exist. Fed with the times in order.
 */
import type { Period } from './documents.ts';

export class Borders {
  readonly #period: Period | undefined;
  #count = 0;
  #first = 0;
  #last = 0;

  /** Without a period every entry belongs. */
  constructor(period: Period | undefined) {
    this.#period = period;
  }

  /** False if the entry at time `at` shows that more than one was carried beyond a border. */
  add(at: number): boolean {
    const period = this.#period;
    const isExtra = period !== undefined && this.#count > 0 && (at < period.from || this.#last >= period.to);
    if (this.#count === 0) this.#first = at;
    this.#count += 1;
    this.#last = at;
    return !isExtra;
  }

  /** Whether nothing can be missing before: the first carried is the first of all, or lies before the period. */
  isWholeBefore(isFirstOfAll: boolean): boolean {
    return isFirstOfAll || (this.#period !== undefined && this.#first < this.#period.from);
  }

  /** Whether nothing can be missing after: the last carried is the last of all, or lies behind the period. */
  isWholeAfter(isLastOfAll: boolean): boolean {
    return isLastOfAll || (this.#period !== undefined && this.#last >= this.#period.to);
  }
}
