/** Times are RFC 3339 outside and milliseconds UTC inside (architecture.md); durations stay milliseconds. */
const inward = new Set(['startsAt', 'endsAt', 'notBefore', 'recordedFrom', 'recordedTo', 'expiresAt']);
const outward = /(?:At|Until|By)$|^(?:at|until|notBefore|notAfter|absoluteEnd|recordedFrom|recordedTo)$/;
const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds, or null for what is no RFC 3339 time with a zone. */
export function millisOf(text: string): number | null {
  if (!shape.test(text)) return null;
  const millis = Date.parse(text);
  return Number.isFinite(millis) ? millis : null;
}

/** Turns the times of a body into milliseconds; what is no time stays as it is, so that the act refuses it by name. */
export function timesIn(
  body: Record<string, unknown>,
  more: readonly string[] = [],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      if ((!inward.has(name) && !more.includes(name)) || value === null) return [name, value];
      return [name, typeof value === 'string' ? (millisOf(value) ?? value) : String(value)];
    }),
  );
}

/** Turns milliseconds under names that mean a time into RFC 3339, through lists and objects. */
export function timesOut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timesOut);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'number' && outward.test(name) ? new Date(member).toISOString() : timesOut(member),
    ]),
  );
}
