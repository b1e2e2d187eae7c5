/** Opens a new log: entry 0, the first seal and the first head (custody-log L2.6, L5.3). Only `custos init` does this. */
import type { SealedHead } from '../acts/ports/ledger.ts';
import { SubjectMap } from '../log/map.ts';
import { formatVkey } from '../log/note-key.ts';
import { TileWriter } from '../log/tile.ts';
import { Frontier } from '../log/tree.ts';
import { StoreRefused } from './connection.ts';
import { HeadFile } from './head-file.ts';
import { appendKeyOf, appendKeysOf, signerOf } from './log-keys.ts';
import { logSize } from './log-rows.ts';
import { LogWriter } from './log-writer.ts';
import { migrateStore } from './migrate.ts';
import { openConnection } from './open-connection.ts';
import { Sealer } from './sealer.ts';
import type { WorkerStart } from './worker-protocol.ts';

/** Makes the tables and the log. `at`: ms UTC. Rejects with `StoreRefused` when there is a log or a head already. */
export async function createLog(start: WorkerStart, at: number): Promise<SealedHead> {
  await migrateStore(start);
  const heads = new HeadFile(start.headPath);
  if ((await heads.read()) !== null) throw new StoreRefused('There is a signed head already.');
  if (!(await heads.lock())) throw new StoreRefused('Another process signs this log.');
  const db = await openConnection(start);
  try {
    if ((await logSize(db)).next !== 0) throw new StoreRefused('There is a log already.');
    const signer = signerOf(start);
    const writer = new LogWriter(db, start.origin, appendKeyOf(start), start.kinds);
    const facts = { epoch: start.epoch, vkey: formatVkey(signer.key) };
    const opened = { at, kind: 'log.opened', actor: 'system:init', subjects: [], facts, private: {} };
    const outcome = await writer.commit(await writer.complete([opened]));
    if (!Array.isArray(outcome)) throw new StoreRefused('Another process opened a log here.');
    const parts = { db, writer, heads, signer, origin: start.origin, keys: appendKeysOf(start) };
    const sealer = new Sealer(parts, {
      remembered: { frontier: new Frontier(), at: 0, seal: undefined },
      map: new SubjectMap(),
      tiles: new TileWriter(0, []),
      note: null,
    });
    return await sealer.seal(at);
  } finally {
    await heads.unlock();
    await db.close();
  }
}
