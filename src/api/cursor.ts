/**
 * Page marks (X8): a signed statement of where the next page begins, for one person and one list. Altered, or
 * used by another person or for another list, it is refused. A JWS (RFC 7515) by jose, HS256 with a key of its
 * own; it holds positions only, never a title.
 */
import { CompactSign, compactVerify } from 'jose';
import { type Refusal, refuse } from '../domain/refusal.ts';

export interface PageMark {
  readonly list: string;
  readonly person: string;
  readonly after: string;
}

const shape = /^[A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{1,2048}\.[A-Za-z0-9_-]{43}$/;

export const signMark = (key: Uint8Array, mark: PageMark): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify([mark.list, mark.person, mark.after])))
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key);

/** Where the page begins, or `bad-cursor`. */
export async function readMark(
  key: Uint8Array,
  text: string,
  expected: Omit<PageMark, 'after'>,
): Promise<string | Refusal> {
  try {
    if (!shape.test(text)) return refuse('bad-cursor');
    const { payload } = await compactVerify(text, key, { algorithms: ['HS256'] });
    const [list, person, after] = JSON.parse(new TextDecoder().decode(payload)) as string[];
    if (list !== expected.list || person !== expected.person || after === undefined)
      return refuse('bad-cursor');
    return after;
  } catch {
    return refuse('bad-cursor');
  }
}
