/**
 * Changed heads as changes to buckets of the subject map (custody-log L5.2 step 2): forward to bring the map up to
 * date, backward to show that a bucket without the new entries is the one that was remembered.
 */
import type { SubjectHead } from './entry.ts';
import { bucketOf } from './map.ts';
import { type MapMember, mapKey } from './map-hash.ts';

/** What a key's head becomes; undefined: the key is not in the map. */
export interface HeadChange {
  readonly key: Buffer;
  readonly head: SubjectHead | undefined;
}

/** Heads by subject id, as changes by bucket. */
export function changesByBucket(
  heads: ReadonlyMap<string, SubjectHead | undefined>,
): ReadonlyMap<number, readonly HeadChange[]> {
  const changes = Array.from(heads, ([id, head]) => ({ key: mapKey(id), head }));
  return Map.groupBy(changes, ({ key }) => bucketOf(key));
}

/** A bucket's members after the changes, ascending by key; `members` is left as it is. */
export function applyChanges(members: readonly MapMember[], changes: readonly HeadChange[]): MapMember[] {
  const byKey = new Map(members.map((one) => [Buffer.from(one.key).toString('hex'), one]));
  for (const { key, head } of changes) {
    if (head === undefined) byKey.delete(key.toString('hex'));
    else byKey.set(key.toString('hex'), { key, count: head.n, head: head.leaf });
  }
  return [...byKey.values()].sort((a, b) => Buffer.compare(a.key, b.key));
}
