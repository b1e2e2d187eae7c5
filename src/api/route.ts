/**
 * One way to make a route: it is entered into the OpenAPI document and into the router by the same call, so the
 * document cannot lie. Bodies are read strictly (strict-json.ts) and handed to the act, which parses them.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type ZodType, z } from 'zod';
import type { Act, Actor, Caller, Loaded } from '../acts/act.ts';
import { may } from '../acts/may.ts';
import { isRefusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { answerOnce } from './idempotency.ts';
import { refused } from './problem.ts';
import { keepAlive, type ReaderNeeds, readerOf } from './session.ts';
import { readJson } from './strict-json.ts';
import { timesIn, timesOut } from './times.ts';

export type App = OpenAPIHono<Env>;
export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';

/** What the OpenAPI document says of a route. `path` uses `{id}`, as OpenAPI does. */
export interface RouteWords {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly body?: ZodType;
  readonly query?: z.ZodObject;
  readonly status?: number;
  readonly answer?: ZodType;
  readonly answerType?: string;
}

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  requestId: z.string(),
  errors: z
    .array(
      z.object({
        pointer: z.string(),
        code: z.string(),
        params: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** Enters a route with a handler of its own. */
export function route(app: App, words: RouteWords, handler: (c: Context<Env>) => Promise<Response>): void {
  const names = [...words.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const content = words.answer && { 'application/json': { schema: words.answer } };
  app.openAPIRegistry.registerPath({
    method: words.method,
    path: words.path,
    summary: words.summary,
    tags: [words.tag],
    request: {
      ...(names.length > 0
        ? { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }
        : {}),
      ...(words.query ? { query: words.query } : {}),
      ...(words.body
        ? { body: { content: { 'application/json': { schema: words.body } }, required: true } }
        : {}),
    },
    responses: {
      [words.status ?? 200]: {
        description: words.summary,
        ...(content ? { content } : words.answerType ? { content: { [words.answerType]: {} } } : {}),
      },
      default: {
        description: 'Refused: see `code`.',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
  });
  const head = words.method === 'head';
  // The router looks HEAD up among the GET routes.
  app.on(head ? 'GET' : words.method.toUpperCase(), honoPath(words.path), async (c, next) => {
    if (head && c.req.method !== 'HEAD') return next();
    c.set('route', words.path);
    // A token or a member that was put into the query is refused, never passed over (X43).
    if (!words.query && new URL(c.req.url).search !== '')
      return refused(c, refuse('bad-input', { rule: 'X43' }));
    return handler(c);
  });
}

/**
 * Fills member `name` of an act's input from the path. A body that brings it as well is refused (R29): null is no
 * id, so the act says which member is wrong.
 */
export const fromPath =
  (name: string, parameter = 'id') =>
  (c: Context<Env>, body: Record<string, unknown>): Record<string, unknown> => ({
    ...body,
    [name]: name in body ? null : c.req.param(parameter),
  });

/** Enters a route that performs one act. `input` adds path members and the like to the body. */
export function actRoute<I, S extends Loaded, R, P>(
  app: App,
  doors: Doors,
  act: Act<I, S, R, P>,
  words: RouteWords,
  more: {
    readonly input?: (c: Context<Env>, body: Record<string, unknown>) => Record<string, unknown>;
    readonly present?: (result: R, c: Context<Env>) => unknown;
    /** The answer holds a secret (a token, a first password): it is never kept for a repeated key. */
    readonly secret?: boolean;
    /** What follows the act and may be repeated without harm. */
    readonly after?: (result: R, c: Context<Env>) => Promise<void>;
  } = {},
): void {
  const open = may[act.name].reach === 'open';
  route(app, words, async (c) => {
    const { jsonBytesMax: bytes, jsonDepthMax: depth, jsonBodyMs: ms } = doors.settings;
    const body = await readJson(c.req.raw, { bytes, depth, ms });
    if (isRefusal(body)) return refused(c, body);
    const given = timesIn(body as Record<string, unknown>);
    const input = more.input ? more.input(c, given) : given;
    const run = async () => {
      const active = open ? undefined : await keepAlive(doors, c);
      if (isRefusal(active)) return active;
      // What is open to anyone must not fail for a cookie whose session is over.
      const caller: Caller = open ? { anonymous: true, requestId: c.get('requestId') } : c.get('caller');
      const done = await doors.perform(act, caller, input);
      if (isRefusal(done)) return done;
      await more.after?.(done.result, c);
      return timesOut(more.present ? more.present(done.result, c) : done.result);
    };
    return answerOnce(doors, c, { status: words.status ?? 200, keep: !more.secret, input }, run);
  });
}

/** Enters a route that reads for a signed-in person. */
export function readRoute(
  app: App,
  doors: Doors,
  words: RouteWords,
  read: (c: Context<Env>, actor: Actor) => Promise<unknown>,
  needs?: ReaderNeeds,
): void {
  route(app, words, async (c) => {
    const actor = await readerOf(doors, c, needs);
    if (isRefusal(actor)) return refused(c, actor);
    const answer = await read(c, actor);
    if (isRefusal(answer)) return refused(c, answer);
    if (answer instanceof Response) return answer;
    return c.json(timesOut(answer) as object);
  });
}
