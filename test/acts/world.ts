/**
 * A whole service without its doors: a real SQLite store, keyring, privacy, folder of sealed bytes and vault, with a
 * clock that the test turns and cheap passwords. `setUp` makes the county with its three officers, `member` a person
 * with offices, signed in and bound by the agreement, each through the acts themselves.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { changePassword } from '../../src/acts/access/change-password.ts';
import { proveStepUp } from '../../src/acts/access/prove-step-up.ts';
import { type SetUpDone, setUp as setUpAct } from '../../src/acts/access/set-up.ts';
import { signAgreement } from '../../src/acts/access/sign-agreement.ts';
import { type SignedIn, signIn as signInAct } from '../../src/acts/access/sign-in.ts';
import type { Act, ActSettings, Caller, Deps, Loaded } from '../../src/acts/act.ts';
import { actorOf } from '../../src/acts/actor.ts';
import { type Accessioned, accessionItem } from '../../src/acts/intake/accession-item.ts';
import { beginIntake } from '../../src/acts/intake/begin-intake.ts';
import { commonFacts, kinds } from '../../src/acts/kinds.ts';
import type { ActName } from '../../src/acts/may.ts';
import { assignOffice } from '../../src/acts/people/assign-office.ts';
import { confirmPerson } from '../../src/acts/people/confirm-person.ts';
import { createCentre } from '../../src/acts/people/create-centre.ts';
import { createPerson } from '../../src/acts/people/create-person.ts';
import { createUnit } from '../../src/acts/people/create-unit.ts';
import { startPosting } from '../../src/acts/people/start-posting.ts';
import { type Done, perform } from '../../src/acts/perform.ts';
import { uploadRowOf } from '../../src/acts/ports/content.ts';
import type { Findings } from '../../src/acts/ports/intake-vault.ts';
import { openFolderStore } from '../../src/blob/folder.ts';
import { canonical } from '../../src/crypto/canonical.ts';
import { sha256Hex } from '../../src/crypto/digest.ts';
import { createPasswords } from '../../src/crypto/password.ts';
import type {
  AccountId,
  CentreId,
  ItemId,
  PersonId,
  PostingId,
  SessionId,
  UnitId,
} from '../../src/domain/ids.ts';
import type { ItemClass, ItemKind } from '../../src/domain/item.ts';
import type { Office } from '../../src/domain/people.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
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
import { CountedPasswords, Ear, SeededChance, TurnableClock } from './world-parts.ts';

export const worldStart = Date.UTC(2026, 2, 2, 8, 0, 0);
export const firstRunToken = 'first-run-token-of-the-world';
export const agreementText = '保密协议 第一版: what is seen here stays here.';

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

/** Somebody who is signed in. `caller` changes with every sign-in. */
export interface Member {
  readonly person: PersonId;
  readonly account: AccountId;
  /** Account name. */
  readonly name: string;
  /** Under which the offices are held; null for who was not posted. */
  readonly posting: PostingId | null;
  readonly centre: CentreId;
  password: string;
  caller: Caller;
  session: SessionId;
}

export interface MemberWish {
  readonly centre?: CentreId;
  readonly unit?: UnitId;
  readonly offices?: readonly Office[];
  /** With it, the approver among `offices` leads the unit instead of the centre. */
  readonly leads?: 'unit' | 'centre';
  readonly clearance?: ItemClass;
  readonly name?: string;
  /** False: has not signed the agreement. */
  readonly bound?: boolean;
}

export interface ItemWish {
  readonly class?: ItemClass;
  readonly kind?: ItemKind;
  readonly title?: string;
  readonly bytes?: Uint8Array;
  readonly involved?: readonly PersonId[];
  readonly claimedType?: string;
}

export interface Officers extends SetUpDone {
  readonly administrator: Member;
  readonly security: Member;
  readonly auditorMember: Member;
}

