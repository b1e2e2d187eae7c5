/** A unit of a centre; its leader will hold the U seat. */
import { z } from 'zod';
import { asId, subjectOf, type UnitId } from '../../domain/ids.ts';
import type { Unit } from '../../domain/people.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, insert } from '../ports/tables.ts';

const input = z.strictObject({ centre: idInput<'centre'>(), name: wordsInput(120) });
interface State extends Loaded {
  readonly units: readonly Unit[];
}

export const createUnit: Act<z.infer<typeof input>, State, { unit: UnitId }> = {
  name: 'create-unit',
  input,
  async load({ centre }, { deps }) {
    if (!(await deps.reads.one('centre', { id: centre }))) return refuse('not-found', { rule: 'R1' });
    const units = await deps.reads.all('unit', { centreId: centre });
    return { centre, object: subjectOf('centre', centre), units };
  },
  decide({ units }, { centre, name }, { chance }) {
    if (units.some((unit) => unit.name === name)) return refuse('name-taken', { rule: 'R5' });
    const unit = asId<'unit'>(chance.id());
    return {
      entries: [entry('unit.created', [subjectOf('centre', centre)], { unit }, { name })],
      writes: [insert('unit', { id: unit, centreId: centre, name, createdSeq: entrySeq() })],
      result: { unit },
    };
  },
};
