/** Commands of a few lines: version, configuration, tables, the first-run token. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { tokenFile, writeToken } from '../compose/first-run.ts';
import { migrateStore, migrationState } from '../compose/migrations.ts';
import { type Config, configKeys, databaseUrl } from '../config.ts';
import { Secret } from '../crypto/secret.ts';
import { CommandFailure } from './failure.ts';
import { settingOf } from './setting.ts';

export function versionText(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

export function version(_wish: object, command: Command): void {
  const { talk } = settingOf(command);
  const custos = versionText();
  talk.data([`custos ${custos}`, `node ${process.version}`], { custos, node: process.version });
}

function shown(config: Config, key: string): string {
  const [section = '', name = ''] = key.split('.');
  const value = (config as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[section]?.[name];
  if (value instanceof Secret) return value.bytes.length === 0 ? '' : '(set, not shown)';
  return withoutPassword(Array.isArray(value) ? value.join(',') : String(value));
}

/** An address as it is, but for the password inside it. */
const withoutPassword = (text: string): string =>
  text.replace(/^(\w+:\/\/[^:/@]*):[^@/]*@/, '$1:(not shown)@');

export function showConfig(wish: { readonly origin?: boolean }, command: Command): void {
  const { config, origins, talk } = settingOf(command);
  const rows = configKeys.map((key) => ({
    key,
    value: shown(config, key),
    origin: origins.get(key) ?? 'default',
  }));
  talk.data(
    rows.map(({ key, value, origin }) => `${key} = ${value}${wish.origin ? `  (${origin})` : ''}`),
    Object.fromEntries(rows.map(({ key, value, origin }) => [key, wish.origin ? { value, origin } : value])),
  );
}

export function checkConfig(_wish: object, command: Command): void {
  const { talk } = settingOf(command);
  talk.data(['The configuration is sound.'], { sound: true });
}

export async function migrateStatus(_wish: object, command: Command): Promise<void> {
  const { config, talk } = settingOf(command);
  const { applied, known } = await migrationState(config);
  const pending = known.slice(applied);
  talk.data([`applied ${applied} of ${known.length}`, ...pending.map((tag) => `pending ${tag}`)], {
    applied,
    known: known.length,
    pending,
  });
}

export async function migrateUp(_wish: object, command: Command): Promise<void> {
  const { config, talk } = settingOf(command);
  await migrateStore({ url: databaseUrl(config), unsafeNoFsync: config.database.unsafeNoFsync });
  const { applied, known } = await migrationState(config);
  talk.data([`applied ${applied} of ${known.length}`], { applied, known: known.length, pending: [] });
}

export async function setupToken(_wish: object, command: Command): Promise<void> {
  const { config, talk, withParts } = settingOf(command);
  await withParts(async ({ store }) => {
    if (await store.reads.one('setting', { id: 'set-up' })) {
      throw new CommandFailure(
        4,
        'already-set-up',
        'This service is set up.',
        'People are added by its officers.',
      );
    }
  });
  const { until } = writeToken(config, Date.now());
  const file = tokenFile(config);
  talk.data([file], { file, until: new Date(until).toISOString() });
  talk.say(`The token in it counts once, until ${new Date(until).toISOString()}.`);
}