/** One county and two townships below it, each with a unit. */
export interface Places {
  readonly county: CentreId;
  readonly townA: CentreId;
  readonly townB: CentreId;
  readonly countyUnit: UnitId;
  readonly unitA: UnitId;
  readonly unitB: UnitId;
}

export interface WorldOptions {
  /** An empty PostgreSQL database; without it, a SQLite file of the world's own. */
  readonly url?: string;
  readonly seed?: string;
  readonly settings?: Partial<ActSettings>;
  readonly deps?: Partial<Deps>;
  /** Several tests share it: made in `beforeAll`, closed by `close()` in `afterAll`. */
  readonly shared?: boolean;
}

/** Unwraps what must have been done; a refusal fails the test with its code and rule. */
export function done<R>(outcome: Done<R> | Refusal): R {
  if (isRefusal(outcome)) throw new Error(`Refused: ${JSON.stringify(outcome)}`);
  return outcome.result;
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

  const run = <I, S extends Loaded, R, P>(
    act: Act<I, S, R, P>,
    who: Caller | Member,
    input: unknown,
  ): Promise<Done<R> | Refusal> => perform(deps, act, 'caller' in who ? who.caller : who, input);
  const must = async <I, S extends Loaded, R, P>(
    act: Act<I, S, R, P>,
    who: Caller | Member,
    input: unknown,
  ) => done(await run(act, who, input));

  const signInAs = (name: string, password: string) => run(signInAct, anonymous(), { name, password });

  /** Signs a member in again and makes that session the current one. */
  async function signIn(member: Member): Promise<SignedIn> {
    const signed = done(await signInAs(member.name, member.password));
    member.session = signed.session;
    member.caller = { session: signed.session, requestId: requestId() };
    return signed;
  }

  async function bind(member: Member): Promise<void> {
    const [current] = await reads.all('agreement', {}, { orderBy: 'version', descending: true, limit: 1 });
    if (!current) throw new Error('There is no agreement.');
    const { version, textHash } = current;
    await must(signAgreement, member, { version, textHash, password: member.password });
  }

  /** Signs in again whose session has ended, and signs what has to be signed. */
  async function fresh(member: Member): Promise<void> {
    const actor = await actorOf(reads, member.caller, clock.judge((await ledger.head()).at).now);
    if (isRefusal(actor)) await signIn(member);
    if (isRefusal(actor) || !actor.bound) await bind(member);
  }

  let officers: Officers | undefined;
  /** The first run, once; afterwards the three officers are signed in and bound. */
  async function setUp(): Promise<Officers> {
    if (officers) {
      for (const who of [officers.administrator, officers.security, officers.auditorMember]) await fresh(who);
      return officers;
    }
    const people = {
      systemAdministrator: {
        name: '钱管',
        home: '县信息中心',
        account: 'sa',
        password: 'plum rain on tiles 1',
      },
      securityOfficer: { name: '孙安', home: '县保密局', account: 'so', password: 'plum rain on tiles 2' },
      auditor: { name: '周审', home: '县审计局', account: 'auditor', password: 'plum rain on tiles 3' },
    };
    const made = await must(setUpAct, anonymous(), {
      token: firstRunToken,
      centre: '龙泉县社会治理中心',
      agreement: agreementText,
      ...people,
    });
    const officer = async (field: keyof typeof people): Promise<Member> => {
      const { account: name, password } = people[field];
      const member = await memberOf(made.persons[field], made.centre, name, password);
      await bind(member);
      return member;
    };
    officers = {
      ...made,
      administrator: await officer('systemAdministrator'),
      security: await officer('securityOfficer'),
      auditorMember: await officer('auditor'),
    };
    return officers;
  }

  async function memberOf(person: PersonId, centre: CentreId, name: string, password: string) {
    const account = await reads.one('account', { personId: person, nameKey: name });
    const posting = await reads.one('posting', { personId: person, endedSeq: null });
    if (!account) throw new Error(`No account ${name}.`);
    const member: Member = {
      person,
      account: account.id,
      name,
      posting: posting?.id ?? null,
      centre,
      password,
      caller: anonymous(),
      session: '' as SessionId,
    };
    await signIn(member);
    return member;
  }

  let people = 0;
  /** A new person with these offices, through all the acts that it takes. */
  async function member(wish: MemberWish = {}): Promise<Member> {
    const { administrator, security, centre: county } = await setUp();
    const { centre = county, unit, offices = [], clearance = 'sensitive', bound = true, leads } = wish;
    people += 1;
    const account = wish.name ?? `user${people}`;
    const created = await must(createPerson, administrator, {
      centre,
      name: `张${account}`,
      home: '龙泉县公安局',
      clearance,
      account,
    });
    const { person } = created;
    await must(confirmPerson, security, { person });
    if (offices.length > 0) {
      const { posting } = await must(startPosting, security, { person, centre, unit });
      for (const office of offices) {
        const seat = office === 'approver' && leads === 'unit' ? unit : undefined;
        await must(assignOffice, security, { posting, office, unit: seat });
      }
    }
    const made = await memberOf(person, centre, account, created.firstPassword);
    const password = `plum rain on tiles ${people + 100}`;
    const changed = await must(changePassword, made, { current: made.password, next: password });
    made.password = password;
    made.session = changed.session;
    made.caller = { session: changed.session, requestId: requestId() };
    if (bound) await bind(made);
    return made;
  }

  let places: Places | undefined;
  async function townships(): Promise<Places> {
    if (places) return places;
    const { security, centre: county } = await setUp();
    const { centre: townA } = await must(createCentre, security, { parent: county, name: '东溪镇' });
    const { centre: townB } = await must(createCentre, security, { parent: county, name: '西溪镇' });
    const unit = async (centre: CentreId) =>
      (await must(createUnit, security, { centre, name: '综治值班室' })).unit;
    places = {
      county,
      townA,
      townB,
      countyUnit: await unit(county),
      unitA: await unit(townA),
      unitB: await unit(townB),
    };
    return places;
  }

  /** Proves `member`'s second factor for one act and its terms. */
  const stepUp = (who: Member, act: ActName, termsHash: string) =>
    must(proveStepUp, who, { act, termsHash, password: who.password });

  /** Begins an intake and sends its bytes, without accepting it. */
  async function upload(custodian: Member, wish: ItemWish = {}): Promise<ItemId> {
    const bytes = wish.bytes ?? new TextEncoder().encode(`footage ${chance.id()}`);
    const { intake } = await must(beginIntake, custodian, {
      centre: custodian.centre,
      kind: wish.kind ?? 'recording',
      class: wish.class ?? 'ordinary',
      title: wish.title ?? '东门摄像机 夜间',
      source: '东门摄像机',
      place: '东门',
      claimedType: wish.claimedType ?? 'video/mp4',
      involved: wish.involved ?? [],
      size: bytes.length,
    });
    await send(intake, bytes);
    return intake;
  }

  async function send(intake: ItemId, bytes: Uint8Array): Promise<void> {
    const row = await reads.one('intake', { id: intake });
    const key = await findKey(`item:${intake}`);
    if (!row || !key) throw new Error('No such intake.');
    const upload = uploadRowOf(row, key);
    await uploads.create(upload);
    const body = async function* () {
      yield bytes;
    };
    const sent = await uploads.write(upload, 0, body());
    if ('refused' in sent) throw new Error(`Upload: ${sent.refused}`);
  }

  /** A new item in the custodian's centre. */
  async function takeIn(custodian: Member, wish: ItemWish = {}): Promise<Accessioned> {
    return must(accessionItem, custodian, { intake: await upload(custodian, wish) });
  }

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
      deps: { ...deps, reads: other.reads, ledger: other.ledger },
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
    setUp,
    fresh,
    member,
    townships,
    signIn,
    signInAs,
    bind,
    stepUp,
    upload,
    send,
    takeIn,
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
