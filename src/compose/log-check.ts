/**
 * Signs what is stored, then reads every entry under that signature: its append code, its leaf, the root that was signed
 * (custody-log L5.4 without a restart), and replays them into the rights that they imply (L4.7, I19). Takes a breath
 * between pages, so that the service goes on beside it.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Deps } from '../acts/act.ts';
import { LogRefused } from '../acts/ports/ledger.ts';
import type { Difference } from '../acts/rights/proof.ts';
import { compareRights, Replay } from '../acts/rights/replay.ts';
import { readCheckpoint } from '../log/checkpoint.ts';
import { Frontier } from '../log/tree.ts';
import type { StoreLedger } from '../store/ledger.ts';

export interface CheckedLog {
  readonly size: number;
  /** 64 hex. */
  readonly root: string;
  /** Rows that give rights. */
  readonly rows: number;
  readonly differences: readonly Difference[];
}

/** Undefined when it was stopped before the end. Rejects with `LogRefused` or `LogUnavailable`. */
export async function checkSignedLog(
  ledger: StoreLedger,
  stopping?: AbortSignal,
  each: (bytes: Uint8Array) => void = () => undefined,
): Promise<{ readonly size: number; readonly root: string } | undefined> {
  const { note } = await ledger.seal();
  const { size, root } = readCheckpoint(note).checkpoint;
  const frontier = new Frontier();
  for await (const { leaf, bytes } of ledger.entries(0, size)) {
    if (stopping?.aborted) return undefined;
    frontier.append(Buffer.from(leaf, 'hex'));
    each(bytes);
  }
  if (Buffer.compare(frontier.root(), root) !== 0) {
    throw new LogRefused('LOG_DIVERGED', `The first ${size} entries are not those that were signed.`);
  }
  return { size, root: Buffer.from(root).toString('hex') };
}

/** The same, and every row that gives rights beside what the entries imply, unsigned ones too. */
export async function checkLog(
  ledger: StoreLedger,
  { reads, clock }: Pick<Deps, 'reads' | 'clock'>,
  stopping?: AbortSignal,
): Promise<CheckedLog | undefined> {
  const replay = new Replay();
  const signed = await checkSignedLog(ledger, stopping, (bytes) => replay.take(bytes));
  if (!signed) return undefined;
  const { now } = clock.judge((await ledger.head()).at);
  const compared = await compareRights(replay, { reads, ledger, now, breathe: () => breathe(), stopping });
  return compared && { ...signed, ...compared };
}
