/** The headers of every answer (reliability.md 4, table "what | value"). Streams of content add their own. */
import type { MiddlewareHandler } from 'hono';
import type { Env } from './env.ts';

const everywhere: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
};
const transport: Readonly<Record<string, string>> = {
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
};
export const apiPolicy = "default-src 'none'; frame-ancestors 'none'";
/** For bytes that a person put in: nothing in them may act. */
export const contentPolicy = `${apiPolicy}; sandbox`;

/** Those of an answer that never reached a route. */
export const bareHeaders = (tls: boolean): Readonly<Record<string, string>> => ({
  ...everywhere,
  ...(tls ? transport : {}),
  'Cache-Control': 'no-store',
  'Content-Security-Policy': apiPolicy,
});

/** Sets them all; `Cache-Control: no-store` unless the route has chosen otherwise. */
export const secureHeaders =
  (tls: boolean): MiddlewareHandler<Env> =>
  async (c, next) => {
    await next();
    const { headers } = c.res;
    for (const [name, value] of Object.entries(everywhere)) headers.set(name, value);
    if (tls) for (const [name, value] of Object.entries(transport)) headers.set(name, value);
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
    if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', apiPolicy);
    headers.set('X-Request-Id', c.get('requestId'));
  };
