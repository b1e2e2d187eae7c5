/** Runs an act's writes in its commit (custody-log L4.1). An update of a row that is not there undoes everything. */
import { type Connection, type Value, WriteFault } from './connection.ts';
import type { Param, SqlWrite } from './worker-protocol.ts';

/** Puts the number of this commit's i-th entry where `entrySeq(i)` stands. */
function resolve(param: Param, seqs: readonly number[]): Value {
  if (typeof param !== 'object' || param === null || param instanceof Uint8Array) return param;
  const seq = seqs[param.entrySeq];
  if (seq === undefined) throw new WriteFault('A write names an entry that its commit does not have.');
  return seq;
}

/** Runs them in order, inside the caller's transaction; `seqs` are the numbers of its entries. */
export async function runWrites(
  db: Connection,
  writes: readonly SqlWrite[],
  seqs: readonly number[],
): Promise<void> {
  for (const { sql, params } of writes) {
    const changed = await db.run(
      sql,
      params.map((param) => resolve(param, seqs)),
    );
    if (changed !== 1)
      throw new WriteFault('A write changed no row: the row that an act updates is not there.');
  }
}
