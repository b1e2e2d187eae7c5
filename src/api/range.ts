/**
 * The Range header of a request for stored bytes (RFC 9110 section 14, reliability section 4). Pure and total: whatever is
 * not exactly understood is ignored, and the whole is sent. Never rounds a number, however long.
 */

/** Half-open: `to` is the first byte that is not sent. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type RangeChoice =
  | { readonly send: 'whole' }
  /** One span: 206. Several, in rising order and apart from each other: `multipart/byteranges`. */
  | { readonly send: 'spans'; readonly spans: readonly [Span, ...Span[]]; readonly endRelative: boolean }
  /** 416 with `Content-Range: bytes *\/LEN`. */
  | { readonly send: 'nothing' }
  /** 400: a NUL, which no proxy agrees on. */
  | { readonly send: 'malformed' };

/** A longer header is ignored. */
const HEADER_MOST = 512;
/** More ranges are ignored. */
const RANGES_MOST = 10;

const UNIT = /^bytes=/i;
const SPEC = /^(?:(\d+)-(\d*)|-(\d+))$/;

/** What to send of `size` plaintext bytes. `method` is the request's; only GET knows ranges (RFC 9110 14.2). */
export function chooseRange(method: string, header: string | undefined, size: number): RangeChoice {
  const whole: RangeChoice = { send: 'whole' };
  if (header?.includes('\0')) return { send: 'malformed' };
  if (method !== 'GET' || header === undefined || header.length > HEADER_MOST) return whole;
  if (!UNIT.test(header)) return whole;
  const specs = specsOf(header.slice('bytes='.length));
  if (!specs) return whole;
  const found = specs.map((spec) => spanOf(spec, size));
  if (found.includes('invalid')) return whole;
  const spans = merged(found.filter((span) => typeof span === 'object'));
  const [first, ...rest] = spans;
  if (!first) return { send: 'nothing' };
  const endRelative = specs.some((spec, index) => spec.startsWith('-') && typeof found[index] === 'object');
  return { send: 'spans', spans: [first, ...rest], endRelative };
}

/** `Content-Range` of a 206, or of a 416 without a span. */
export function contentRange(size: number, span?: Span): string {
  return span ? `bytes ${span.from}-${span.to - 1}/${size}` : `bytes */${size}`;
}

function specsOf(set: string): string[] | undefined {
  // Empty members of a list are passed over (RFC 9110 5.6.1.2), blanks stand around commas only.
  if (/^[ \t]|[ \t]$/.test(set)) return undefined;
  const specs = set
    .split(',')
    .map((spec) => spec.replace(/^[ \t]+/, '').replace(/[ \t]+$/, ''))
    .filter((spec) => spec !== '');
  return specs.length > 0 && specs.length <= RANGES_MOST ? specs : undefined;
}

function spanOf(spec: string, size: number): Span | 'invalid' | 'unsatisfiable' {
  const match = SPEC.exec(spec);
  if (!match) return 'invalid';
  const [, first, last, suffix] = match;
  const length = BigInt(size);
  if (suffix !== undefined) {
    const wanted = BigInt(suffix);
    if (wanted === 0n || size === 0) return 'unsatisfiable';
    return { from: wanted >= length ? 0 : Number(length - wanted), to: size };
  }
  const from = BigInt(first ?? '');
  const end = last === undefined || last === '' ? length - 1n : BigInt(last);
  if (last !== '' && from > end) return 'invalid';
  if (from >= length) return 'unsatisfiable';
  return { from: Number(from), to: end >= length ? size : Number(end) + 1 };
}

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const before = result.at(-1);
    if (before && span.from <= before.to) {
      result[result.length - 1] = { from: before.from, to: Math.max(before.to, span.to) };
    } else result.push(span);
  }
  return result;
}
