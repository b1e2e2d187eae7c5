/**
 * Every "no" as RFC 9457 problem+json, from a fixed table: no thrown message, query, path, version or stack ever
 * reaches a body. One place turns a refusal or a fault into an answer.
 */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { LogUnavailable } from '../acts/ports/ledger.ts';
import { type Refusal, type RefusalCode, refusalStatus, refuse } from '../domain/refusal.ts';
import { problemTitles } from './problem-titles.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly errors?: Refusal['fields'];
}

export const problemOf = (refusal: Refusal, requestId: string): Problem => ({
  type: `/problems/${refusal.refused}`,
  title: problemTitles[refusal.refused],
  status: refusalStatus[refusal.refused],
  code: refusal.refused,
  requestId,
  ...(refusal.fields ? { errors: refusal.fields } : {}),
});

/** The answer to a refusal; carries `Retry-After` and `WWW-Authenticate` where HTTP asks for them. */
export function refused(c: Context, refusal: Refusal): Response {
  const problem = problemOf(refusal, c.get('requestId'));
  c.set('code', refusal.refused);
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (problem.status === 401) headers['www-authenticate'] = 'Custos';
  if (problem.status === 429 || problem.status === 503)
    headers['retry-after'] = String(refusal.retryAfter ?? 5);
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, headers);
}

/** What a thrown error means to the caller; null for a fault of ours, which answers 500 with fixed words. */
export function refusalOfError(error: unknown): Refusal | null {
  if (error instanceof LogUnavailable) return refuse('log-unavailable');
  const { name } = error as Error;
  if (name === 'Busy') return refuse('busy', { retryAfter: 2 });
  if (name === 'BlobFault' || name === 'BlobMissing') return refuse('store-unavailable');
  const code = (error as { refusal?: RefusalCode } | null)?.refusal;
  return code && code in refusalStatus ? refuse(code) : null;
}

/** The body of a fault: 500, the same words always. */
export function fault(c: Context): Response {
  c.set('code', 'fault');
  const problem: Problem = {
    type: '/problems/fault',
    title: 'The service made a mistake. Nothing was changed by this request, or its change is on record.',
    status: 500,
    code: 'fault',
    requestId: c.get('requestId'),
  };
  return c.body(JSON.stringify(problem), 500, { 'content-type': 'application/problem+json' });
}
