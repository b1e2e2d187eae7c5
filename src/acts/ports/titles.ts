/** Finding items by words of their titles, which the store holds only sealed (docs/decisions/0003). */
import type { ItemId } from '../../domain/ids.ts';

export interface TitleSearch {
  /** Titles of these items as they are now; an item whose key is gone has none. */
  titles(items: readonly ItemId[]): Promise<ReadonlyMap<ItemId, string>>;
  /** Every item, of any centre, whose title, place or source holds all the words; the caller filters by reach. */
  find(words: string): Promise<ReadonlySet<ItemId>>;
}
