/**
 * `custos log rebuild`: subjects, links and tiles made anew from the entries (custody-log L4.5), in one
 * transaction. Entries are checked on the way and never changed; the service must not run meanwhile.
 */
import { LogRefused } from '../acts/ports/ledger.ts';
import { mapKey } from '../log/map-hash.ts';
import { parseEntry } from '../log/parse-entry.ts';
import { recheck, type StoredRow } from '../log/recheck.ts';
import { TileWriter } from '../log/tile.ts';
import { Frontier } from '../log/tree.ts';
import type { Connection, Plan, Value } from './connection.ts';
import { HeadFile } from './head-file.ts';
import { appendKeysOf, signerOf } from './log-keys.ts';
import { storedRows } from './log-rows.ts';
import { readHead } from './log-start.ts';
import { links, subjects } from './log-writer.ts';
import { engineOf, openConnection } from './open-connection.ts';
import { tilePlan } from './sealer.ts';
import type { WorkerStart } from './worker-protocol.ts';

const derived = ['log_tile', 'log_link', 'log_subject'];
const rowsAtOnce = 2_000;

/** Collects rows for one table and inserts them in groups. */
class Batch {
  readonly #db: Connection;
  readonly #plan: Plan;
  #rows: Value[][] = [];

  constructor(db: Connection, plan: Plan) {
    this.#db = db;
    this.#plan = plan;
  }

  async add(row: Value[]): Promise<void> {
    this.#rows.push(row);
    if (this.#rows.length >= rowsAtOnce) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#db.insertAll(this.#plan, this.#rows);
    this.#rows = [];
  }
}

/** How many entries were read. Rejects with `LogRefused` when an entry is not as it was written: nothing is changed then. */
export async function rebuildLog(start: WorkerStart): Promise<number> {
  const note = await new HeadFile(start.headPath).read();
  if (note === null) throw new LogRefused('LOG_HEAD_MISSING', 'The signed head of the log is missing.');
  const signed = readHead(note, { key: signerOf(start).key, origin: start.origin }).size;
  const db = await openConnection(start);
  try {
    await db.hold();
    const newest = await db.begin();
    const restore = await liftGuards(db, engineOf(start.url) === 'sqlite');
    for (const table of derived) await db.run(`delete from ${table}`, []);
    await derive(db, start, newest + 1, signed);
    for (const sql of restore) await db.run(sql, []);
    await db.commit();
    return newest + 1;
  } catch (error) {
    await db.rollback();
    throw error;
  } finally {
    await db.release();
    await db.close();
  }
}

async function derive(db: Connection, start: WorkerStart, size: number, signed: number): Promise<void> {
  const known = new Map<string, { sid: number; n: number; leaf: Uint8Array }>();
  const tiles = new TileWriter(0, []);
  const linkRows = new Batch(db, links);
  const tileRows = new Batch(db, tilePlan);
  async function* rows(): AsyncGenerator<StoredRow> {
    for await (const row of storedRows(db, 0, size)) {
      yield row;
      // Comes back here only after the row was found right.
      for (const { id, n } of parseEntry(row.bytes).subjects) {
        const sid = known.get(id)?.sid ?? known.size + 1;
        known.set(id, { sid, n, leaf: row.leaf });
        await linkRows.add([sid, n, row.seq]);
      }
      if (row.seq >= signed) continue;
      for (const { level, index, hashes } of tiles.append(row.leaf))
        await tileRows.add([level, index, hashes]);
    }
  }
  const nothing = { frontier: new Frontier(), at: 0, seal: undefined };
  const keys = appendKeysOf(start);
  const found = await recheck(rows(), nothing, { origin: start.origin, keys, headOf: () => undefined });
  if (!found.ok)
    throw new LogRefused('LOG_BROKEN', `Entry ${found.seq} is not as it was written: ${found.reason}.`);
  if (found.entries !== size) throw new LogRefused('LOG_BROKEN', `Entry ${found.entries} is missing.`);
  const subjectRows = new Batch(db, subjects);
  for (const [id, { sid, n, leaf }] of known) await subjectRows.add([sid, mapKey(id), id, n, leaf]);
  for (const batch of [linkRows, tileRows, subjectRows]) await batch.flush();
}

/** Takes the triggers off within the transaction; answers what puts them back. */
async function liftGuards(db: Connection, sqlite: boolean): Promise<string[]> {
  if (!sqlite) {
    for (const table of derived) await db.run(`alter table ${table} disable trigger user`, []);
    return derived.map((table) => `alter table ${table} enable trigger user`);
  }
  const triggers = await db.rows<{ name: string; sql: string }>(
    "select name, sql from sqlite_master where type = 'trigger' and tbl_name in ('log_link', 'log_tile')",
    [],
  );
  for (const { name } of triggers) await db.run(`drop trigger ${name}`, []);
  return triggers.map(({ sql }) => sql);
}
