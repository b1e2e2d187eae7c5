/** `custos log`: check what is stored against what was signed, make derived tables anew, print entries (L4.5, L5.4). */
import { once } from 'node:events';
import type { Command } from 'commander';
import { openKeys } from '../compose/keys.ts';
import { checkSignedLog } from '../compose/log-check.ts';
import { storeStart } from '../compose/store.ts';
import { rebuildLog } from '../store/rebuild.ts';
import { usageFailure } from './failure.ts';
import { settingOf } from './setting.ts';

export async function logCheck(_wish: object, command: Command): Promise<void> {
  const { talk, withParts } = settingOf(command);
  await withParts(async ({ store, keys }) => {
    const checked = await checkSignedLog(store.ledger);
    const { size = 0, root = '' } = checked ?? {};
    talk.data(
      [`log ${keys.node.origin}`, `entries ${size}, root ${root}`, 'Every entry is as it was signed.'],
      { origin: keys.node.origin, size, root, sound: true },
    );
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
