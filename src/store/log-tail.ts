/**
 * Checks the entries after a signed state, and everything that the store derived from them (custody-log L5.2
 * step 2): rows, chains, links and subject heads. What stood before the tail is believed only if it hashes to the
 * map that was signed.
 */
import type { SubjectHead, SubjectLink } from '../log/entry.ts';
import { bucketOf, hashBucket, type SubjectMap } from '../log/map.ts';
import { type MapMember, mapKey } from '../log/map-hash.ts';
import { type RecheckAgainst, type RememberedState, recheck, type StoredRow } from '../log/recheck.ts';
import { bucketMembers, linkName, linkNames, type Reader, storedRows } from './log-rows.ts';

/** What was stored is not what was written: nothing more is signed. `where` names the place, for the operator. */
export class LogBroken extends Error {
  override readonly name = 'LogBroken';
}

/** A tail that was found right. */
export interface Tail {
  readonly from: number;
  readonly to: number;
  readonly state: RememberedState;
  /** Subjects of the tail: how they stood before it (undefined: new) and after it. */
  readonly before: ReadonlyMap<string, SubjectHead | undefined>;
  readonly after: ReadonlyMap<string, SubjectHead>;
  readonly leaves: readonly Uint8Array[];
}

/** What entries say of their subjects, taken before they are checked. */
class Claims {
  readonly before = new Map<string, SubjectHead | undefined>();
  readonly links = new Set<string>();
  readonly leaves: Uint8Array[] = [];

  take(row: StoredRow): void {
    this.leaves.push(row.leaf);
    for (const { id, n, prev } of subjectsOf(row)) {
      this.links.add(linkName(id, n, row.seq));
      if (!this.before.has(id)) {
        this.before.set(id, n === 1 ? undefined : { n: n - 1, leaf: Buffer.from(prev, 'hex') });
      }
    }
  }
}

/** The links that an entry claims; none where it cannot be read, which the recheck then reports. */
function subjectsOf(row: StoredRow): readonly SubjectLink[] {
  try {
    const entry = JSON.parse(Buffer.from(row.bytes).toString('utf8')) as { subjects?: unknown };
    return Array.isArray(entry.subjects) ? (entry.subjects as SubjectLink[]) : [];
  } catch {
    return [];
  }
}

/** Walks [state's size, to). Rejects with `LogBroken` at the first fault. The heads before it are still claims. */
export async function walkTail(
  db: Reader,
  remembered: RememberedState,
  to: number,
  against: Pick<RecheckAgainst, 'origin' | 'keys'>,
): Promise<Tail> {
  const from = remembered.frontier.size;
  const claims = new Claims();
  async function* rows(): AsyncGenerator<StoredRow> {
    for await (const row of storedRows(db, from, to)) {
      claims.take(row);
      yield row;
    }
  }
  const headOf = (id: string): SubjectHead | undefined => claims.before.get(id);
  const found = await recheck(rows(), remembered, { ...against, headOf });
  if (!found.ok) throw new LogBroken(`Entry ${found.seq} is not as it was written: ${found.reason}.`);
  if (found.state.frontier.size !== to) throw new LogBroken(`Entry ${found.state.frontier.size} is missing.`);
  const links = await linkNames(db, from, to);
  if (links.size !== claims.links.size || [...claims.links].some((name) => !links.has(name))) {
    throw new LogBroken(`The links of entries ${from} to ${to - 1} are not as they were written.`);
  }
  return { from, to, state: found.state, before: claims.before, after: found.heads, leaves: claims.leaves };
}

/** Whether the store has a subject where the log has it. */
export const sameHead = (a: SubjectHead | undefined, b: MapMember | undefined): boolean =>
  a === undefined || b === undefined
    ? a === undefined && b === undefined
    : a.n === b.count && Buffer.compare(a.leaf, b.head) === 0;

/** A bucket's members as they stood before the tail. */
export function undo(
  members: readonly MapMember[],
  before: ReadonlyMap<string, SubjectHead | undefined>,
): MapMember[] {
  const old = new Map([...before].map(([id, head]) => [mapKey(id).toString('hex'), head]));
  return undoByKey(members, old);
}

function undoByKey(
  members: readonly MapMember[],
  old: ReadonlyMap<string, SubjectHead | undefined>,
): MapMember[] {
  return members.flatMap((member) => {
    const key = Buffer.from(member.key).toString('hex');
    if (!old.has(key)) return [member];
    const head = old.get(key);
    return head ? [{ key: member.key, count: head.n, head: head.leaf }] : [];
  });
}

/**
 * Brings the map up to the tail. Each touched bucket is read again: without the tail it must hash to what was
 * signed, with it every head must be the tail's. Rejects with `LogBroken` otherwise; the map is then spoilt.
 */
export async function applyTail(db: Reader, map: SubjectMap, tail: Tail): Promise<void> {
  const buckets = new Map<number, Map<string, string>>();
  for (const id of tail.after.keys()) {
    const key = mapKey(id);
    const bucket = bucketOf(key);
    const ids = buckets.get(bucket) ?? new Map<string, string>();
    buckets.set(bucket, ids.set(key.toString('hex'), id));
  }
  for (const [bucket, ids] of buckets) {
    const members = await bucketMembers(db, bucket);
    const byKey = new Map(members.map((member) => [Buffer.from(member.key).toString('hex'), member]));
    for (const [key, id] of ids) {
      if (!sameHead(tail.after.get(id), byKey.get(key)))
        throw new LogBroken(`The head of ${id} is not as it was written.`);
    }
    const old = new Map([...ids].map(([key, id]) => [key, tail.before.get(id)]));
    const { hash } = hashBucket(bucket, undoByKey(members, old));
    if (Buffer.compare(hash, map.bucketHash(bucket)) !== 0) {
      throw new LogBroken(`Subjects in bucket ${bucket} are not as they were sealed.`);
    }
    map.update(bucket, members);
  }
}
