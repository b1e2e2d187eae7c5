/** What a custodian says of a file before its bytes arrive; sealed under the item's key until it is accepted (K5). */
import { z } from 'zod';
import { declaredClasses } from '../../domain/ceiling.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { ItemClass, ItemKind } from '../../domain/item.ts';
import { idInput, millisInput, wordsInput } from '../input.ts';

/** The words of a description; each may be corrected later. */
export const wordFields = {
  title: wordsInput(300),
  source: wordsInput(300),
  place: wordsInput(300),
};

export const descriptionInput = {
  kind: z.enum(['recording', 'document']),
  class: z.enum(declaredClasses as [string, ...string[]]).transform((text) => text as DeclaredText),
  ...wordFields,
  /** ms UTC, half-open; both or neither. */
  recordedFrom: millisInput().optional(),
  recordedTo: millisInput().optional(),
  /** What the sender says the file is; compared with what is found (S10). */
  claimedType: z.string().max(160).default(''),
  /** Persons of this service who appear in the item: they never decide about it (R3). */
  involved: z.array(idInput<'person'>()).max(50).default([]),
};
type DeclaredText = (typeof declaredClasses)[number];

/** As it is sealed with the intake. */
export interface Description {
  readonly kind: ItemKind;
  readonly class: ItemClass;
  readonly title: string;
  readonly source: string;
  readonly place: string;
  readonly recordedFrom: number | null;
  readonly recordedTo: number | null;
  readonly claimedType: string;
  readonly involved: readonly PersonId[];
}

/** Name under which the description is sealed. */
export const descriptionField = 'description';

/** True if the times are a half-open span or both missing (R43). */
export const isSpan = (from: number | null, to: number | null): boolean =>
  from === null || to === null ? from === to : from < to;
