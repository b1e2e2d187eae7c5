/** Strict reading of what a door was given: an unknown or server-owned field is refused, never dropped (R29, X4). */
import { type ZodType, z } from 'zod';
import { type Id, uuidv7 } from '../domain/ids.ts';
import { type FieldProblem, type Refusal, refuse } from '../domain/refusal.ts';

/** An id of kind `K`: lower-case UUIDv7, one spelling (C3). */
export const idInput = <K extends string>() =>
  z
    .string()
    .regex(uuidv7)
    .transform((text) => text as Id<K>);

/** Words from a person: well-formed, NFC, trimmed, 1 to `max` UTF-16 units, no control characters but newline and tab. */
export const wordsInput = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed(), 'not-well-formed')
    .transform((text) => text.normalize('NFC').trim())
    .refine((text) => text.length > 0, 'empty')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
    .refine((text) => !/[\u0000-\u0008\u000b-\u001f\u007f]/u.test(text), 'control-character');

/** Whole milliseconds UTC, or a length in ms. */
export const millisInput = () => z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export function parseInput<I>(schema: ZodType<I>, raw: unknown): I | Refusal {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.some((issue) => issue.code === 'unrecognized_keys');
  const fields = parsed.error.issues.flatMap((issue): FieldProblem[] => {
    const pointer = issue.path
      .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: `${pointer}/${key}`, code: 'unknown-field' }));
    }
    return [{ pointer, code: issue.code === 'custom' ? issue.message : issue.code.replaceAll('_', '-') }];
  });
  return refuse(unknown ? 'unknown-field' : 'bad-input', { rule: 'R29', fields });
}
