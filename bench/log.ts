/** The custody log: durable facts, acts, and a whole log verified, each beside what the disk or a bare hash allows. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Caller } from '../src/acts/act.ts';
import { exportLog } from '../src/acts/log/export-log.ts';
import { reinstatePerson } from '../src/acts/people/reinstate-person.ts';
import { suspendPerson } from '../src/acts/people/suspend-person.ts';
import type { LogDraft } from '../src/acts/ports/ledger.ts';
import { founders } from '../src/cli/demo/cast.ts';
import { demoSettings, newNode } from '../src/cli/demo/once.ts';
import { seedPeople } from '../src/cli/demo/people.ts';
import { SetClock, Stage } from '../src/cli/demo/stage.ts';
import { packages } from '../src/compose/packages.ts';
import { openParts, type Parts } from '../src/compose/parts.ts';
import { readConfig } from '../src/config.ts';
import { createPasswords } from '../src/crypto/password.ts';
import { isRefusal } from '../src/domain/refusal.ts';
import { verifyCommand } from '../src/verify/command.ts';
import { contest, type Figure } from './figure.ts';
import { fsyncOf, isMemory } from './machine.ts';

const runMs = 3_000;
const callers = 8;

/** How often `work` is done in a second by `writers` at once. */
async function perSecond(writers: number, work: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + runMs;
  let done = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() < end) {
      await work();
      done += 1;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: writers }, writer));
  return (done * 1000) / (performance.now() - began);
}

/** Bench names: facts, acts, verify. */
export async function logFigures(folder: string): Promise<Figure[]> {
  if (isMemory(folder)) return [];
  const settings = demoSettings(join(folder, 'log'), {});
  const { token, trustFile } = await newNode(settings);
  const { config } = readConfig({}, settings);
  const clock = new SetClock(Date.now());
  const passwords = createPasswords({ memory: 64, passes: 1, lanes: 1 }, { atOnce: 2, waiting: 64 });
  const parts = await openParts(config, { clock, passwords });
  try {
    const stage = new Stage(parts, clock);
    await seedPeople(stage, token);
    const officer = await stage.signIn('sun');
    const auditor = await stage.signIn('zhou');
    const disk = () => Promise.resolve(fsyncOf(folder).perSecond);
    const peer = 'this disk: 4 KiB written and synced, one after the other';
    const facts = await contest({
      name: 'facts',
      unit: 'durable facts/s, 64 writers, 3 subjects',
      peer,
      goal: '≥ 3,000/s',
      ours: () => perSecond(64, () => parts.deps.ledger.append([fact(parts.deps.chance.id, clock.now)])),
      theirs: disk,
    });
    // Acts that leave the tables as large as they were: people are suspended and reinstated in turn.
    const people = await seated(parts);
    let turn = 0;
    const act = async (): Promise<void> => {
      const person = people[turn % people.length];
      const input = { person, reason: 'bench' };
      const suspends = Math.floor(turn / people.length) % 2 === 0;
      turn += 1;
      clock.set(Date.now());
      const done = suspends
        ? await parts.perform(suspendPerson, officer, input)
        : await parts.perform(reinstatePerson, officer, input);
      if (isRefusal(done)) throw new Error(done.refused);
    };
    const acts = await contest({
      name: 'acts',
      unit: `acts/s, ${callers} callers`,
      peer,
      goal: '≥ 1,000/s',
      ours: () => perSecond(callers, act),
      theirs: disk,
    });
    return [facts, acts, await verifyFigure(folder, parts, auditor, trustFile)];
  } finally {
    await parts.close({ seal: true });
  }
}

/** Everybody but the three officers. */
async function seated({ deps }: Parts): Promise<string[]> {
  const officers = new Set<string>(Object.values(founders).map(({ account }) => account));
  const accounts = await deps.reads.all('account', { state: 'active' });
  return accounts.filter(({ name }) => !officers.has(name)).map(({ personId }) => personId);
}

function fact(id: () => string, at: number): LogDraft {
  const [item, grant, person] = [id(), id(), id()];
  const subjects = [`grant:${grant}`, `item:${item}`, `person:${person}`];
  const facts = { grant, viewing: id(), session: randomBytes(32).toString('hex'), from: 0, to: 1_048_576 };
  return { at, kind: 'content.released', actor: `person:${person}`, subjects, facts, private: {} };
}

/** The whole log exported and verified, against hashing the same bytes. */
async function verifyFigure(
  folder: string,
  parts: Parts,
  auditor: Caller,
  trustFile: string,
): Promise<Figure> {
  const wish = { scope: { kind: 'full' }, disclose: 'none' } as const;
  const done = await parts.perform(exportLog, auditor, wish);
  if (isRefusal(done)) throw new Error(done.refused);
  const { origin } = parts.keys.node;
  const maker = packages({ store: parts.store, privacy: parts.deps.privacy, origin, seed: parts.keys.seed });
  const made = done.receipts[0]?.seq ?? 0;
  const file = join(folder, 'full.custos.tar');
  await pipeline(Readable.from(maker.package(wish, made)), createWriteStream(file));
  const trust = join(folder, 'trust.policy');
  await copyFile(trustFile, trust);
  const quiet = { stdout: { write: () => true }, stderr: { write: () => true } };
  const entriesPerSecond = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return (made * 1000) / (performance.now() - began);
  };
  return contest({
    name: 'verify',
    unit: `entries/s, full log of ${made} entries`,
    peer: 'SHA-256 of the same bytes',
    goal: '≥ 100,000/s',
    ours: () =>
      entriesPerSecond(async () => {
        const code = await verifyCommand([file, '--trust', trust], quiet);
        if (code !== 0) throw new Error(`The verifier ended in ${code}.`);
      }),
    theirs: () =>
      entriesPerSecond(() =>
        pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), createHash('sha256')),
      ),
  });
}
