/**
 * Signs what is stored, then reads every entry under that signature and compares: its append code, its leaf, the root that was signed
 * (custody-log L5.4 without a restart). Takes a breath between pages, so that the service goes on beside it.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { LogRefused } from '../acts/ports/ledger.ts';
import { readCheckpoint } from '../log/checkpoint.ts';
import { Frontier } from '../log/tree.ts';
import type { StoreLedger } from '../store/ledger.ts';

const entriesAtOnce = 100;

/** Undefined when it was stopped before the end. Rejects with `LogRefused` or `LogUnavailable`. */
export async function checkSignedLog(
  ledger: StoreLedger,
  stopping?: AbortSignal,
): Promise<{ readonly size: number; readonly root: string } | undefined> {
  const { note } = await ledger.seal();
  const { size, root } = readCheckpoint(note).checkpoint;
  const frontier = new Frontier();
  for (let seq = 0; seq < size; seq += 1) {
    if (seq % entriesAtOnce === 0) await breathe();
    if (stopping?.aborted) return undefined;
    frontier.append(Buffer.from((await ledger.entry(seq)).leaf, 'hex'));
  }
  if (Buffer.compare(frontier.root(), root) !== 0) {
    throw new LogRefused('LOG_DIVERGED', `The first ${size} entries are not those that were signed.`);
  }
  return { size, root: Buffer.from(root).toString('hex') };
}
