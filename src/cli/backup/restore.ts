/**
 * `custos backup restore DIR`: puts a checked backup into empty folders. Refuses what is not empty. The signed head of
 * the keys folder stays where there is one: an older database under it does not start (L5.4), and nothing overrides that.
 */
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { blobName } from '../../acts/ports/blob.ts';
import { openFolderStore } from '../../blob/folder.ts';
import { readNodeFile, writeNodeFile } from '../../compose/node-file.ts';
import { openBlobs } from '../../compose/vault.ts';
import { type Config, databaseUrl, headFile } from '../../config.ts';
import { readCheckpoint } from '../../log/checkpoint.ts';
import { HeadFile } from '../../store/head-file.ts';
import { engineOf, sqlitePath } from '../../store/open-connection.ts';
import { CommandFailure } from '../failure.ts';
import { settingOf } from '../setting.ts';
import type { Talk } from '../talk.ts';
import { copyObject } from './copy-object.ts';
import { keysWords } from './create.ts';
import { type CopiedObject, names, readAbout } from './files.ts';
import { checkBackup } from './verify.ts';

const notEmpty = (what: string): CommandFailure =>
  new CommandFailure(
    4,
    'NOT_EMPTY',
    `${what} is not empty.`,
    'Restore into new folders; nothing is ever written over.',
  );

/** The database's path, which must not exist, or undefined for PostgreSQL. */
function freeDatabase(config: Config): string | undefined {
  const url = databaseUrl(config);
  if (engineOf(url) !== 'sqlite') return undefined;
  const path = sqlitePath(url);
  if (['', '-wal', '-shm'].some((end) => existsSync(`${path}${end}`))) throw notEmpty(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

async function restoreObjects(config: Config, folder: string, objects: readonly CopiedObject[], talk: Talk) {
  const to = await openBlobs(config);
  for await (const { name } of to.list('objects/')) throw notEmpty(`The store, which holds ${name},`);
  const from = await openFolderStore(join(folder, names.store));
  for (const [at, { name, sha256 }] of objects.entries()) {
    const copied = await copyObject(from, to, blobName(name));
    if (copied.sha256 !== sha256)
      throw new CommandFailure(
        3,
        'BACKUP_DAMAGED',
        `${name} changed while it was read.`,
        'Use another backup.',
      );
    if ((at + 1) % 100 === 0) talk.say(`  ${at + 1} of ${objects.length} objects`);
  }
}

/** Puts the head where there is none; answers the size of the one that counts from now on. */
async function restoreHead(config: Config, note: string): Promise<number> {
  const heads = new HeadFile(headFile(config));
  const there = await heads.read();
  if (there === null) await heads.create(note);
  return readCheckpoint(there ?? note).checkpoint.size;
}

function restoreNodeFile(config: Config, about: ReturnType<typeof readAbout>): void {
  const folder = resolve(config.keys.folder);
  const { origin, epoch, appendKey } = about;
  if (!existsSync(join(folder, 'log.json'))) writeNodeFile(folder, { origin, epoch, appendKey });
  else if (readNodeFile(folder).origin !== origin)
    throw new CommandFailure(
      4,
      'OTHER_LOG',
      'The keys folder belongs to another log than the backup.',
      'Name the keys folder of this log.',
    );
}

export async function restoreBackup(dir: string, _wish: object, command: Command): Promise<void> {
  const { config, talk } = settingOf(command);
  const folder = resolve(dir);
  const about = readAbout(folder);
  const path = freeDatabase(config);
  restoreNodeFile(config, about);
  talk.say('Checking the backup …');
  const { objects, note, entries } = await checkBackup(folder, about.vkey);
  await restoreObjects(config, folder, objects, talk);
  if (path !== undefined && about.database) {
    copyFileSync(join(folder, names.database), path, constants.COPYFILE_EXCL);
  }
  const signed = await restoreHead(config, note);
  talk.data([`restored ${objects.length} objects${entries === null ? '' : ` and ${entries} entries`}`], {
    objects: objects.length,
    entries,
    signed,
  });
  if (entries !== null && signed > entries) {
    talk.warn(
      `LOG_ROLLED_BACK: the head in the keys folder signs ${signed} entries, this backup has ${entries}. The service will not\nstart on it: restore the newest copy. Nothing overrides this.`,
    );
  }
  if (path === undefined)
    talk.warn('The database is PostgreSQL: restore its dump with its own tools before you start.');
  if (readdirSync(resolve(config.keys.folder)).every((name) => !name.endsWith('.keyring')))
    talk.warn(keysWords);
  talk.say('Next: custos doctor, then custos log check, then custos start.');
}
