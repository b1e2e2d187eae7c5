/**
 * `Idempotency-Key`: the same key by the same person gives the same answer and does nothing twice (P1, X57, I27).
 * Kept answers hold ids and states only.
 */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { refused } from './problem.ts';

const keyShape = /^[A-Za-z0-9_-]{8,64}$/;

/** Runs `work` once for a key, and answers with what the first run answered. Refusals are not kept: they changed nothing. */
export async function answerOnce(
  doors: Doors,
  c: Context<Env>,
  asked: { readonly status: number; readonly keep: boolean; readonly input: unknown },
  work: () => Promise<unknown | Refusal>,
): Promise<Response> {
  const key = c.req.header('idempotency-key');
  const owner = c.get('session');
  const answer = (body: string, code: number) =>
    c.body(body, code as ContentfulStatusCode, { 'content-type': 'application/json' });
  if (key !== undefined && !keyShape.test(key)) return refused(c, refuse('bad-input'));
  const session = owner && key ? await doors.deps.reads.one('session', { id: owner }) : undefined;
  const { now } = doors.deps.clock.judge((await doors.deps.ledger.head()).at);
  const request = `${c.req.method} ${c.req.path}\n${JSON.stringify(asked.input)}`;
  const bodyHash = createHash('sha256').update(request).digest('hex');
  if (session && key) {
    const before = await doors.repeated.find(session.personId, key, now);
    if (before) {
      if (before.bodyHash !== bodyHash) return refused(c, refuse('idempotency-key-reused', { rule: 'X57' }));
      return answer(before.body, before.status);
    }
  }
  const result = await work();
  if (isRefusal(result)) return refused(c, result);
  if (result instanceof Response) return result;
  const body = JSON.stringify(result ?? {});
  if (session && key && asked.keep) {
    await doors.repeated.keep(session.personId, key, { bodyHash, status: asked.status, body }, now);
  }
  return answer(body, asked.status);
}
