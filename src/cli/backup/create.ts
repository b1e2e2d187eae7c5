/**
 * `custos backup create DIR`: head first, then the database as of one moment, then the objects: so the copy holds every
 * entry that its head signs, and the object of every item that it knows (P5, I28). The keyring is never in it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { actorOf } from '../../acts/actor.ts';
import { entry } from '../../acts/entry.ts';
import { type BlobStore, blobName } from '../../acts/ports/blob.ts';
import { logDraft } from '../../acts/record.ts';
import { openFolderStore } from '../../blob/folder.ts';
import type { Parts } from '../../compose/parts.ts';
import { databaseUrl } from '../../config.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { readCheckpoint } from '../../log/checkpoint.ts';
import { engineOf } from '../../store/open-connection.ts';
import { CommandFailure } from '../failure.ts';
import { settingOf } from '../setting.ts';
import type { Talk } from '../talk.ts';
import { copyObject } from './copy-object.ts';
import { type AboutBackup, type CopiedObject, names, readAbout, readObjects } from './files.ts';

/** What an item needs to be opened again. Uploads under way are not backed up: their senders send again. */
const prefixes = ['objects/', 'recovery/'] as const;

export const keysWords = `Keys are never in a backup, and without them it opens nothing (K1, K2). Keep, in another place than the backup:
  the keyring's replica (keys.replica: a second folder that the service writes at every change), and
  seal.json with what opens it: the key file, the passphrase, or the shares.`;

async function copyObjects(
  from: BlobStore,
  folder: string,
  known: ReadonlyMap<string, CopiedObject>,
  talk: Talk,
) {
  const to = await openFolderStore(join(folder, names.store));
  const copied: CopiedObject[] = [];
  for (const prefix of prefixes) {
    for await (const { name } of from.list(prefix)) {
      copied.push(known.get(name) ?? (await copyObject(from, to, blobName(name))));
      if (copied.length % 100 === 0) talk.say(`  ${copied.length} objects`);
    }
  }
  return copied.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function copyDatabase(parts: Parts, folder: string): Promise<AboutBackup['database']> {
  if (engineOf(databaseUrl(parts.config)) !== 'sqlite') return null;
  const path = join(folder, names.database);
  const { size, entries } = await parts.store.backup(path);
  return { size, entries, sha256: sha256(readFileSync(path)) };
}

/** The log says that a backup was made, of how much, and with which digest. */
async function record({ deps }: Parts, size: number, digest: string): Promise<void> {
  const { now } = deps.clock.judge((await deps.ledger.head()).at);
  const actor = await actorOf(deps, { system: 'backup', requestId: deps.chance.id() }, now);
  if (isRefusal(actor)) throw new Error('The system is no actor.');
  const stated = entry('backup.created', [], { size, digest });
  await deps.ledger.append([await logDraft(deps, actor, stated, now, new Map())]);
}

/** A folder that is new or empty; with `add`, one that holds a backup already. */
function openTarget(folder: string, add: boolean): ReadonlyMap<string, CopiedObject> {
  if (add) {
    const about = readAbout(folder);
    return new Map(readObjects(folder, about).map((object) => [object.name, object]));
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new CommandFailure(4, 'NOT_EMPTY', `${folder} is not empty.`, 'Name a new folder for each backup.');
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return new Map();
}

export async function createBackup(
  dir: string,
  wish: { readonly add?: boolean },
  command: Command,
): Promise<void> {
  const { talk, withParts } = settingOf(command);
  const folder = resolve(dir);
  const known = openTarget(folder, wish.add ?? false);
  await withParts(async (parts) => {
    const { note } = wish.add
      ? { note: readFileSync(join(folder, names.head), 'utf8') }
      : await parts.store.ledger.seal();
    const head = { size: readCheckpoint(note).checkpoint.size, sha256: sha256(note) };
    if (!wish.add) writeFileSync(join(folder, names.head), note, { flag: 'wx', mode: 0o600, flush: true });
    talk.say('Copying the database …');
    const database = wish.add ? readAbout(folder).database : await copyDatabase(parts, folder);
    talk.say('Copying sealed objects …');
    const objects = await copyObjects(parts.vault.blob, folder, known, talk);
    const list = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
    writeFileSync(join(folder, names.objects), list, { mode: 0o600, flush: true });
    const { origin, epoch, appendKey } = parts.keys.node;
    const about: AboutBackup = {
      format: 'custos-backup/1',
      at: new Date().toISOString(),
      origin,
      vkey: parts.keys.vkey,
      epoch,
      appendKey,
      database,
      head,
      objects: {
        count: objects.length,
        bytes: objects.reduce((sum, { size }) => sum + size, 0),
        sha256: sha256(list),
      },
    };
    const text = `${JSON.stringify(about, null, 2)}\n`;
    writeFileSync(join(folder, names.about), text, { mode: 0o600, flush: true });
    await record(parts, (database?.size ?? 0) + about.objects.bytes, sha256(text));
    tell(talk, folder, about);
  });
}

function tell(talk: Talk, folder: string, about: AboutBackup): void {
  talk.data(
    [
      `backup   ${folder}`,
      `entries  ${about.head.size} signed${about.database ? `, ${about.database.entries} in the copy` : ''}`,
      `objects  ${about.objects.count}, ${about.objects.bytes} bytes`,
    ],
    { folder, ...about },
  );
  if (!about.database) {
    talk.warn(
      'The database is PostgreSQL: dump it now with pg_dump or a base backup, then run this again with --add, so that\nevery item in the dump has its object here.',
    );
  }
  talk.say(keysWords);
}
