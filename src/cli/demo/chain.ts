/**
 * The one chain of the product, through the HTTP API as a stranger's program would walk it: set up → take in → apply →
 * approve → watch → revoke → export → verify. Every step is checked; the first that does not hold ends it.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { agreementText, countyName, founders, passwordOf } from './cast.ts';
import { Client, Unexpected } from './client.ts';
import { canSeek, seekToMiddle } from './seek.ts';

export interface ChainSetting {
  readonly url: string;
  readonly token: string;
  readonly file: string;
  /** A folder of its own, for the package and what verifies it. */
  readonly folder: string;
  readonly trustFile: string;
  /** Hears each step with its time in ms. */
  readonly say: (step: string, ms: number) => void;
}

const patchBytes = 16 * 1024 * 1024;

/** Walks the whole chain; rejects with `Unexpected` at the first step that does not hold. */
export async function walkChain(setting: ChainSetting): Promise<void> {
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    setting.say(name, performance.now() - began);
    return result;
  };
  const { centre, people } = await step('set up: three administrators, a centre, its people', () =>
    setUp(setting),
  );
  const { custodian, requester, leader } = people;
  const taken = await step('take in: upload, fingerprint, accession', () =>
    takeIn(custodian.client, setting.file, centre),
  );
  const application = await step('apply: purpose and terms submitted', () =>
    apply(requester.client, taken.item),
  );
  await step('the requester cannot watch yet, nor approve', () => cannotYet(requester, application));
  const grant = await step('approve: step-up bound to the terms', () => approve(leader, application));
  const content = await step('open: the grant starts', () => open(requester.client, grant, taken.item));
  await step(`watch: ${taken.size} bytes read back, SHA-256 equal`, () =>
    watch(requester.client, content, taken.sha256),
  );
  if (canSeek(setting.file)) {
    await step('seek: ffprobe reads the middle of the recording', () =>
      seekToMiddle(requester.client, content),
    );
  }
  await step('revoke: the running stream is cut, the next request refused', () =>
    revoke(requester.client, leader, grant, content),
  );
  const file = await step('export: the item’s whole history', () => exportItem(setting, taken.item));
  await step('verify: offline, by the separate verifier', () => verify(setting, file));
}

interface Person {
  readonly client: Client;
  readonly id: string;
  readonly password: string;
}

export async function setUp({ url, token }: ChainSetting) {
  const founder = (role: keyof typeof founders) => ({
    ...founders[role],
    password: passwordOf(founders[role].account),
  });
  const { centre } = await new Client(url).must('POST', '/api/v1/setup', {
    token,
    centre: countyName,
    agreement: agreementText,
    systemAdministrator: founder('systemAdministrator'),
    securityOfficer: founder('securityOfficer'),
    auditor: founder('auditor'),
  });
  const signedIn = async (account: string) => {
    const client = new Client(url);
    await client.signIn(account, passwordOf(account));
    await client.bind(passwordOf(account));
    return client;
  };
  const administrator = await signedIn(founders.systemAdministrator.account);
  const officer = await signedIn(founders.securityOfficer.account);
  const enter = (account: string, name: string, offices: readonly string[]): Promise<Person> =>
    enterPerson(url, administrator, officer, centre, { account, name, offices });
  const [custodian, requester, leader] = await Promise.all([
    enter('wu', '吴秀英', ['custodian']),
    enter('chen', '陈慧', ['requester']),
    enter('zheng', '郑建国', ['approver']),
  ]);
  // A stage needs one person more than must approve (R21): a second leader is seated too.
  await enter('feng', '冯志强', ['approver']);
  return { centre: centre as string, people: { custodian, requester, leader } };
}

/** Enters, confirms, posts and seats a person, who then signs in, takes a password of their own and signs. */
async function enterPerson(
  url: string,
  administrator: Client,
  officer: Client,
  centre: string,
  who: { readonly account: string; readonly name: string; readonly offices: readonly string[] },
): Promise<Person> {
  const { account, name, offices } = who;
  const words = { centre, name, home: '县直单位', clearance: 'sensitive', account };
  const { person, firstPassword } = await administrator.must('POST', '/api/v1/people', words);
  await officer.must('POST', `/api/v1/people/${person}/confirmation`);
  const { posting } = await officer.must('POST', `/api/v1/people/${person}/postings`, { centre });
  for (const office of offices) await officer.must('POST', `/api/v1/postings/${posting}/offices`, { office });
  const client = new Client(url);
  await client.signIn(account, firstPassword);
  const password = passwordOf(account);
  await client.must('POST', '/api/v1/me/password', { current: firstPassword, next: password });
  await client.bind(password);
  return { client, id: person, password };
}

/** Lower-case hex. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Uploads `file` by tus in pieces and takes it into custody; `known` is its SHA-256, where that is known. */
export async function takeIn(custodian: Client, file: string, centre: string, known?: string) {
  const { size } = await stat(file);
  const sha256 = known ?? (await sha256Of(file));
  const begun = await custodian.must('POST', '/api/v1/intakes', {
    centre,
    kind: 'recording',
    class: 'ordinary',
    title: `东门路口 ${basename(file)}`,
    source: '东门路口 1 号机',
    place: '东门路口',
    claimedType: file.endsWith('.webm') ? 'video/webm' : 'video/mp4',
    size,
    sha256,
  });
  for (let offset = 0; offset < size; ) offset = await sendPiece(custodian, begun.upload, file, offset, size);
  const accession = await custodian.must('POST', `/api/v1/intakes/${begun.intake}/accession`);
  return { item: accession.item as string, size, sha256 };
}

