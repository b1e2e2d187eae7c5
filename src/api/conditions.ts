/**
 * Conditional requests for stored bytes (RFC 9110 section 13): entity tags only. There is no modification date to compare,
 * so a date never matches. Total: what is not an entity tag equals none.
 */

/** The request's own headers, undefined where there is none. */
export interface ConditionHeaders {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifRange?: string | undefined;
}

const TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/**
 * 412 when If-Match names another version, 304 when If-None-Match names this one (GET and HEAD; 412 otherwise), both
 * before Range. `etag` is strong, in its quotes. Permission was checked before this is asked.
 */
export function conditionOf(method: string, etag: string, headers: ConditionHeaders): 'go' | 304 | 412 {
  const { ifMatch, ifNoneMatch } = headers;
  if (ifMatch !== undefined && ifMatch.trim() !== '*' && !names(ifMatch, etag, 'strong')) return 412;
  if (ifNoneMatch === undefined) return 'go';
  if (ifNoneMatch.trim() !== '*' && !names(ifNoneMatch, etag, 'weak')) return 'go';
  return method === 'GET' || method === 'HEAD' ? 304 : 412;
}

/** False when If-Range names another version, weakly, or by a date: then Range is ignored (RFC 9110 13.1.5). */
export function rangeApplies(etag: string, { ifRange }: ConditionHeaders): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}

function names(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  for (const [, weak, tag] of list.matchAll(TAG)) {
    if (tag === etag && (comparison === 'weak' || weak === undefined)) return true;
  }
  return false;
}
