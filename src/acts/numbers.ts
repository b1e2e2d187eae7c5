/** Register numbers: `2026-000042` by centre, series and year, given under the log lock, never reused. */
import type { CentreId } from '../domain/ids.ts';
import type { Reads, Write } from './ports/tables.ts';
import { upsert } from './ports/tables.ts';

export type Series = 'item' | 'application' | 'grant';

/** The next number and the write that takes it; both belong into one commit. `year` is the year of `now` in UTC. */
export async function nextNumber(
  reads: Reads,
  series: Series,
  centre: CentreId,
  year: number,
): Promise<{ number: string; take: Write }> {
  const id = `${series}/${centre}/${year}`;
  const value = ((await reads.one('counter', { id }))?.value ?? 0) + 1;
  return { number: `${year}-${String(value).padStart(6, '0')}`, take: upsert('counter', { id, value }) };
}

/** The UTC year of a time in ms. */
export const yearOf = (time: number): number => Number(utcYear.format(time));
const utcYear = new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: 'UTC' });
