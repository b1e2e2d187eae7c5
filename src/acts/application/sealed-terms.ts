/**
 * Terms on their way in and out: strict input, one canonical form, its hash, and the sealed bytes (approvals.md 1,
 * R26, R29). Who decides, when and where is never taken from a body.
 */
import { z } from 'zod';
import type { Terms } from '../../domain/application.ts';
import { type ApplicationId, type ItemId, type PersonId, subjectOf } from '../../domain/ids.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { maxItems } from '../../domain/terms.ts';
import type { Deps } from '../act.ts';
import { idInput, millisInput, wordsInput } from '../input.ts';
import type { Digests } from '../ports/outside.ts';
import { type ToSeal, toSeal } from '../ports/tables.ts';

const code = () =>
  z
    .string()
    .max(40)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
/** Why something was decided: a code of the office's own list. */
export const reasonCodeInput = code;

/** An item as asked for; without `ranges`, or with null, all of it. */
export const termsItemInput = z.strictObject({
  item: idInput<'item'>(),
  ranges: z
    .array(z.tuple([millisInput(), millisInput()]))
    .min(1)
    .max(32)
    .nullable()
    .optional(),
});

/** What a requester may say of an application; purpose may be missing here, and is asked for at submission (R23). */
export const termsInput = z.strictObject({
  kind: z.literal('view'),
  items: z.array(termsItemInput).min(1).max(maxItems),
  purposeCode: code().optional(),
  purposeWords: wordsInput(2000).optional(),
  legalBasis: wordsInput(200).optional(),
  documentNumber: wordsInput(80).optional(),
  durationMs: millisInput(),
  notBefore: millisInput().optional(),
  maxUses: z.number().int().min(1).max(10_000).optional(),
});
export type TermsInput = z.infer<typeof termsInput>;

/** Items as terms hold them: ascending by id, one form for "all of it"; undefined if an item is named twice. */
export function termsItems(items: readonly z.infer<typeof termsItemInput>[]): Terms['items'] | undefined {
  if (new Set(items.map((one) => one.item)).size !== items.length) return undefined;
  return items
    .map(({ item, ranges }) => ({ item, ranges: ranges ?? null }))
    .toSorted((a, b) => (a.item < b.item ? -1 : 1));
}

/** The terms that `input` asks for in the name of `person`, or `bad-input` where an item is named twice. */
export function termsFrom(input: TermsInput, person: PersonId): Terms | Refusal {
  const items = termsItems(input.items);
  if (!items) {
    return refuse('bad-input', { rule: 'R28', fields: [{ pointer: '/items', code: 'named-twice' }] });
  }
  return {
    kind: input.kind,
    beneficiary: person,
    items,
    purposeCode: input.purposeCode ?? '',
    purposeWords: input.purposeWords ?? '',
    ...(input.legalBasis === undefined ? {} : { legalBasis: input.legalBasis }),
    ...(input.documentNumber === undefined ? {} : { documentNumber: input.documentNumber }),
    durationMs: input.durationMs,
    ...(input.notBefore === undefined ? {} : { notBefore: input.notBefore }),
    ...(input.maxUses === undefined ? {} : { maxUses: input.maxUses }),
  };
}

/** The hash that decisions, step-ups and offers are bound to: SHA-256 (hex) of the RFC 8785 JSON. */
export const hashTerms = (digests: Digests, terms: Terms): string => digests.sha256(digests.canonical(terms));

/** Names under which an application's sealed words lie. */
export const termsField = (revision: number): string => `terms/${revision}`;
export const offerField = (offer: string): string => `offer/${offer}`;
export const reasonField = (decision: string): string => `reason/${decision}`;

/** Terms on their way into the store, under the application's own key. */
export const sealTerms = (
  digests: Digests,
  application: ApplicationId,
  field: string,
  terms: Terms,
): ToSeal => toSeal(subjectOf('application', application), field, digests.canonical(terms));

/** The terms behind `sealed`, proved by their hash; `integrity` for anything else (R29, I3). */
export async function openTerms(
  { privacy, digests }: Pick<Deps, 'privacy' | 'digests'>,
  application: ApplicationId,
  field: string,
  sealed: Uint8Array,
  hash: string,
): Promise<Terms | Refusal> {
  const text = await privacy.open(subjectOf('application', application), field, sealed);
  if (text === null || digests.sha256(text) !== hash) return refuse('integrity', { rule: 'R29' });
  return JSON.parse(text) as Terms;
}

export const itemIds = (terms: Terms): ItemId[] => terms.items.map((one) => one.item);
