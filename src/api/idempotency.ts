/**
 * `Idempotency-Key`: the same key by the same person gives the same answer and does nothing twice (P1, X57, I27).
 * Kept answers hold ids and states only.
 */
import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { refused } from './problem.ts';
import { readerOf, readTime } from './session.ts';

const keyShape = /^[A-Za-z0-9_-]{8,64}$/;

/** Requests of this process under one key, one after another: the second finds the answer of the first. */
const turns = new WeakMap<Doors, Map<string, Promise<void>>>();

async function inTurn<T>(doors: Doors, name: string, work: () => Promise<T>): Promise<T> {
  const waiting = turns.get(doors) ?? new Map<string, Promise<void>>();
  turns.set(doors, waiting);
  const result = (waiting.get(name) ?? Promise.resolve()).then(work);
  const over = result.then(
    () => undefined,
    () => undefined,
  );
  waiting.set(name, over);
  try {
    return await result;
  } finally {
    if (waiting.get(name) === over) waiting.delete(name);
  }
}

interface Asked {
  readonly status: number;
  readonly keep: boolean;
  readonly input: unknown;
}

/**
 * Runs `work` once for a key, and answers with what the first run answered. Refusals are not kept: they changed nothing.
 * Keys belong to a person: whoever has no live session has none, and gets no kept answer.
 */
export async function answerOnce(
  doors: Doors,
  c: Context<Env>,
  asked: Asked,
  work: () => Promise<unknown | Refusal>,
): Promise<Response> {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return (await run(c, asked, work)).response;
  if (!keyShape.test(key)) return refused(c, refuse('bad-input'));
  const actor = await readerOf(doors, c, 'account');
  if (isRefusal(actor) || !actor.person) return (await run(c, asked, work)).response;
  const { person } = actor;
  return inTurn(doors, `${person}/${key}`, () => onceFor(doors, c, asked, work, person, key));
}

async function onceFor(
  doors: Doors,
  c: Context<Env>,
  asked: Asked,
  work: () => Promise<unknown | Refusal>,
  person: string,
  key: string,
): Promise<Response> {
  const now = await readTime(doors);
  // Keyed: a request may hold a password, and a plain digest of one could be guessed from the table.
  const bodyHash = createHmac('sha256', doors.cursorKey)
    .update(`idempotency\n${c.req.method} ${c.req.path}\n${JSON.stringify(asked.input)}`)
    .digest('hex');
  const before = await doors.repeated.find(person, key, now);
  if (before) {
    if (before.bodyHash !== bodyHash) return refused(c, refuse('idempotency-key-reused', { rule: 'X57' }));
    return answer(c, before.body, before.status);
  }
  const { response, body } = await run(c, asked, work);
  if (body !== undefined && asked.keep) {
    await doors.repeated.keep(person, key, { bodyHash, status: asked.status, body }, now);
  }
  return response;
}

const answer = (c: Context<Env>, body: string, status: number): Response =>
  c.body(body, status as ContentfulStatusCode, { 'content-type': 'application/json' });

/** `body` is what may be kept: the answer of an act that was done. */
async function run(
  c: Context<Env>,
  asked: Asked,
  work: () => Promise<unknown | Refusal>,
): Promise<{ readonly response: Response; readonly body?: string }> {
  const result = await work();
  if (isRefusal(result)) return { response: refused(c, result) };
  if (result instanceof Response) return { response: result };
  const body = JSON.stringify(result ?? {});
  return { response: answer(c, body, asked.status), body };
}
