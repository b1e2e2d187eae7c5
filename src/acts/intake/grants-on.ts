/** Active grants under which an item may be opened. */
import type { Grant } from '../../domain/grant.ts';
import type { ItemId } from '../../domain/ids.ts';
import type { Reads } from '../ports/tables.ts';

export async function grantsOn(reads: Reads, item: ItemId): Promise<Grant[]> {
  const rows = await reads.all('grantItem', { itemId: item, endedSeq: null });
  if (rows.length === 0) return [];
  return reads.all('grant', { id: { in: rows.map(({ grantId }) => grantId) }, state: 'active' });
}
