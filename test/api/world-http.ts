/**
 * The real service over real sockets: a node in a temporary folder, a clock that runs and can be turned, cheap passwords,
 * and a signed-in client for every office in the own centre, in a sibling and at the parent. Nothing is replaced but
 * the two things that a test must turn.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Clock } from '../../src/acts/ports/outside.ts';
import { Client } from '../../src/cli/demo/client.ts';
import { systemClock } from '../../src/compose/clock.ts';
import { initNode } from '../../src/compose/init.ts';
import { readConfig } from '../../src/config.ts';
import { createPasswords } from '../../src/crypto/password.ts';
import { type Office, offices } from '../../src/domain/people.ts';
import type { Entry } from '../../src/log/entry.ts';
import { composeService } from '../../src/main.ts';

/** The machine's clocks, ahead by what a test has turned them, judged as the service judges its own. */
export function runningClock(): Clock & { turn(ms: number): void } {
  let ahead = 0;
  return {
    ...systemClock({ wall: () => Date.now() + ahead, monotonic: () => performance.now() + ahead }),
    /** Time passes for the rules: both clocks go on. */
    turn(ms) {
      ahead += ms;
    },
  };
}

/** Somebody with a session: their client, and what a test must know of them. */
export interface Someone {
  readonly client: Client;
  readonly person: string;
  readonly account: string;
  readonly name: string;
  readonly posting: string;
  readonly assignment: string;
  readonly centre: string;
  password: string;
}

export const places = ['own', 'sibling', 'parent'] as const;
export type Place = (typeof places)[number];
export type Everybody = Readonly<Record<Place, Readonly<Record<Office, Someone>>>>;

export interface HttpWorldOptions {
  readonly flags?: Readonly<Record<string, string>>;
  /** False: only the founders are made; a test that needs more makes them. */
  readonly everybody?: boolean;
  /** In the place of a folder of the test's own, which then is the caller's to remove. */
  readonly folder?: string;
}

export interface PersonWish {
  readonly centre: string;
  readonly offices?: readonly Office[];
  readonly unit?: string;
  readonly name?: string;
  readonly bound?: boolean;
  readonly clearance?: string;
}

const password = (account: string): string => `plum rain on old tiles, ${[...account].reverse().join('')}`;

