/** A centre below one that the officer reaches (C2). It begins without people. */
import { z } from 'zod';
import { asId, type CentreId, subjectOf } from '../../domain/ids.ts';
import type { Centre } from '../../domain/people.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, insert } from '../ports/tables.ts';

const input = z.strictObject({ parent: idInput<'centre'>(), name: wordsInput(120) });
interface State extends Loaded {
  readonly siblings: readonly Centre[];
}

export const createCentre: Act<z.infer<typeof input>, State, { centre: CentreId }> = {
  name: 'create-centre',
  input,
  async load({ parent }, { deps }) {
    if (!(await deps.reads.one('centre', { id: parent }))) return refuse('not-found', { rule: 'R1' });
    const siblings = await deps.reads.all('centre', { parentId: parent });
    return { centre: parent, object: subjectOf('centre', parent), siblings };
  },
  decide({ siblings }, { parent, name }, { chance }) {
    if (siblings.some((sibling) => sibling.name === name)) return refuse('name-taken', { rule: 'R5' });
    const centre = asId<'centre'>(chance.id());
    const subject = subjectOf('centre', centre);
    return {
      entries: [entry('centre.created', [subject, subjectOf('centre', parent)], { parent }, { name })],
      writes: [insert('centre', { id: centre, parentId: parent, name, createdSeq: entrySeq() })],
      newKeys: [{ subject, collection: centre }],
      result: { centre },
    };
  },
};
