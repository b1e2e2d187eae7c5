/**
 * Reads a JSON body more strictly than `JSON.parse` (X62): one key once per object, bounded depth, no lone
 * surrogate, no number that a double cannot hold exactly. Bytes are counted as they are read, never by header.
 */
import { type Refusal, refuse } from '../domain/refusal.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The parsed body of `request`, always an object, or a refusal. An absent body reads as `{}`. */
export async function readJson(
  request: Request,
  limit: { readonly bytes: number; readonly depth: number; readonly ms: number },
): Promise<object | Refusal> {
  const bytes = await readBytes(request, limit.bytes, limit.ms);
  if (bytes === 'too-large' || bytes === 'too-slow') return refuse(bytes);
  if (bytes.length === 0) return {};
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return refuse('wrong-type');
  try {
    const body = parseStrict(decoder.decode(bytes), limit.depth);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
    return refuse('bad-input', { fields: [{ pointer: '', code: 'not-an-object' }] });
  } catch {
    return refuse('bad-input', { fields: [{ pointer: '', code: 'not-json' }] });
  }
}

/** A body that trickles in holds a request no longer than `ms` (X56). */
async function readBytes(
  request: Request,
  max: number,
  ms: number,
): Promise<Buffer | 'too-large' | 'too-slow'> {
  if (!request.body) return Buffer.alloc(0);
  const reader = request.body.getReader();
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), ms);
  try {
    const parts: Uint8Array[] = [];
    for (let size = 0; ; ) {
      const next = await Promise.race([reader.read(), late]);
      if (next === 'late') return 'too-slow';
      if (next.done) return Buffer.concat(parts);
      size += next.value.length;
      if (size > max) return 'too-large';
      parts.push(next.value);
    }
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}

/** `JSON.parse`, but throws on a doubled key, depth over `depthMax`, a lone surrogate, or a number that loses value. */
export function parseStrict(text: string, depthMax: number): unknown {
  checkStructure(text, depthMax);
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('lone surrogate');
    if (typeof value === 'number') checkNumber(value, context?.source ?? '');
    return value;
  });
}

function checkNumber(value: number, source: string): void {
  if (!Number.isFinite(value) || Object.is(value, -0)) throw new SyntaxError('number');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new SyntaxError('number');
  if (/[eE]/.test(source)) throw new SyntaxError('number');
}

/** One pass over the tokens: `JSON.parse` tells neither depth nor doubled keys. */
function checkStructure(text: string, depthMax: number): void {
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;
  const keys: (Set<string> | null)[] = [];
  let expectKey = false;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      keys.push(token === '{' ? new Set() : null);
      if (keys.length > depthMax) throw new SyntaxError('depth');
      expectKey = token === '{';
    } else if (token === '}' || token === ']') {
      keys.pop();
      expectKey = false;
    } else if (token === ',') {
      expectKey = keys.at(-1) !== null;
    } else if (token === ':') {
      expectKey = false;
    } else if (expectKey) {
      const key = JSON.parse(token) as string;
      if (keys.at(-1)?.has(key)) throw new SyntaxError('doubled key');
      keys.at(-1)?.add(key);
    }
  }
}
