/**
 * Begins to take an item in: it gets its id, its key and an empty object; bytes follow (K5, S7). Whatever is marked
 * above the ceiling is refused before a byte arrives (R63).
 */
import { z } from 'zod';
import { classWithinCeiling } from '../../domain/ceiling.ts';
import { asId, type ItemId, subjectOf } from '../../domain/ids.ts';
import { plainMediaType } from '../../domain/media-type.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act, Context, Decided, Loaded, Moment } from '../act.ts';
import { allowedNow } from '../allowed-now.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import type { NewObject } from '../ports/intake-vault.ts';
import { entrySeq, insert, toSeal } from '../ports/tables.ts';
import { type Description, descriptionField, descriptionInput, isSpan } from './intake-words.ts';

const input = z.strictObject({
  centre: idInput<'centre'>(),
  ...descriptionInput,
  /** Bytes that will come. */
  size: z.number().int().nonnegative(),
  /** SHA-256 of the whole file, if the sender knows it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
type Input = z.output<typeof input>;

interface Prepared {
  readonly item: ItemId;
  readonly keyIndex: number;
  readonly object: NewObject;
}
interface State extends Loaded {
  readonly prepared: Prepared;
}

export interface IntakeBegun {
  /** Also the id of the item that will come of it. */
  readonly intake: ItemId;
  readonly expiresAt: number;
}

async function load({ centre, involved }: Input, { deps, prepared }: Context<Prepared | null>) {
  const known = await deps.reads.one('centre', { id: centre });
  if (!known || !prepared) return refuse('not-found', { rule: 'R1' });
  const persons = [...new Set(involved)];
  if (persons.length > 0) {
    const found = await deps.reads.count('person', { id: { in: persons } });
    if (found !== persons.length) return refuse('not-found', { rule: 'R1' });
  }
  return { centre, object: subjectOf('centre', centre), prepared };
}

function decide(state: State, wanted: Input, moment: Moment): Decided<IntakeBegun> | Refusal {
  const { actor, now, settings } = moment;
  if (!actor.person) return refuse('not-a-person', { rule: 'R8' });
  const { title, source, place } = wanted;
  const itemClass = classWithinCeiling(wanted.class, [title, source, place]);
  if (itemClass === 'above') return refuse('class-above-ceiling', { rule: 'R63' });
  if (wanted.size > settings.itemSizeMax) return refuse('too-large');
  const recordedFrom = wanted.recordedFrom ?? null;
  const recordedTo = wanted.recordedTo ?? null;
  if (!isSpan(recordedFrom, recordedTo)) {
    return refuse('bad-input', { rule: 'R43', fields: [{ pointer: '/recordedTo', code: 'not-a-span' }] });
  }
  const { kind, claimedType } = wanted;
  const description: Description = {
    kind,
    class: itemClass,
    title,
    source,
    place,
    recordedFrom,
    recordedTo,
    claimedType: plainMediaType(claimedType),
    involved: [...new Set(wanted.involved)],
  };
  const { item, keyIndex, object } = state.prepared;
  const expiresAt = now + settings.intakeTtlMs;
  return {
    entries: [
      entry(
        'intake.begun',
        [subjectOf('intake', item), subjectOf('item', item), subjectOf('centre', wanted.centre)],
        { size: wanted.size, keyIndex },
      ),
    ],
    writes: [
      insert('intake', {
        id: item,
        centreId: wanted.centre,
        personId: actor.person,
        size: wanted.size,
        declaredSha256: wanted.sha256 ?? '',
        sealedDescription: toSeal(subjectOf('item', item), descriptionField, JSON.stringify(description)),
        wrappedDek: object.wrappedDek,
        objectName: object.objectName,
        state: 'open',
        expiresAt,
        createdAt: now,
        createdSeq: entrySeq(),
      }),
    ],
    newKeys: [{ subject: subjectOf('item', item), collection: wanted.centre, keyIndex }],
    result: { intake: item, expiresAt },
  };
}

export const beginIntake: Act<Input, State, IntakeBegun, Prepared | null> = {
  name: 'begin-intake',
  input,
  async prepare({ centre }, deps, caller) {
    if (!(await allowedNow(deps, 'begin-intake', caller, [centre]))) return null;
    const item = asId<'item'>(deps.chance.id());
    // The data key is wrapped under the item's leaf, so the leaf is reserved before the act is decided (K2.6).
    const key = await deps.privacy.reserve(centre);
    return { item, keyIndex: key.keyIndex, object: await deps.intakeVault.prepareObject(item, key) };
  },
  load,
  decide,
};