async function sendPiece(
  custodian: Client,
  upload: string,
  file: string,
  offset: number,
  size: number,
): Promise<number> {
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(file, {
    start: offset,
    end: Math.min(offset + patchBytes, size) - 1,
  })) {
    pieces.push(piece as Buffer);
  }
  const tus = {
    'tus-resumable': '1.0.0',
    'upload-offset': String(offset),
    'content-type': 'application/offset+octet-stream',
  };
  const answer = await custodian.open('PATCH', upload, tus, Buffer.concat(pieces));
  answer.resume();
  if (answer.statusCode !== 204) throw new Unexpected(`PATCH upload: ${answer.statusCode}`);
  return Number(answer.headers['upload-offset']);
}

export async function apply(requester: Client, item: string): Promise<{ id: string; termsHash: string }> {
  const terms = {
    kind: 'view',
    items: [{ item }],
    purposeCode: 'traffic-incident',
    purposeWords: '核查东门路口交通事故经过',
    durationMs: 3_600_000,
  };
  const { application } = await requester.must('POST', '/api/v1/applications', terms);
  const { termsHash } = await requester.must('POST', `/api/v1/applications/${application}/submission`, {});
  return { id: application, termsHash };
}

async function cannotYet(
  requester: Person,
  { id, termsHash }: { id: string; termsHash: string },
): Promise<void> {
  const own = await requester.client.ask('POST', `/api/v1/applications/${id}/approval`, { termsHash });
  if (own.status !== 403)
    throw new Unexpected(`approving one's own application: ${own.status} ${own.json?.code}`);
  const { grants } = await requester.client.must('GET', '/api/v1/grants');
  if (grants.length !== 0) throw new Unexpected('a grant before any approval');
}

export async function approve(
  leader: Person,
  { id, termsHash }: { id: string; termsHash: string },
): Promise<string> {
  const seen = await leader.client.must('GET', `/api/v1/applications/${id}`);
  if (seen.termsHash !== termsHash) throw new Unexpected('the approver was shown other terms');
  await leader.client.stepUp('approve-application', termsHash, leader.password);
  const { grant } = await leader.client.must('POST', `/api/v1/applications/${id}/approval`, { termsHash });
  if (!grant) throw new Unexpected('the last vote made no grant');
  return grant;
}

export async function open(requester: Client, grant: string, item: string): Promise<string> {
  return (await requester.must('POST', `/api/v1/grants/${grant}/viewings`, { item })).content;
}

async function watch(requester: Client, content: string, sha256: string): Promise<void> {
  const response = await requester.open('GET', content);
  if (response.statusCode !== 200) throw new Unexpected(`GET content: ${response.statusCode}`);
  const hash = createHash('sha256');
  await pipeline(response, hash);
  if (hash.digest('hex') !== sha256) throw new Unexpected('other bytes came back');
}

/** Starts to read, is cut off by the leader, and may read no more than what was on its way (R37). */
async function revoke(requester: Client, leader: Person, grant: string, content: string): Promise<void> {
  const running = await requester.open('GET', content);
  running.pause();
  const reason = { reasonCode: 'purpose-met', reason: '事故已核查完毕' };
  const began = performance.now();
  await leader.client.must('POST', `/api/v1/grants/${grant}/revocation`, reason);
  const took = performance.now() - began;
  if (took > 1_000) throw new Unexpected(`the revocation took ${Math.round(took)} ms`);
  let after = 0;
  try {
    for await (const piece of running) after += (piece as Buffer).length;
  } catch {
    // The reset is what is wanted.
  }
  if (after > 1_048_576) throw new Unexpected(`${after} bytes came after the revocation`);
  const next = await requester.ask('GET', content);
  if (next.status !== 403 && next.status !== 404)
    throw new Unexpected(`GET content after the revocation: ${next.status}`);
}

async function exportItem({ url, folder }: ChainSetting, item: string): Promise<string> {
  const auditor = new Client(url);
  await auditor.signIn(founders.auditor.account, passwordOf(founders.auditor.account));
  await auditor.bind(passwordOf(founders.auditor.account));
  const wish = JSON.stringify({ scope: { kind: 'subject', id: `item:${item}` }, disclose: 'listed' });
  const response = await auditor.open(
    'POST',
    '/api/v1/log/exports',
    { 'content-type': 'application/json' },
    wish,
  );
  if (response.statusCode !== 200) throw new Unexpected(`POST exports: ${response.statusCode}`);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'item.custos.tar');
  await pipeline(response, createWriteStream(file));
  return file;
}

/** Another process, given nothing but the package and the trust file. */
async function verify({ folder, trustFile }: ChainSetting, file: string): Promise<void> {
  const trust = join(folder, 'trust.policy');
  await copyFile(trustFile, trust);
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const verifier = fileURLToPath(new URL(`../../verify/main.${extension}`, import.meta.url));
  const child = spawn(process.execPath, [verifier, file, '--trust', trust, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (words: Buffer) => {
    output += words.toString();
  });
  child.stderr.on('data', (words: Buffer) => {
    output += words.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0 || !/SIGNED/.test(output))
    throw new Unexpected(`the verifier ended in ${code}: ${output.slice(0, 20_000)}`);
}
