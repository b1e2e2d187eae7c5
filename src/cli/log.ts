/** `custos log`: check what is stored against what was signed, make derived tables anew, print entries (L4.5, L5.4). */
import { once } from 'node:events';
import type { Command } from 'commander';
import { raiseAlarms } from '../acts/rights/alarm.ts';
import { openKeys } from '../compose/keys.ts';
import { checkLog } from '../compose/log-check.ts';
import { storeStart } from '../compose/store.ts';
import { rebuildLog } from '../store/rebuild.ts';
import { CommandFailure, usageFailure } from './failure.ts';
import { settingOf } from './setting.ts';

export async function logCheck(_wish: object, command: Command): Promise<void> {
  const { talk, withParts } = settingOf(command);
  await withParts(async ({ store, keys, deps }) => {
    const checked = await checkLog(store.ledger, deps);
    const { size = 0, root = '', rows = 0, differences = [] } = checked ?? {};
    for (const difference of differences) deps.rights.note(difference);
    await raiseAlarms(deps);
    const { origin } = keys.node;
    const sound = differences.length === 0;
    const named = differences.map(
      ({ table, id, column, seq }) => `${table} ${id}: ${column} differs from entry ${seq ?? 'none'}`,
    );
    talk.data(
      [
        `log ${origin}`,
        `entries ${size}, root ${root}`,
        'Every entry is as it was signed.',
        ...(sound ? [`${rows} rows that give rights are what the entries say.`] : named),
      ],
      { origin, size, root, rows, differences, sound },
    );
    if (!sound) {
      throw new CommandFailure(
        3,
        'RIGHTS_DIFFER',
        `${differences.length} rows that give rights are not what the log says.`,
        'Find out who can write the database. The log is right; rights that differ are refused (L4.7).',
      );
    }
  });
}

export async function logRebuild(_wish: object, command: Command): Promise<void> {
  const { config, talk, material } = settingOf(command);
  const keys = await openKeys(config, material());
  try {
    const entries = await rebuildLog(storeStart(config, keys));
    talk.data([`Made anew from ${entries} entries.`], { entries });
  } finally {
    keys.wipe();
  }
}

const whole = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw usageFailure(`--${name} wants an entry's number.`);
  return Number(text);
};

export async function logDump(
  wish: { readonly from?: string; readonly to?: string },
  command: Command,
): Promise<void> {
  const { withParts } = settingOf(command);
  const range = { from: whole('from', wish.from), to: whole('to', wish.to) };
  await withParts(async ({ store }) => {
    for (let after: number | undefined; ; ) {
      const page = await store.lists.log({ ...range, ascending: true }, 200, after);
      for (const { bytes } of page.rows) {
        if (!process.stdout.write(Buffer.concat([bytes, Buffer.from('\n')])))
          await once(process.stdout, 'drain');
      }
      if (page.next === null) return;
      after = page.next;
    }
  });
}
