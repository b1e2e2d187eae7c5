/** What every command is given: configuration by flag, environment, file and default; how to speak; the parts. */
import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Caller } from '../acts/act.ts';
import type { Parts } from '../compose/parts.ts';
import { type Config, type Origins, readConfig } from '../config.ts';
import { foldName } from '../domain/names.ts';
import { type SealMaterial, sealTerms } from '../keys/unseal.ts';
import { CommandFailure, usageFailure } from './failure.ts';
import { newTalk, type Talk } from './talk.ts';

/** Options that stand before every command. */
interface Given {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly unsealFrom?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly input?: boolean;
}

export interface Setting {
  readonly config: Config;
  readonly origins: Origins;
  readonly talk: Talk;
  /** What `--unseal-from` brings, if the seal wants something of a person. */
  material(): SealMaterial | undefined;
  /** Opens the parts, hands them over, and closes them whatever happens. Entries of the work are signed. */
  withParts<T>(work: (parts: Parts) => Promise<T>): Promise<T>;
}

const defaultFile = 'custos.json';

/** `--config`, `--set section.key=value`; a `custos.json` in this folder counts where nothing else names a file. */
function flagsOf({ config, set = [] }: Given): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const text of set) {
    const [, key, value] = /^([A-Za-z]+\.[A-Za-z]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) throw usageFailure('--set wants section.key=value.');
    if (/passphrase|secret/i.test(key)) {
      throw usageFailure(
        `${key} is a secret: it never stands on a command line.`,
        'Use an environment variable that ends in _FILE.',
      );
    }
    flags[key] = value;
  }
  const named = config ?? process.env.CUSTOS_CONFIG;
  if (named !== undefined) flags.config = named;
  else if (existsSync(defaultFile)) flags.config = defaultFile;
  return flags;
}

/** Lines of a file that only the caller should be able to read; `-` is standard input. */
export function secretLines(path: string): string[] {
  const text = readFileSync(path === '-' ? 0 : path, 'utf8');
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '');
}

export function settingOf(command: Command): Setting {
  const given: Given = command.optsWithGlobals();
  const { config, origins } = readConfig(process.env, flagsOf(given));
  const talk = newTalk({
    json: given.json ?? false,
    quiet: given.quiet ?? false,
    input: given.input !== false && process.stdin.isTTY === true,
  });
  const material = (): SealMaterial | undefined => {
    if (given.unsealFrom === undefined) return undefined;
    const lines = secretLines(given.unsealFrom);
    const kind = sealTerms(config.keys.folder)?.kind;
    if (kind === 'shares') return { kind, shares: lines };
    if (kind === 'passphrase') return { kind, passphrase: lines[0] ?? '' };
    return undefined;
  };
  return {
    config,
    origins,
    talk,
    material,
    async withParts(work) {
      const { openParts } = await import('../compose/parts.ts');
      const parts = await openParts(config, { material: material(), beside: true });
      try {
        return await work(parts);
      } finally {
        await parts.close({ seal: true });
      }
    },
  };
}

/** The person behind `--as ACCOUNT`: every act of the command line is somebody's (R8, portal 9). */
export async function callerAs({ deps }: Parts, account: string): Promise<Caller> {
  const found = await deps.reads.one('account', { nameKey: foldName(account).key, state: 'active' });
  if (!found) {
    throw new CommandFailure(
      4,
      'sign-in-failed',
      'There is no such account.',
      'Name an active account with --as.',
    );
  }
  return { commandLine: found.personId, requestId: deps.chance.id() };
}
