/** `custos keys`: what the keyring holds, and another seal around the same root key (K2.3, K2.5). No key is ever shown. */
import type { Command } from 'commander';
import { openKeys, openRoot } from '../compose/keys.ts';
import { reseal } from '../keys/seal.ts';
import { sealTerms } from '../keys/unseal.ts';
import { sealChoice } from './init.ts';
import { settingOf } from './setting.ts';

export async function listKeys(_wish: object, command: Command): Promise<void> {
  const { config, talk, material } = settingOf(command);
  const keys = await openKeys(config, material());
  try {
    const collections = await keys.keyring.collections();
    const rows = collections.map((collection) => ({
      collection,
      sequence: keys.keyring.sequence(collection),
      replicas: keys.keyring
        .replicas(collection)
        .map(({ folder, found, sequence }) => ({ folder, found, sequence })),
    }));
    const seal = sealTerms(config.keys.folder)?.kind;
    talk.data(
      [
        `seal ${seal}`,
        ...rows.map(
          ({ collection, sequence, replicas }) =>
            `${collection}  write ${sequence}  ${replicas.map(({ found }) => found).join(' ')}`,
        ),
      ],
      { seal, collections: rows },
    );
  } finally {
    keys.wipe();
  }
}

export async function resealKeys(
  wish: {
    readonly seal?: string;
    readonly sealFrom?: string;
    readonly keyFile?: string;
    readonly shares?: string;
  },
  command: Command,
): Promise<void> {
  const { config, talk, material } = settingOf(command);
  const choice = sealChoice(wish);
  const root = await openRoot(config, material());
  try {
    const shares = await reseal(config.keys.folder, root, choice);
    talk.data([`sealed by ${choice.kind}`, ...shares.map((share, at) => `share ${at + 1}  ${share}`)], {
      seal: choice.kind,
      shares,
    });
    talk.say(
      'Old copies of seal.json still open with the old material: destroy them. Copy the new one to where you keep the keys.',
    );
  } finally {
    root.wipe();
  }
}
