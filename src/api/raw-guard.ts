/**
 * What is refused before routing, on the raw request (reliability.md 4; X3, X43, X63, X68): the URL class folds
 * dot segments and Node joins doubled headers, so a router would never see either.
 */
import type { IncomingMessage } from 'node:http';

export interface RawRefusal {
  readonly status: 400 | 405 | 413 | 414 | 415 | 421 | 431;
  readonly code: string;
}

const once = new Set([
  'host',
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'range',
  'origin',
  'idempotency-key',
  'if-match',
]);
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const targetMax = 8 * 1024;
const headersMax = 100;

/** The first thing wrong with the raw request, or null. `hosts` are the names we answer to. */
export function rawRefusal(request: IncomingMessage, hosts: readonly string[]): RawRefusal | null {
  const target = request.url ?? '';
  if (target.length > targetMax) return { status: 414, code: 'too-large' };
  if (!(methods as readonly string[]).includes(request.method ?? '')) {
    return { status: 405, code: 'method-unknown' };
  }
  return targetRefusal(target) ?? headerRefusal(request.rawHeaders, hosts);
}

function targetRefusal(target: string): RawRefusal | null {
  const bad = { status: 400, code: 'bad-input' } as const;
  if (!target.startsWith('/')) return bad;
  const path = target.split('?', 1)[0] ?? '';
  if (/%2f|%5c|%00|%2e|\/\/|\\|;/i.test(path)) return bad;
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) return bad;
  if (/%(?![0-9a-f]{2})/i.test(target)) return bad;
  return null;
}

function headerRefusal(raw: readonly string[], hosts: readonly string[]): RawRefusal | null {
  if (raw.length / 2 > headersMax) return { status: 431, code: 'too-large' };
  const seen = new Map<string, string>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    if (once.has(name) && seen.has(name)) return { status: 400, code: 'bad-input' };
    seen.set(name, raw[i + 1] ?? '');
  }
  const host = seen.get('host');
  if (host === undefined) return { status: 400, code: 'bad-input' };
  if (!hosts.includes(host.toLowerCase())) return { status: 421, code: 'bad-input' };
  const encoding = seen.get('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') return { status: 415, code: 'wrong-type' };
  return null;
}
