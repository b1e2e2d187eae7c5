/**
 * `custos ingest DIR`: takes the files of a folder into custody, through the same acts and vault as the door (K5). May be
 * stopped and run again: what is in custody is passed over by its fingerprint, what was begun goes on where it stood.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Caller } from '../acts/act.ts';
import { allowedNow } from '../acts/allowed-now.ts';
import { type Accessioned, accessionItem } from '../acts/intake/accession-item.ts';
import { beginIntake } from '../acts/intake/begin-intake.ts';
import { uploadRowOf } from '../acts/ports/content.ts';
import type { Parts } from '../compose/parts.ts';
import { asId, type CentreId, type ItemId, subjectOf } from '../domain/ids.ts';
import { isRefusal } from '../domain/refusal.ts';
import { CommandFailure, refusedFailure } from './failure.ts';
import { callerAs, settingOf } from './setting.ts';
import type { Talk } from './talk.ts';
import { centreOf } from './user.ts';

interface Wish {
  readonly as: string;
  readonly centre?: string;
  readonly class: string;
  readonly source: string;
  readonly place: string;
}

const types: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.mkv': 'video/matroska',
  '.avi': 'video/x-msvideo',
  '.ts': 'video/mp2t',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
  '.m4a': 'audio/mp4',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
};

interface Source {
  readonly path: string;
  readonly title: string;
  readonly size: number;
}

/** Plain files under `folder`, in order; links and what begins with a dot are passed over. */
async function filesIn(folder: string): Promise<Source[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Source[] = [];
  for (const entry of found) {
    const path = join(entry.parentPath, entry.name);
    const title = relative(folder, path);
    if (!entry.isFile() || title.split('/').some((part) => part.startsWith('.'))) continue;
    files.push({ path, title, size: (await stat(path)).size });
  }
  return files.sort((a, b) => (a.title < b.title ? -1 : 1));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(piece as Buffer);
  return hash.digest('hex');
}

class Ingest {
  readonly #parts: Parts;
  readonly #caller: Caller & { readonly commandLine: string };
  readonly #centre: CentreId;
  readonly #wish: Wish;
  readonly #talk: Talk;

  constructor(parts: Parts, caller: Caller, centre: CentreId, wish: Wish, talk: Talk) {
    if (!('commandLine' in caller)) throw new Error('Only a person takes files in.');
    this.#parts = parts;
    this.#caller = caller;
    this.#centre = centre;
    this.#wish = wish;
    this.#talk = talk;
  }

  /** The item of one file, and whether it was there before. */
  async take(
    file: Source,
  ): Promise<{ readonly number: string; readonly state: string; readonly known: boolean }> {
    const { store } = this.#parts;
    const sha256 = await sha256Of(file.path);
    const { rows } = await store.lists.catalogue({ centres: [this.#centre], sha256 }, 1);
    const [known] = rows;
    if (known) return { number: known.number, state: known.state, known: true };
    const intake = (await this.#begun(sha256, file.size)) ?? (await this.#begin(file, sha256));
    await this.#send(intake, file);
    const done = await this.#parts.perform(accessionItem, this.#caller, { intake });
    if (isRefusal(done)) throw refusedFailure(done);
    await this.#parts.vault.uploads.settle(intake);
    const { number, state }: Accessioned = done.result;
    return { number, state, known: false };
  }

  async #begun(sha256: string, size: number): Promise<ItemId | undefined> {
    const { now } = this.#parts.clock.judge((await this.#parts.store.ledger.head()).at);
    const person = asId<'person'>(this.#caller.commandLine);
    const [open] = await this.#parts.store.reads.all('intake', {
      personId: person,
      centreId: this.#centre,
      state: 'open',
      declaredSha256: sha256,
      size,
      expiresAt: { gt: now },
    });
    return open?.id;
  }

  async #begin(file: Source, sha256: string): Promise<ItemId> {
    const claimedType = types[extname(file.title).toLowerCase()] ?? '';
    const { source, place, class: itemClass } = this.#wish;
    const done = await this.#parts.perform(beginIntake, this.#caller, {
      centre: this.#centre,
      kind: /^(video|audio)\//.test(claimedType) ? 'recording' : 'document',
      class: itemClass,
      title: file.title,
      source,
      place,
      claimedType,
      size: file.size,
      sha256,
    });
    if (isRefusal(done)) throw refusedFailure(done);
    return done.result.intake;
  }

  async #send(id: ItemId, file: Source): Promise<void> {
    const { reads } = this.#parts.store;
    const { uploads } = this.#parts.vault;
    const intake = await reads.one('intake', { id });
    const key = await reads.one('subjectKey', { id: subjectOf('item', id) });
    if (!intake || !key) throw refusedFailure({ refused: 'not-found' });
    const row = uploadRowOf(intake, key);
    await uploads.create(row);
    const offset = (await uploads.offset(row)) ?? 0;
    if (offset === file.size) return;
    if (offset > 0) this.#talk.say(`  goes on at ${offset} of ${file.size} bytes`);
    const body = createReadStream(file.path, { start: offset, highWaterMark: 1024 * 1024 });
    const sent = await uploads.write(row, offset, body as AsyncIterable<Buffer>);
    if ('refused' in sent)
      throw new CommandFailure(75, sent.refused, `The upload of ${file.title} did not go on.`, 'Try again.');
    if (sent.offset !== file.size) {
      throw new CommandFailure(
        75,
        'upload-cut',
        `${file.title} changed or could not be read to its end.`,
        'Try again.',
      );
    }
  }
}

export async function ingest(folder: string, wish: Wish, command: Command): Promise<void> {
  const { talk, withParts } = settingOf(command);
  await withParts(async (parts) => {
    const centre = asId<'centre'>(await centreOf(parts, wish.centre));
    const caller = await callerAs(parts, wish.as);
    // Asked before a fingerprint is looked up: who may not take in does not learn what is there (S4).
    if (!(await allowedNow(parts.deps, 'begin-intake', caller, [centre]))) {
      throw refusedFailure({ refused: 'office-missing', rule: 'R2' });
    }
    const work = new Ingest(parts, caller, centre, wish, talk);
    const files = await filesIn(resolve(folder));
    const taken: { file: string; number: string; state: string; known: boolean }[] = [];
    for (const [at, file] of files.entries()) {
      talk.say(`${at + 1}/${files.length} ${file.title}`);
      taken.push({ file: file.title, ...(await work.take(file)) });
    }
    talk.data(
      taken.map(({ file, number, state, known }) => `${number}  ${known ? 'known' : state}  ${file}`),
      taken,
    );
  });
}
