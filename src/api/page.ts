/** Reading of page, filter and search parameters, the same for every list: strict, an unknown one is refused (X8, X60). */
import type { Context } from 'hono';
import { z } from 'zod';
import { parseInput } from '../acts/input.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { readMark, signMark } from './cursor.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { millisOf } from './times.ts';

export const pageQuery = {
  after: z.string().max(4096).optional().describe('The `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

/** `a,b,c` out of a closed list. */
export const listOf = <T extends string>(values: readonly T[]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values as readonly [T, ...T[]])).max(values.length))
    .optional();

/** RFC 3339 in the query, ms UTC inside. */
export const timeOf = () =>
  z
    .string()
    .transform((text, context) => {
      const millis = millisOf(text);
      if (millis === null) context.addIssue({ code: 'custom', message: 'not-a-time' });
      return millis ?? 0;
    })
    .optional();

export interface ReadPage<Q, After> {
  readonly query: Q;
  readonly limit: number;
  readonly after: After | undefined;
  /** The `next` of an answer, or null at the end. */
  mark(next: After | null): Promise<string | null>;
}

/** The parsed query of list `list` for `person`, with its page mark checked. */
export async function readPage<Q extends { limit: number; after?: string | undefined }, After>(
  doors: Doors,
  c: Context<Env>,
  schema: z.ZodType<Q>,
  whose: { readonly list: string; readonly person: string },
): Promise<ReadPage<Q, After> | Refusal> {
  // Two of a name: one reader takes the first, another the last.
  if (Object.values(c.req.queries()).some((values) => values.length > 1)) return refuse('bad-input');
  const query = parseInput(schema, c.req.query());
  if (isRefusal(query)) return query;
  const key = doors.cursorKey;
  let after: After | undefined;
  if (query.after !== undefined) {
    const text = await readMark(key, query.after, whose);
    if (isRefusal(text)) return text;
    after = JSON.parse(text) as After;
  }
  return {
    query,
    limit: query.limit,
    after,
    mark: async (next) => (next === null ? null : signMark(key, { ...whose, after: JSON.stringify(next) })),
  };
}
