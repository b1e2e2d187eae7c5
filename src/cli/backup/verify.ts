/**
 * `custos backup verify DIR`: every file against its hash, the log in the copy against the signed head, the object of
 * every item. Opens the copy read-only and opens no sealed byte: needs no key, only the log's public key.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { Command } from 'commander';
import { trustFile } from '../../compose/init.ts';
import { parseVkey } from '../../log/note-key.ts';
import { Frontier, leafHash } from '../../log/tree.ts';
import { readHead } from '../../store/log-start.ts';
import { CommandFailure } from '../failure.ts';
import { settingOf } from '../setting.ts';
import { type AboutBackup, type CopiedObject, checkFile, names, readAbout, readObjects } from './files.ts';

const failed = (code: string, words: string): CommandFailure =>
  new CommandFailure(3, code, words, 'Use another backup, and find out what happened to this one.');

/** The key to trust: from the trust file given, else the one beside this node's keys; else only what the backup says. */
function trusted(
  path: string | undefined,
  beside: string,
  about: AboutBackup,
): { vkey: string; pinned: boolean } {
  try {
    const [, vkey] = /^log (\S+)/m.exec(readFileSync(path ?? beside, 'utf8')) ?? [];
    if (vkey !== undefined) return { vkey, pinned: true };
  } catch (error) {
    if (path !== undefined) throw error;
  }
  return { vkey: about.vkey, pinned: false };
}

/** Recomputes the root of the entries that the head signs. Answers how many there are in all. */
function checkLog(db: Database.Database, head: { readonly size: number; readonly root: Uint8Array }): number {
  const frontier = new Frontier();
  const rows = db.prepare('select seq, bytes from log_entry order by seq').iterate();
  let next = 0;
  for (const row of rows as IterableIterator<{ seq: number; bytes: Buffer }>) {
    if (row.seq !== next) throw failed('LOG_BROKEN', `Entry ${next} is missing from the copy.`);
    if (next < head.size) frontier.append(leafHash(row.bytes));
    next += 1;
  }
  if (next < head.size) {
    throw failed('LOG_ROLLED_BACK', `The head signs ${head.size} entries; the copy has ${next}.`);
  }
  if (Buffer.compare(frontier.root(), head.root) !== 0) {
    throw failed('LOG_DIVERGED', `The first ${head.size} entries are not those that were signed.`);
  }
  return next;
}

/** Every item that is not shredded has its object and its recovery file in the backup. */
function checkItems(db: Database.Database, objects: ReadonlySet<string>): number {
  const rows = db.prepare("select object_name as name from item where state <> 'shredded'").all();
  for (const { name } of rows as { name: string }[]) {
    for (const wanted of [name, name.replace('objects/', 'recovery/')]) {
      if (!objects.has(wanted))
        throw failed('OBJECT_MISSING', `The object ${wanted} of an item is not in the backup.`);
    }
  }
  return rows.length;
}

/** What was found; rejects with a `CommandFailure` at the first thing that does not hold. */
export async function checkBackup(folder: string, vkey: string) {
  const about = readAbout(folder);
  const objects: CopiedObject[] = readObjects(folder, about);
  const note = readFileSync(join(folder, names.head), 'utf8');
  await checkFile(join(folder, names.head), about.head.sha256, names.head);
  const head = readHead(note, { key: parseVkey(vkey), origin: about.origin });
  for (const { name, sha256 } of objects) await checkFile(join(folder, names.store, name), sha256, name);
  if (!about.database) return { about, entries: null, items: null, objects, note, head };
  await checkFile(join(folder, names.database), about.database.sha256, names.database);
  const db = new Database(join(folder, names.database), { readonly: true, fileMustExist: true });
  try {
    const entries = checkLog(db, head);
    const items = checkItems(db, new Set(objects.map(({ name }) => name)));
    return { about, entries, items, objects, note, head };
  } finally {
    db.close();
  }
}

export async function verifyBackup(
  dir: string,
  wish: { readonly trust?: string },
  command: Command,
): Promise<void> {
  const { config, talk } = settingOf(command);
  const folder = resolve(dir);
  const about = readAbout(folder);
  const { vkey, pinned } = trusted(wish.trust, trustFile(config), about);
  const { entries, items, objects, head } = await checkBackup(folder, vkey);
  talk.data(
    [
      `log      ${about.origin}, ${head.size} entries signed${entries === null ? '' : `, ${entries} in the copy`}`,
      `items    ${items ?? 'in PostgreSQL, not looked at'}`,
      `objects  ${objects.length}, every one as it was copied`,
      'The backup holds.',
    ],
    { origin: about.origin, signed: head.size, entries, items, objects: objects.length, pinned, holds: true },
  );
  if (!pinned)
    talk.warn(
      'The signature was checked with the key that the backup itself names: give --trust FILE with a pinned one.',
    );
}
