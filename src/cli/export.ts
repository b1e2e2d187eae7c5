/**
 * `custos export`: an auditor hands a part of the custody log out as a package that proves itself (custody-log L9). The
 * export is an act of its own; the file is written beside its name and appears only when it is whole.
 */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type ExportWish, exportLog } from '../acts/log/export-log.ts';
import { packages } from '../compose/packages.ts';
import { isRefusal } from '../domain/refusal.ts';
import { refusedFailure, usageFailure } from './failure.ts';
import { callerAs, settingOf } from './setting.ts';

interface Wish {
  readonly as: string;
  readonly out: string;
  readonly item?: string;
  readonly person?: string;
  readonly application?: string;
  readonly grant?: string;
  readonly centre?: string;
  readonly from?: string;
  readonly to?: string;
  readonly all?: boolean;
  readonly disclose: string;
  readonly reason?: string;
}

function millis(name: string, text: string): number {
  const value = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(value)) {
    throw usageFailure(`--${name} wants a day or a time, such as 2026-11-24 or 2026-11-24T08:00:00Z.`);
  }
  return value;
}

/** The scope that the flags name: one subject or all, with or without a period. */
function scopeOf(wish: Wish): ExportWish['scope'] {
  const kinds = ['item', 'person', 'application', 'grant', 'centre'] as const;
  const subjects = kinds.flatMap((kind) => (wish[kind] === undefined ? [] : [`${kind}:${wish[kind]}`]));
  const [id] = subjects;
  if (subjects.length + (wish.all ? 1 : 0) > 1) throw usageFailure('Name one subject, or --all.');
  if ((wish.from === undefined) !== (wish.to === undefined))
    throw usageFailure('A period wants --from and --to.');
  const { from, to } = wish;
  const period =
    from !== undefined && to !== undefined ? { from: millis('from', from), to: millis('to', to) } : undefined;
  if (id !== undefined) return period ? { kind: 'subject', id, ...period } : { kind: 'subject', id };
  if (period) return { kind: 'period', ...period };
  if (!wish.all) throw usageFailure('Say what to export: a subject, --from and --to, or --all.');
  return { kind: 'full' };
}

export async function exportPart(wish: Wish, command: Command): Promise<void> {
  const { talk, withParts } = settingOf(command);
  const asked = {
    scope: scopeOf(wish),
    disclose: wish.disclose,
    ...(wish.reason === undefined ? {} : { reason: wish.reason }),
  };
  const made = await withParts(async (parts) => {
    const done = await parts.perform(exportLog, await callerAs(parts, wish.as), asked);
    if (isRefusal(done)) throw refusedFailure(done);
    return { wish: done.result, seq: done.receipts[0]?.seq ?? 0 };
  });
  // Opened anew, now that the entry is signed: beside a service, proofs count from the head found at opening.
  const out = resolve(wish.out);
  const bytes = await withParts(async ({ store, deps, keys }) => {
    const { origin } = keys.node;
    const source = packages({ store, privacy: deps.privacy, origin, seed: keys.seed });
    const beside = `${out}.part`;
    try {
      const file = createWriteStream(beside, { flags: 'wx', mode: 0o600, flush: true });
      await pipeline(Readable.from(source.package(made.wish, made.seq)), file);
      await rename(beside, out);
      return file.bytesWritten;
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  });
  talk.data([`${out}  ${bytes} bytes, entry ${made.seq}`], { file: out, bytes, entry: made.seq });
  talk.say(`Prove it anywhere: custos verify ${out} --trust trust.policy`);
}
