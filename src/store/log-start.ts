/**
 * What must hold before a log is used (custody-log L5.4): the signed head against the stored entries, the entries
 * after it, and the map. There is no way around a refusal.
 */
import { LogRefused } from '../acts/ports/ledger.ts';
import { acceptPublicKey, verifySignature } from '../crypto/sign.ts';
import { type Checkpoint, readCheckpoint } from '../log/checkpoint.ts';
import { LogError } from '../log/log-error.ts';
import type { AppendKeys } from '../log/mac.ts';
import { SubjectMap } from '../log/map.ts';
import { type MapMember, mapKey } from '../log/map-hash.ts';
import { verifyNote } from '../log/note.ts';
import type { NoteKey } from '../log/note-key.ts';
import { parseEntry } from '../log/parse-entry.ts';
import type { RememberedState } from '../log/recheck.ts';
import type { Tile } from '../log/tile.ts';
import type { Connection } from './connection.ts';
import type { HeadStore } from './head-file.ts';
import { allSubjects, logSize, type Reader, storedRow } from './log-rows.ts';
import { LogBroken, sameHead, type Tail, walkTail } from './log-tail.ts';
import { restoreTree, storeTiles } from './log-tree.ts';
import type { SealedState } from './sealer.ts';

export interface StartParts {
  readonly db: Connection;
  readonly heads: HeadStore;
  readonly key: NoteKey;
  readonly origin: string;
  readonly keys: AppendKeys;
}

/** The state to go on from, or `LogRefused`. Errors of the database itself are passed on as they are. */
export async function checkStart(parts: StartParts): Promise<SealedState> {
  const { db } = parts;
  // The head first: the log only grows, so what is read later holds at least what it signs.
  const note = await parts.heads.read();
  try {
    await db.snapshot();
    const { missing, ...state } = await check(parts, note).finally(() => db.rollback());
    await storeTiles(db, missing);
    return state;
  } catch (error) {
    // Whatever the log's own code refuses to read was not written by it.
    if (error instanceof LogBroken || error instanceof LogError)
      throw new LogRefused('LOG_BROKEN', error.message);
    throw error;
  }
}

async function check(
  parts: StartParts,
  note: string | null,
): Promise<SealedState & { readonly missing: readonly Tile[] }> {
  const { db } = parts;
  if (note === null) throw new LogRefused('LOG_HEAD_MISSING', 'The signed head of the log is missing.');
  const { size, root } = readHead(note, parts);
  const { rows, next } = await logSize(db);
  if (next < size)
    throw new LogRefused('LOG_ROLLED_BACK', `The head signs ${size} entries; the database has ${next}.`);
  if (rows !== next) throw new LogRefused('LOG_BROKEN', `Of ${next} entries ${next - rows} are missing.`);
  const { frontier, tiles, missing } = await restoreTree(db, size);
  if (Buffer.compare(frontier.root(), root) !== 0) {
    throw new LogRefused('LOG_DIVERGED', `The first ${size} entries are not those that were signed.`);
  }
  const seal = await readSeal(db, size - 1);
  const remembered: RememberedState = { frontier, at: seal.at, seal: { seq: size - 1, leaf: seal.leaf } };
  const tail = await walkTail(db, remembered, next, parts);
  const map = await buildMap(db, tail);
  if (map.keys !== seal.keys || map.root().toString('hex') !== seal.map) {
    throw new LogBroken('The subjects are not those of the last seal.');
  }
  return { remembered, map, tiles, note, missing };
}

/** What the head signs, after its signature and origin were found right. */
export function readHead(text: string, { key, origin }: Pick<StartParts, 'key' | 'origin'>): Checkpoint {
  const { note, checkpoint } = readCheckpoint(text);
  const publicKey = acceptPublicKey(key.publicKey);
  const verified = verifyNote(note, [key], (_, message, signature) =>
    verifySignature(publicKey, message, signature),
  );
  if (verified.length === 0 || checkpoint.origin !== origin) {
    throw new LogBroken('The head is not signed by the key of this log.');
  }
  return checkpoint;
}

async function readSeal(db: Reader, seq: number) {
  const row = await storedRow(db, seq);
  const entry = row && parseEntry(row.bytes);
  if (entry?.kind !== 'seal') throw new LogBroken(`Entry ${seq} should be a seal.`);
  return { at: entry.at, leaf: row?.leaf ?? new Uint8Array(0), keys: entry.facts.keys, map: entry.facts.map };
}

/** The map as it was sealed: all subjects, those of the tail as they stood before it. */
async function buildMap(db: Reader, tail: Tail): Promise<SubjectMap> {
  const touched = new Map([...tail.after].map(([id, after]) => [mapKey(id).toString('hex'), { id, after }]));
  async function* sealed(): AsyncGenerator<MapMember> {
    for await (const member of allSubjects(db)) {
      const key = touched.size > 0 ? Buffer.from(member.key).toString('hex') : '';
      const change = touched.get(key);
      if (!change) {
        yield member;
        continue;
      }
      touched.delete(key);
      if (!sameHead(change.after, member))
        throw new LogBroken(`The head of ${change.id} is not as it was written.`);
      const before = tail.before.get(change.id);
      if (before) yield { key: member.key, count: before.n, head: before.leaf };
    }
  }
  const map = await SubjectMap.build(sealed());
  if (touched.size > 0) throw new LogBroken('Subjects of the newest entries are missing.');
  return map;
}
