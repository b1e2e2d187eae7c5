/** Corrects the words and times that describe an item, on the version that the custodian has seen; never its bytes. */
import { z } from 'zod';
import { classWithinCeiling } from '../../domain/ceiling.ts';
import { subjectOf } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, millisInput } from '../input.ts';
import { entrySeq, toSeal, update } from '../ports/tables.ts';
import { isSpan, wordFields } from './intake-words.ts';
import { itemSubjects, type KnownItem, knownItem } from './known-item.ts';

const input = z.strictObject({
  item: idInput<'item'>(),
  /** The version that the change was made on (If-Match). */
  version: z.number().int().positive(),
  title: wordFields.title.optional(),
  source: wordFields.source.optional(),
  place: wordFields.place.optional(),
  recordedFrom: millisInput().nullable().optional(),
  recordedTo: millisInput().nullable().optional(),
});

export const describeItem: Act<z.infer<typeof input>, KnownItem, { version: number }> = {
  name: 'describe-item',
  input,
  load: ({ item }, { deps }) => knownItem(deps.reads, item),
  decide({ item }, change) {
    if (item.state === 'shredded') return refuse('item-not-available');
    if (change.version !== item.version) return refuse('version-conflict');
    const { title, source = item.source, place = item.place } = change;
    if (classWithinCeiling(item.class, [title ?? '', source, place]) === 'above') {
      return refuse('class-above-ceiling', { rule: 'R63' });
    }
    const recordedFrom = change.recordedFrom === undefined ? item.recordedFrom : change.recordedFrom;
    const recordedTo = change.recordedTo === undefined ? item.recordedTo : change.recordedTo;
    if (!isSpan(recordedFrom, recordedTo)) {
      return refuse('bad-input', { rule: 'R43', fields: [{ pointer: '/recordedTo', code: 'not-a-span' }] });
    }
    const version = item.version + 1;
    return {
      entries: [
        entry(
          'item.described',
          itemSubjects(item),
          {
            version,
            ...(recordedFrom === null || recordedTo === null ? {} : { recordedFrom, recordedTo }),
          },
          { source, place, ...(title === undefined ? {} : { title }) },
        ),
      ],
      writes: [
        update('item', item.id, {
          source,
          place,
          recordedFrom,
          recordedTo,
          version,
          changedSeq: entrySeq(),
          ...(title === undefined ? {} : { sealedTitle: toSeal(subjectOf('item', item.id), 'title', title) }),
        }),
      ],
      result: { version },
    };
  },
};
