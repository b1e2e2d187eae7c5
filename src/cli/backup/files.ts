/**
 * What lies in a backup folder (P5): the database as of one moment, the signed head, the sealed objects with their
 * hashes. Never a key: whoever finds a backup finds sealed bytes and the log's public facts (K1, K2).
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandFailure } from '../failure.ts';

export const names = {
  about: 'backup.json',
  database: 'custos.db',
  head: 'log-head.note',
  objects: 'objects.jsonl',
  /** A folder store (blob/folder.ts). */
  store: 'store',
} as const;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const aboutShape = z.strictObject({
  format: z.literal('custos-backup/1'),
  at: z.iso.datetime(),
  origin: z.string(),
  vkey: z.string(),
  epoch: z.number().int(),
  appendKey: z.number().int(),
  /** Null: the database is PostgreSQL and was dumped with its own tools. */
  database: z.strictObject({ size: z.number().int(), sha256: hex, entries: z.number().int() }).nullable(),
  head: z.strictObject({ size: z.number().int(), sha256: hex }),
  objects: z.strictObject({ count: z.number().int(), bytes: z.number().int(), sha256: hex }),
});
export type AboutBackup = z.output<typeof aboutShape>;

const objectShape = z.strictObject({ name: z.string(), size: z.number().int(), sha256: hex });
export type CopiedObject = z.output<typeof objectShape>;

const damaged = (what: string): CommandFailure =>
  new CommandFailure(
    3,
    'BACKUP_DAMAGED',
    `${what} is missing or is not what was written.`,
    'Use another backup.',
  );

export function readAbout(folder: string): AboutBackup {
  try {
    return aboutShape.parse(JSON.parse(readFileSync(join(folder, names.about), 'utf8')));
  } catch {
    throw damaged(names.about);
  }
}

/** The objects that the backup lists, after the list's own hash was found right. */
export function readObjects(folder: string, about: AboutBackup): CopiedObject[] {
  try {
    const text = readFileSync(join(folder, names.objects), 'utf8');
    if (createHash('sha256').update(text).digest('hex') !== about.objects.sha256)
      throw damaged(names.objects);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => objectShape.parse(JSON.parse(line)));
  } catch {
    throw damaged(names.objects);
  }
}

/** Reads a file whole and answers its SHA-256; rejects when it is not `expected`. */
export async function checkFile(path: string, expected: string, what: string): Promise<void> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  } catch {
    throw damaged(what);
  }
  if (hash.digest('hex') !== expected) throw damaged(what);
}
