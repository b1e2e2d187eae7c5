/** `custos init`: makes a node where none is, and says what to do next (portal 8, K2.5). */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { tokenFile } from '../compose/first-run.ts';
import { type Initialised, initNode } from '../compose/init.ts';
import { type Config, readConfig } from '../config.ts';
import type { SealChoice } from '../keys/seal.ts';
import { ask } from './ask.ts';
import { usageFailure } from './failure.ts';
import { secretLines, settingOf } from './setting.ts';
import type { Talk } from './talk.ts';

interface Wish {
  readonly data?: string;
  readonly keys?: string;
  readonly replica?: string;
  readonly host?: string;
  readonly port?: string;
  readonly store?: string;
  readonly name?: string;
  readonly seal?: string;
  readonly sealFrom?: string;
  readonly keyFile?: string;
  readonly shares?: string;
  readonly write?: string;
}

/** The log's key, short enough to be read aloud: SHA-256 of the vkey, hex in groups. */
export const fingerprintOf = (vkey: string): string =>
  (createHash('sha256').update(vkey).digest('hex').match(/.{8}/g) ?? []).join(' ');

export function sealChoice(wish: Pick<Wish, 'seal' | 'sealFrom' | 'keyFile' | 'shares'>): SealChoice {
  const { seal = 'key-file', sealFrom, keyFile, shares = '2/3' } = wish;
  if (seal === 'key-file') return { kind: 'key-file', ...(keyFile ? { path: resolve(keyFile) } : {}) };
  if (seal === 'shares') {
    const [, threshold, total] = /^(\d+)\/(\d+)$/.exec(shares) ?? [];
    if (!threshold || !total) throw usageFailure('--shares wants k/n, such as 2/3.');
    return { kind: 'shares', threshold: Number(threshold), total: Number(total) };
  }
  if (seal !== 'passphrase') throw usageFailure('--seal is key-file, passphrase or shares.');
  const [passphrase] = sealFrom === undefined ? [] : secretLines(sealFrom);
  if (passphrase === undefined) {
    throw usageFailure(
      'A passphrase is read from a file or standard input.',
      'Add --seal-from FILE, or --seal-from -.',
    );
  }
  return { kind: 'passphrase', passphrase };
}

/** What is settled for this node, as it goes into the configuration file. */
async function settled(wish: Wish, config: Config, talk: Talk): Promise<Record<string, string>> {
  const or = async (given: string | undefined, question: string, fallback: string): Promise<string> =>
    given ?? (talk.input ? await ask(question, fallback) : fallback);
  const data = resolve(await or(wish.data, 'Folder for data', config.data.folder));
  const keys = resolve(wish.keys ?? (wish.data ? join(data, '..', 'keys') : config.keys.folder));
  const host = await or(wish.host, 'Address to listen on', config.server.host);
  const port = await or(wish.port, 'Port', String(config.server.port));
  const store = await or(wish.store, 'Storage', config.store.url || `folder:${join(data, 'objects')}`);
  const replica = wish.replica ?? config.keys.replica;
  return {
    'data.folder': data,
    'keys.folder': keys,
    ...(replica === '' ? {} : { 'keys.replica': resolve(replica) }),
    'server.host': host,
    'server.port': port,
    'store.url': store,
  };
}

/** The same keys as a file of sections. */
function fileText(values: Readonly<Record<string, string>>): string {
  const sections: Record<string, Record<string, string>> = {};
  for (const [key, value] of Object.entries(values)) {
    const [section = '', name = ''] = key.split('.');
    sections[section] = { ...sections[section], [name]: value };
  }
  return `${JSON.stringify(sections, null, 2)}\n`;
}

/** A systemd unit that runs the node as a user of its own, with nothing it does not need. */
export function unitText(config: Config, file: string): string {
  const program = resolve(import.meta.dirname, '../../bin/custos');
  const writable = [config.data.folder, config.keys.folder, config.keys.replica]
    .filter(Boolean)
    .map((path) => resolve(path));
  return `[Unit]
Description=Custos
After=network.target postgresql.service

[Service]
User=custos
UMask=0077
Environment=UV_THREADPOOL_SIZE=8
ExecStart=${program} start --config ${file}
Restart=on-failure
RestartPreventExitStatus=2 3 4
TimeoutStopSec=30
LimitCORE=0
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ReadWritePaths=${writable.join(' ')}

[Install]
WantedBy=multi-user.target`;
}

function tell(talk: Talk, made: Initialised, config: Config, file: string): void {
  const { vkey, origin, shares, tokenUntil } = made;
  const fingerprint = fingerprintOf(vkey);
  const token = tokenFile(config);
  talk.data(
    [
      `log          ${origin}`,
      `public key   ${vkey}`,
      `fingerprint  ${fingerprint}`,
      `trust file   ${made.trustFile}`,
      `first run    ${token}`,
      `config       ${file}`,
      ...shares.map((share, at) => `share ${at + 1}      ${share}`),
    ],
    {
      origin,
      vkey,
      fingerprint,
      trustFile: made.trustFile,
      tokenFile: token,
      tokenUntil: new Date(tokenUntil).toISOString(),
      config: file,
      shares,
      unit: unitText(config, file),
    },
  );
  talk.say(`
Next:
 1. Give the public key to somebody outside this office, on paper: with it, every export can be proved against this log.
 2. Start the service: custos start --config ${file}
 3. Open http://${config.server.host}:${config.server.port}/ and set up with the token in ${token}, before ${new Date(tokenUntil).toISOString()}.
 4. Run custos doctor. Keep a copy of ${config.keys.folder} in another place: without its keys no backup opens.${
   shares.length > 0 ? '\n 5. Print the shares, give each to another person, and clear this screen.' : ''
 }

A unit for systemd:

${unitText(config, file)}`);
}

export async function init(wish: Wish, command: Command): Promise<void> {
  const { config: given, talk } = settingOf(command);
  const values = await settled(wish, given, talk);
  const file = resolve(wish.write ?? 'custos.json');
  const { config } = readConfig(process.env, { ...flagsFrom(command), ...values });
  const name = (wish.name ?? 'custos.local').toLowerCase();
  if (!/^[a-z0-9.-]{1,100}$/.test(name))
    throw usageFailure('--name is a host name: letters, digits, dots, hyphens.');
  const made = await initNode(config, sealChoice(wish), name, Date.now());
  writeFileSync(file, fileText({ ...values, ...keptFlags(command) }), { flag: 'wx', mode: 0o600 });
  tell(talk, made, config, file);
}

/** `--set` of this call: they belong to the node that is made. */
function keptFlags(command: Command): Record<string, string> {
  const { set = [] } = command.optsWithGlobals() as { set?: string[] };
  return Object.fromEntries(
    set.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
}

function flagsFrom(command: Command): Record<string, string> {
  const { config } = command.optsWithGlobals() as { config?: string };
  return { ...(config === undefined ? {} : { config }), ...keptFlags(command) };
}
