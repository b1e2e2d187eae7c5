/** Unsafe methods must come from our own pages or from a program that names our origin (X42). */
import type { MiddlewareHandler } from 'hono';
import { refuse } from '../domain/refusal.ts';
import type { Env } from './env.ts';
import { refused } from './problem.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `Sec-Fetch-Site: same-origin`, or where a client sends none, an Origin of ours; neither is refused. */
export const sameSite =
  (origins: readonly string[]): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (safe.has(c.req.method)) return next();
    const site = c.req.header('sec-fetch-site');
    const ours = site === undefined ? origins.includes(c.req.header('origin') ?? '') : site === 'same-origin';
    return ours ? next() : refused(c, refuse('cross-site', { rule: 'X42' }));
  };