export async function openHttpWorld(options: HttpWorldOptions = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'custos-http-')));
  const { config } = readConfig(
    {},
    {
      'data.folder': join(folder, 'data'),
      'keys.folder': join(folder, 'keys'),
      'server.port': '0',
      'health.port': '0',
      // Bytes are counted here, not watched: the pace of playing is off unless a test turns it on (R39).
      'viewing.aheadMs': '0',
      'limits.rateScale': '1000',
      ...options.flags,
    },
  );
  const clock = runningClock();
  const node = await initNode(config, { kind: 'key-file' }, 'custody.test.example', Date.now());
  const logLines: string[] = [];
  const service = await composeService(config, {
    clock,
    passwords: createPasswords({ memory: 64, passes: 1, lanes: 1 }, { atOnce: 2, waiting: 256 }),
    logLine(line) {
      logLines.push(line);
      if (line.includes('"fault"')) console.error(line);
    },
    jobs: false,
  });
  const { url, healthUrl } = await service.start();

  const anyone = (): Client => new Client(url);
  const signedIn = async (account: string, word = password(account)): Promise<Client> => {
    const client = anyone();
    await client.signIn(account, word);
    return client;
  };

  const founder = (account: string, name: string) => ({
    name,
    home: '县直单位',
    account,
    password: password(account),
  });
  const made = await anyone().must('POST', '/api/v1/setup', {
    token: node.token,
    centre: '龙泉县社会治理中心',
    agreement: '保密协议 第一版',
    systemAdministrator: founder('qian', '钱立新'),
    securityOfficer: founder('sun', '孙卫国'),
    auditor: founder('zhou', '周明'),
  });
  const county: string = made.centre;
  const founders: Record<string, Client> = {};
  for (const account of ['qian', 'sun', 'zhou']) {
    const client = await signedIn(account);
    await client.bind(password(account));
    founders[account] = client;
  }
  const of = (account: string): Client => {
    const client = founders[account];
    if (!client) throw new Error(account);
    return client;
  };
  const administrator = of('qian');
  const officer = of('sun');
  const auditor = of('zhou');

  async function someone(client: Client, person: string, name: string): Promise<Someone> {
    const { account, seats } = await client.must('GET', '/api/v1/me');
    const [seat] = seats;
    return {
      client,
      person,
      account: account.id,
      name,
      posting: seat?.posting ?? '',
      assignment: seat?.assignment ?? '',
      centre: seat?.centre ?? '',
      password: password(name),
    };
  }

  let people = 0;
  /** A new person, entered, confirmed, posted and seated; signed in, with a password of their own, and bound. */
  async function person(wish: PersonWish): Promise<Someone> {
    people += 1;
    const account = wish.name ?? `user${people}`;
    const { centre, unit, clearance = 'sensitive' } = wish;
    const words = { centre, name: `张${account}`, home: '县公安局', clearance, account };
    const { person: id, firstPassword } = await administrator.must('POST', '/api/v1/people', words);
    await officer.must('POST', `/api/v1/people/${id}/confirmation`);
    if (wish.offices?.length) {
      const where = { centre, ...(unit ? { unit } : {}) };
      const { posting } = await officer.must('POST', `/api/v1/people/${id}/postings`, where);
      for (const office of wish.offices)
        await officer.must('POST', `/api/v1/postings/${posting}/offices`, { office });
    }
    const client = await signedIn(account, firstPassword);
    await client.must('POST', '/api/v1/me/password', { current: firstPassword, next: password(account) });
    if (wish.bound !== false) await client.bind(password(account));
    return someone(client, id, account);
  }

  const centreBelow = async (parent: string, name: string): Promise<string> =>
    (await officer.must('POST', '/api/v1/centres', { parent, name })).centre;
  const own = await centreBelow(county, '东溪镇综治中心');
  const sibling = await centreBelow(county, '西溪镇综治中心');
  const centres: Readonly<Record<Place, string>> = { own, sibling, parent: county };

  async function everybody(): Promise<Everybody> {
    const all = {} as Record<Place, Record<Office, Someone>>;
    for (const place of places) {
      all[place] = {} as Record<Office, Someone>;
      for (const office of offices)
        all[place][office] = await person({
          centre: centres[place],
          offices: [office],
          name: `${office}.${place}`,
        });
      // A stage needs one person more than must approve (R21).
      await person({ centre: centres[place], offices: ['approver'] });
    }
    return all;
  }

  /** Sends a whole file by tus and takes it in; gives the item's id. */
  async function takeIn(
    custodian: Someone,
    bytes: Uint8Array,
    wish: Record<string, unknown> = {},
  ): Promise<string> {
    const intake = await upload(custodian, bytes, wish);
    return (await custodian.client.must('POST', `/api/v1/intakes/${intake}/accession`)).item;
  }

  async function upload(
    custodian: Someone,
    bytes: Uint8Array,
    wish: Record<string, unknown> = {},
  ): Promise<string> {
    const { intake, upload: path } = await custodian.client.must('POST', '/api/v1/intakes', {
      centre: custodian.centre,
      kind: 'recording',
      class: 'ordinary',
      title: '东门路口 夜间',
      source: '东门路口 1 号机',
      place: '东门路口',
      size: bytes.length,
      ...wish,
    });
    for (let from = 0; from < bytes.length; from += patchBytes) {
      const sent = await custodian.client.open(
        'PATCH',
        path,
        {
          'tus-resumable': '1.0.0',
          'upload-offset': String(from),
          'content-type': 'application/offset+octet-stream',
        },
        bytes.subarray(from, from + patchBytes),
      );
      sent.resume();
      expect(sent.statusCode).toBe(204);
    }
    return intake;
  }

  async function apply(requester: Someone, item: string, more: Record<string, unknown> = {}) {
    const terms = {
      kind: 'view',
      items: [{ item }],
      purposeCode: 'traffic-incident',
      purposeWords: '核查东门路口交通事故经过',
      durationMs: 3_600_000,
      ...more,
    };
    const { application } = await requester.client.must('POST', '/api/v1/applications', terms);
    const { termsHash } = await requester.client.must(
      'POST',
      `/api/v1/applications/${application}/submission`,
      {},
    );
    return { application: application as string, termsHash: termsHash as string };
  }

  /** A grant on one item of an ordinary class, applied for and approved. */
  async function grantOn(
    requester: Someone,
    approver: Someone,
    item: string,
    more: Record<string, unknown> = {},
  ) {
    const { application, termsHash } = await apply(requester, item, more);
    await approver.client.stepUp('approve-application', termsHash, approver.password);
    const { grant } = await approver.client.must('POST', `/api/v1/applications/${application}/approval`, {
      termsHash,
    });
    return { application, termsHash, grant: grant as string };
  }

  /** An open viewing. */
  async function view(requester: Someone, grant: string, item: string) {
    const { viewing, content } = await requester.client.must('POST', `/api/v1/grants/${grant}/viewings`, {
      item,
    });
    return { viewing: viewing as string, content: content as string };
  }

  /** The custody log from entry `from` on, as stored, without its seals. */
  async function log(from = 0): Promise<Entry[]> {
    const { ledger } = service.parts.store;
    const { next } = await ledger.head();
    const entries: Entry[] = [];
    for (let seq = from; seq < next; seq++) {
      const { bytes } = await ledger.entry(seq);
      entries.push(JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry);
    }
    return entries.filter(({ kind }) => kind !== 'seal');
  }

  /** Signs the three founders in anew, after a test has turned the clock past their sessions. */
  async function fresh(): Promise<void> {
    for (const account of ['qian', 'sun', 'zhou']) await of(account).signIn(account, password(account));
  }

  async function close(): Promise<void> {
    await service.close(200);
    if (!options.folder) await rm(folder, { recursive: true, force: true });
  }

  return {
    url,
    healthUrl,
    folder,
    config,
    clock,
    service,
    node,
    logLines,
    county,
    centres,
    administrator,
    officer,
    auditor,
    people: options.everybody === false ? ({} as Everybody) : await everybody(),
    founders: made.persons as Readonly<Record<string, string>>,
    anyone,
    signedIn,
    person,
    takeIn,
    upload,
    apply,
    grantOn,
    view,
    log,
    fresh,
    close,
  };
}

const patchBytes = 8 * 1024 * 1024;

export type HttpWorld = Awaited<ReturnType<typeof openHttpWorld>>;

/** One service for all tests of a file. */
export function sharedHttpWorld(options: HttpWorldOptions = {}): { readonly world: HttpWorld } {
  const held: { world?: HttpWorld } = {};
  beforeAll(async () => {
    held.world = await openHttpWorld(options);
  });
  afterAll(() => held.world?.close());
  return held as { world: HttpWorld };
}

/** Waits for something that another part of the process brings about; fails after `mostMs`. */
export async function eventually(holds: () => boolean, mostMs = 5_000): Promise<void> {
  const until = performance.now() + mostMs;
  while (!holds()) {
    if (performance.now() > until) throw new Error('It did not come about.');
    await pause(5);
  }
}
