/**
 * A whole service without its doors: a real SQLite store, keyring, privacy, folder of sealed bytes and vault, with a
 * clock that the test turns and cheap passwords. `setUp` makes the county with its three officers, `member` a person
 * with offices, signed in and bound by the agreement, each through the acts themselves.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { ActSettings, Caller, Deps } from '../../src/acts/act.ts';
import { actorOf } from '../../src/acts/actor.ts';
import { commonFacts, kinds } from '../../src/acts/kinds.ts';
import { perform } from '../../src/acts/perform.ts';
import type { Findings } from '../../src/acts/ports/intake-vault.ts';
import { Rights } from '../../src/acts/rights/proof.ts';
import { openFolderStore } from '../../src/blob/folder.ts';
import { canonical } from '../../src/crypto/canonical.ts';
import { sha256Hex } from '../../src/crypto/digest.ts';
import { createPasswords } from '../../src/crypto/password.ts';
import { openKeyring } from '../../src/keys/keyring.ts';
import { RootKey } from '../../src/keys/root.ts';
import type { Entry } from '../../src/log/entry.ts';
import { defineKinds } from '../../src/log/kinds.ts';
import { createLog } from '../../src/store/create-log.ts';
import { openStore } from '../../src/store/store.ts';
import { intakeVault } from '../../src/vault/finish.ts';
import { intakeStore } from '../../src/vault/intake-store.ts';
import { fieldPrivacy } from '../../src/vault/privacy.ts';
import { uploadLocks } from '../../src/vault/upload-lock.ts';
import { itemsOf } from './world-items.ts';
import { CountedPasswords, Ear, SeededChance, TurnableClock } from './world-parts.ts';
import { done, firstRunToken, type Must, peopleOf, type Run } from './world-people.ts';

export type { Member } from './world-people.ts';
export { agreementText, done, firstRunToken } from './world-people.ts';

export const worldStart = Date.UTC(2026, 2, 2, 8, 0, 0);
export const worldSettings: ActSettings = {
  sessionIdleMs: 15 * 60_000,
  sessionEndMs: 8 * 3_600_000,
  sessionsAtOnce: 5,
  stepUpMs: 5 * 60_000,
  intakeTtlMs: 24 * 3_600_000,
  returnedTtlMs: 72 * 3_600_000,
  counterTtlMs: 24 * 3_600_000,
  chainCap: 2,
  leaseMs: 30_000,
  itemSizeMax: 1024 ** 3,
};

export interface WorldOptions {
  /** An empty PostgreSQL database; without it, a SQLite file of the world's own. */
  readonly url?: string;
  readonly seed?: string;
  readonly settings?: Partial<ActSettings>;
  readonly deps?: Partial<Deps>;
  /** Several tests share it: made in `beforeAll`, closed by `close()` in `afterAll`. */
  readonly shared?: boolean;
}

