/**
 * Opened titles, in memory only (docs/decisions/0003): filled from sealed rows, brought up to the log's newest
 * change before each use, gone with the process. A title whose key was destroyed leaves with it.
 */
import type { Privacy } from '../acts/ports/outside.ts';
import type { Reads } from '../acts/ports/tables.ts';
import type { TitleSearch } from '../acts/ports/titles.ts';
import { type ItemId, subjectOf } from '../domain/ids.ts';
import type { Item } from '../domain/item.ts';

interface Known {
  readonly title: string;
  /** Folded title, source and place. */
  readonly text: string;
}

/** One spelling for search: NFKC, lower case, single blanks. */
const fold = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ');

const batch = 2_000;

export interface TitleIndex extends TitleSearch {
  /** Forgets everything: the service is being sealed. */
  wipe(): void;
}

export function titleIndex(reads: Reads, privacy: Privacy): TitleIndex {
  const known = new Map<ItemId, Known>();
  let seen = -1;
  let running: Promise<void> | undefined;

  const learn = async (item: Item): Promise<void> => {
    const title =
      item.state === 'shredded'
        ? null
        : await privacy.open(subjectOf('item', item.id), 'title', item.sealedTitle);
    if (title === null) known.delete(item.id);
    else known.set(item.id, { title, text: fold(`${title} ${item.source} ${item.place}`) });
  };

  const catchUp = async (): Promise<void> => {
    for (;;) {
      const changed = await reads.all(
        'item',
        { changedSeq: { gt: seen } },
        { orderBy: 'changedSeq', limit: batch },
      );
      for (const item of changed) await learn(item);
      seen = changed.at(-1)?.changedSeq ?? seen;
      if (changed.length < batch) return;
    }
  };
  const fresh = (): Promise<void> => {
    running ??= catchUp().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    async titles(items) {
      await fresh();
      const found = new Map<ItemId, string>();
      for (const item of items) {
        const title = known.get(item)?.title;
        if (title !== undefined) found.set(item, title);
      }
      return found;
    },
    async find(words) {
      await fresh();
      const parts = fold(words).split(' ').filter(Boolean);
      const found = new Set<ItemId>();
      for (const [item, { text }] of known) {
        if (parts.every((part) => text.includes(part))) found.add(item);
      }
      return found;
    },
    wipe() {
      known.clear();
      seen = -1;
    },
  };
}
