/**
 * The only reader of the environment and of the configuration file: flag > `CUSTOS_SECTION__KEY` (or the same with
 * `_FILE`, holding a path) > file > default. An unknown key is an error with a suggestion; a secret is wrapped
 * before anything else sees it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from './crypto/secret.ts';

const count = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const text = (fallback: string) => z.string().default(fallback);
const list = () =>
  z
    .union([
      z.array(z.string()),
      z.string().transform((words) =>
        words
          .split(',')
          .map((word) => word.trim())
          .filter(Boolean),
      ),
    ])
    .default([]);
const secret = () =>
  z
    .string()
    .default('')
    .transform((words) => new Secret(Buffer.from(words, 'utf8')));
const flag = () =>
  z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]).default(false);

const shape = {
  data: z.strictObject({ folder: text('./data') }).prefault({}),
  keys: z.strictObject({ folder: text('./keys'), replica: text('') }).prefault({}),
  /** `sqlite:PATH` or `postgres://…`; empty: a SQLite file in the data folder. */
  database: z.strictObject({ url: text(''), unsafeNoFsync: flag() }).prefault({}),
  /** `folder:PATH` or `s3://bucket?endpoint=…&region=…`; empty: a folder in the data folder. */
  store: z.strictObject({ url: text(''), accessKey: text(''), secretKey: secret() }).prefault({}),
  server: z
    .strictObject({
      host: text('127.0.0.1'),
      port: count(8080, 0, 65_535),
      origins: list(),
      hosts: list(),
      certificate: text(''),
      key: text(''),
    })
    .prefault({}),
  health: z.strictObject({ host: text('127.0.0.1'), port: count(8081, 0, 65_535) }).prefault({}),
  scan: z.strictObject({ clamd: text('') }).prefault({}),
  seal: z.strictObject({ passphrase: secret() }).prefault({}),
  viewing: z
    .strictObject({
      /** How far a stream may run ahead of playback, ms; 0 turns pacing off (R39). */
      aheadMs: count(10_000, 0, 60_000),
      streamsPerPerson: count(4, 1, 64),
    })
    .prefault({}),
  /** Multiplies how often anybody may ask (reliability.md 4); 1 fits a county. */
  limits: z.strictObject({ rateScale: z.coerce.number().min(0.1).max(1000).default(1) }).prefault({}),
  intake: z.strictObject({ itemBytesMax: count(156 * 2 ** 30, 1, 156 * 2 ** 30) }).prefault({}),
} as const;

export const configSchema = z.strictObject(shape);
export type Config = z.infer<typeof configSchema>;
export type Origins = ReadonlyMap<string, 'flag' | 'environment' | 'file'>;

/** The configuration is wrong; the text is for the operator and holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Tree = Record<string, Record<string, unknown>>;

/** Reads file, environment and flags (`section.key` → text), checks all, and says where each value came from. */
export function readConfig(
  env: NodeJS.ProcessEnv,
  flags: Readonly<Record<string, string>> = {},
): { config: Config; origins: Origins } {
  const tree: Tree = {};
  const origins = new Map<string, 'flag' | 'environment' | 'file'>();
  const put = (key: string, value: unknown, origin: 'flag' | 'environment' | 'file') => {
    known(key);
    const [section = '', name = ''] = key.split('.');
    tree[section] = { ...tree[section], [name]: value };
    origins.set(key, origin);
  };
  for (const [key, value] of Object.entries(fromFile(flags.config ?? env.CUSTOS_CONFIG)))
    put(key, value, 'file');
  for (const [key, value] of Object.entries(fromEnvironment(env))) put(key, value, 'environment');
  for (const [key, value] of Object.entries(flags)) if (key !== 'config') put(key, value, 'flag');
  const parsed = configSchema.safeParse(tree);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(`configuration: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  }
  return { config: parsed.data, origins };
}

/** Where things lie when the configuration does not say otherwise. */
export const databaseUrl = (config: Config): string =>
  config.database.url || `sqlite:${join(resolve(config.data.folder), 'custos.db')}`;
export const storeUrl = (config: Config): string =>
  config.store.url || `folder:${join(resolve(config.data.folder), 'objects')}`;
/** Outside the database and its backups (L5.3). */
export const headFile = (config: Config): string => join(resolve(config.keys.folder), 'log-head.note');

/** All keys, `section.key`. */
export const configKeys: readonly string[] = Object.entries(shape).flatMap(([section, schema]) =>
  Object.keys(schema.unwrap().shape).map((key) => `${section}.${key}`),
);

function fromFile(path: string | undefined): Record<string, unknown> {
  if (path === undefined) return {};
  if (!existsSync(path)) throw new ConfigError(`configuration: there is no file ${path}`);
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new ConfigError(`configuration: ${path} is not JSON`);
  }
  const flat: Record<string, unknown> = {};
  for (const [section, values] of Object.entries(file as Tree)) {
    for (const [key, value] of Object.entries(values)) flat[`${section}.${key}`] = value;
  }
  return flat;
}

function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const match = /^CUSTOS_([A-Z0-9]+)__([A-Z0-9_]+?)(_FILE)?$/.exec(name);
    if (!match || value === undefined) continue;
    const [, section = '', key = '', file] = match;
    const camel = key
      .toLowerCase()
      .replaceAll(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
    flat[`${section.toLowerCase()}.${camel}`] = file ? readFileSync(value, 'utf8').trimEnd() : value;
  }
  return flat;
}

function known(key: string): void {
  if (configKeys.includes(key)) return;
  const near = [...configKeys].sort((a, b) => distance(a, key) - distance(b, key))[0];
  throw new ConfigError(`configuration: there is no ${key}; did you mean ${near}?`);
}

/** Levenshtein's distance, for the suggestion. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(
        Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
