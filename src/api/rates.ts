/**
 * How often anybody may ask (reliability.md 4, rates): token buckets by address before sign-in and by session after
 * it, on the monotonic clock, in bounded memory. An answer of 429 always says when to come again. Not a border: it
 * keeps one caller from taking what all need.
 */
import type { MiddlewareHandler } from 'hono';
import { refuse } from '../domain/refusal.ts';
import type { Env } from './env.ts';
import { refused } from './problem.ts';

interface Rate {
  /** Calls a second in the long run. */
  readonly perSecond: number;
  /** Calls at once after a rest. */
  readonly burst: number;
}

const rates = {
  /** One address may be a whole centre. */
  signIn: { perSecond: 0.5, burst: 30 },
  nobody: { perSecond: 5, burst: 300 },
  request: { perSecond: 50, burst: 250 },
  write: { perSecond: 10, burst: 50 },
  stepUp: { perSecond: 1 / 60, burst: 5 },
  export: { perSecond: 1 / 30, burst: 2 },
} as const satisfies Record<string, Rate>;
type RateName = keyof typeof rates;

interface Bucket {
  tokens: number;
  at: number;
}

/** Most buckets that are remembered; the longest unused one goes first. */
const bucketsKept = 50_000;

export interface Rates {
  /** Seconds until `key` may call again under this rate; 0 when it may now, and then the call is counted. */
  take(rate: RateName, key: string): number;
}

/** `scale` multiplies every rate: an operator with more people behind one address raises it. */
export function newRates(scale: number, now: () => number): Rates {
  const buckets = new Map<string, Bucket>();
  return {
    take(rate, key) {
      const { perSecond, burst } = rates[rate];
      const name = `${rate} ${key}`;
      const known = buckets.get(name);
      const at = now();
      const full = burst * scale;
      const tokens = known
        ? Math.min(full, known.tokens + ((at - known.at) / 1000) * perSecond * scale)
        : full;
      buckets.delete(name);
      buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, at });
      if (buckets.size > bucketsKept) buckets.delete(buckets.keys().next().value ?? '');
      return tokens < 1 ? Math.ceil((1 - tokens) / (perSecond * scale)) : 0;
    },
  };
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Bytes of an upload are held by their own limits, not by the number of requests. */
const uploads = /^\/api\/v1\/intakes\/[^/]+\/content$/;

function named(method: string, path: string): RateName[] {
  if (method === 'POST' && path === '/api/v1/sessions') return ['signIn'];
  if (method === 'POST' && path === '/api/v1/step-ups') return ['write', 'stepUp'];
  if (method === 'POST' && path === '/api/v1/log/exports') return ['write', 'export'];
  return safe.has(method) || uploads.test(path) ? ['request'] : ['request', 'write'];
}

/** Refuses with 429 whoever asks too often. A cookie that names no running session counts for its address. */
export const limited =
  (limits: Rates): MiddlewareHandler<Env> =>
  async (c, next) => {
    const address = c.env?.incoming?.socket.remoteAddress ?? 'unknown';
    const session = c.get('session');
    const { method, path } = c.req;
    const [first, ...rest] = named(method, path);
    const own = first !== 'signIn' && session !== undefined;
    const wanted: RateName[] = own
      ? [first ?? 'request', ...rest]
      : [first === 'signIn' ? 'signIn' : 'nobody'];
    for (const rate of wanted) {
      const wait = limits.take(rate, own ? session : address);
      if (wait > 0) return refused(c, refuse('too-many-tries', { retryAfter: wait }));
    }
    await next();
    if (own && c.res.status === 401) limits.take('nobody', address);
    return undefined;
  };