/** Opens a world that ends with the test, unless it is shared. */
export async function newWorld(options: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'custos-world-'));
  const clock = new TurnableClock(worldStart);
  const chance = new SeededChance(options.seed ?? 'world', clock);
  const config = {
    url: options.url ?? `sqlite:${join(folder, 'custos.db')}`,
    unsafeNoFsync: options.url !== undefined,
    origin: `custos.test/${'0123456789abcdef'.repeat(2)}`,
    epoch: 1,
    seed: chance.bytes(32),
    appendKeys: { 1: chance.bytes(32) },
    appendKey: 1,
    headPath: join(folder, 'head'),
    kinds: defineKinds(kinds, commonFacts),
    // A seal is dated by the machine's clock, which is not the one that the test turns.
    sealAfterMs: 3_600_000,
    sealIdleMs: 3_600_000,
  };
  await createLog(config, clock.wall);
  const store = await openStore(config);
  const root = RootKey.create();
  const keyring = await openKeyring({ root, folders: [join(folder, 'keys')] });
  const leaves = {
    async reserve(collection: string) {
      await keyring.create(collection);
      return keyring.reserve(collection);
    },
    leaf: keyring.leaf,
  };
  const { reads, ledger } = store;
  const findKey = (subject: string) => reads.one('subjectKey', { id: subject });
  const privacy = fieldPrivacy(leaves, findKey);
  const blob = await openFolderStore(join(folder, 'blobs'));
  const uploads = intakeStore(blob, leaves, uploadLocks(blob));
  /** What the media tools are to find in the next file. */
  const found: Pick<Findings, 'mediaType' | 'durationMs' | 'probe' | 'scan' | 'signature'> = {
    mediaType: 'video/mp4',
    durationMs: 60_000,
    probe: '',
    scan: 'clean',
    signature: null,
  };
  const finding = { ...found };
  const passwords = new CountedPasswords(
    createPasswords({ memory: 64, passes: 1, lanes: 1 }, { atOnce: 2, waiting: 64 }),
  );
  const live = new Ear();
  const deps: Deps = {
    reads,
    ledger,
    rights: new Rights(reads, ledger),
    clock,
    chance,
    privacy,
    passwords,
    digests: { sha256: (data) => sha256Hex(data), canonical },
    live,
    signInGuard: store.working.signInGuard,
    firstRun: { admits: async (token) => token === firstRunToken },
    intakeVault: intakeVault({
      blob,
      leaves,
      store: uploads,
      findKey,
      examine: async () => ({ ...finding }),
    }),
    settings: { ...worldSettings, ...options.settings },
    ...options.deps,
  };

  async function close(): Promise<void> {
    await store.close();
    keyring.close();
    root.wipe();
    await rm(folder, { recursive: true, force: true });
  }
  if (!options.shared) onTestFinished(close);

  let requests = 0;
  const requestId = () => `request-${++requests}`;
  const system = (name = 'timer'): Caller => ({ system: name, requestId: requestId() });
  const anonymous = (): Caller => ({ anonymous: true, requestId: requestId() });

  const run: Run = (act, who, input) => perform(deps, act, 'caller' in who ? who.caller : who, input);
  const must: Must = async (act, who, input) => done(await run(act, who, input));
  const actorNow = async (caller: Caller) => actorOf(deps, caller, clock.judge((await ledger.head()).at).now);
  const people = peopleOf({ reads, run, must, anonymous, requestId, actorNow });
  const items = itemsOf({ reads, must, chance, findKey, uploads });

  /** The custody log from entry `from` on, as stored. */
  async function log(from = 0): Promise<Entry[]> {
    const { next } = await ledger.head();
    const entries: Entry[] = [];
    for (let seq = from; seq < next; seq++) {
      const { bytes } = await ledger.entry(seq);
      entries.push(JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry);
    }
    return entries.filter(({ kind }) => kind !== 'seal');
  }
  const next = async () => (await ledger.head()).next;

  /** The same service in another process: a store of its own on the same database (PostgreSQL only). */
  async function secondNode(): Promise<{ readonly deps: Deps; close(): Promise<void> }> {
    const other = await openStore(config);
    return {
      deps: {
        ...deps,
        reads: other.reads,
        ledger: other.ledger,
        rights: new Rights(other.reads, other.ledger),
      },
      close: () => other.close(),
    };
  }

  return {
    deps,
    reads,
    clock,
    chance,
    passwords,
    store,
    live,
    finding,
    blob,
    uploads,
    keyring,
    folder,
    run,
    must,
    perform: run,
    ...people,
    ...items,
    log,
    next,
    secondNode,
    system,
    anonymous,
    close,
  };
}

/** One world for all tests of a file: opening one costs more than all that happens in it. */
export function sharedWorld(options: WorldOptions = {}): { readonly world: World } {
  const held: { world?: World } = {};
  beforeAll(async () => {
    held.world = await newWorld({ ...options, shared: true });
  });
  afterAll(() => held.world?.close());
  return held as { world: World };
}

export type World = Awaited<ReturnType<typeof newWorld>>;
