/**
 * From a cookie to a caller (reliability.md 5). The token is 256 random bits; only its SHA-256 is known to the
 * store. Whether the session still counts is decided by the act or read that uses it, from the primary.
 */
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Actor, Deps } from '../acts/act.ts';
import { actorOf } from '../acts/actor.ts';
import { LogUnavailable } from '../acts/ports/ledger.ts';
import { raiseAlarms } from '../acts/rights/alarm.ts';
import { asId, type SessionId } from '../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { refused } from './problem.ts';

const cookie = 'custos';
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** The session's id: SHA-256 (hex) of its token. */
export const sessionIdOf = (token: string): SessionId =>
  asId<'session'>(createHash('sha256').update(token).digest('hex'));

/** Puts the caller into the context: the session named by the cookie, else nobody. */
export const identify = (): MiddlewareHandler<Env> => async (c, next) => {
  const requestId = c.get('requestId');
  const token = getCookie(c, cookie, 'host');
  // Nothing here takes a credential by this header: beside a cookie it is ambiguous (X43).
  if (c.req.header('authorization') !== undefined) {
    return refused(c, refuse(token === undefined ? 'sign-in-required' : 'bad-input', { rule: 'X43' }));
  }
  if (token !== undefined && tokenShape.test(token)) {
    const session = sessionIdOf(token);
    c.set('session', session);
    c.set('caller', { session, requestId });
  } else {
    c.set('caller', { anonymous: true, requestId });
  }
  return next();
};

/** Hands the token of a new session to the browser: `__Host-`, Secure, HttpOnly, SameSite=Strict, no Domain. */
export const giveSession = (c: Context<Env>, token: string): void =>
  setCookie(c, cookie, token, {
    prefix: 'host',
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'Strict',
  });

/** Takes the cookie back and asks the browser to forget what it kept. */
export function endSession(c: Context<Env>): void {
  deleteCookie(c, cookie, { prefix: 'host', path: '/', secure: true });
  c.header('Clear-Site-Data', '"cache", "cookies", "storage"');
}

/** Notes the use of the caller's session; one that was idle for too long is refused. Nobody signed in passes. */
export async function keepAlive(doors: Doors, c: Context<Env>): Promise<Refusal | undefined> {
  const session = c.get('session');
  if (!session) return undefined;
  const { now } = doors.deps.clock.judge((await doors.deps.ledger.head()).at);
  return (await doors.activity.touch(session, now)) ? undefined : refuse('sign-in-required');
}

const lastMarks = new WeakMap<Deps, number>();

/**
 * Effective time for reading (R45). While the log cannot be written the mark is the last one that was seen: reads that
 * need no entry go on (P4); what opens content or changes anything asks the log itself.
 */
export async function readTime({ deps }: Pick<Doors, 'deps'>): Promise<number> {
  try {
    lastMarks.set(deps, (await deps.ledger.head()).at);
  } catch (error) {
    if (!(error instanceof LogUnavailable) || !lastMarks.has(deps)) throw error;
  }
  return deps.clock.judge(lastMarks.get(deps) ?? 0).now;
}

/**
 * What a read asks of its reader: `account` lets in even somebody whose password another person handed out, `session` does
 * not, and `posting` wants a running posting and the signature in force too (R24, X5).
 */
export type ReaderNeeds = 'account' | 'session' | 'posting';

/** The acting person of a read, with the idle limit applied; a read without a session is refused. */
export async function readerOf(
  doors: Doors,
  c: Context<Env>,
  needs: ReaderNeeds = 'posting',
): Promise<Actor | Refusal> {
  const { deps, activity } = doors;
  const now = await readTime(doors);
  const session = c.get('session');
  if (!session || !(await activity.touch(session, now))) return refuse('sign-in-required');
  const actor = await actorOf(deps, c.get('caller'), now);
  await raiseAlarms(deps);
  if (isRefusal(actor)) return actor;
  if (actor.person) c.set('person', actor.person);
  if (needs !== 'account' && actor.mustChange) return refuse('password-change-needed');
  if (needs !== 'posting') return actor;
  if (actor.seats.length === 0) return refuse('not-posted', { rule: 'R2' });
  return actor.bound ? actor : refuse('agreement-missing', { rule: 'R24' });
}
