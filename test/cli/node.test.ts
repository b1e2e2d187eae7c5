/**
 * The life of a node with real processes: set up through HTTP, work beside the running service, a backup, the loss of the
 * machine, and a restore from the backup and the keys that were kept apart (P5, K2, L5.4).
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealedItemOf } from '../../src/acts/ports/content.ts';
import { Client } from '../../src/cli/demo/client.ts';
import { openParts } from '../../src/compose/parts.ts';
import { readConfig } from '../../src/config.ts';
import { type Here, newHere, type Running } from './run.ts';

let here: Here;
let running: Running;
let token: string;
let centre: string;
const password = (account: string): string => `plum rain on tiles of ${account}`;
const founder = (account: string, name: string) => ({
  account,
  name,
  home: '县直单位',
  password: password(account),
});
const founding = () => ({
  token,
  centre: '龙泉县社会治理中心',
  agreement: 'What is seen here stays here.',
  systemAdministrator: founder('qian', '钱立新'),
  securityOfficer: founder('sun', '孙卫国'),
  auditor: founder('zhou', '周明'),
});
const footage = Buffer.from(createHash('sha512').update('footage').digest('hex').repeat(3_000));

/** Another box: its data is new, its keys folder holds what was kept apart from the backup. */
function otherBox(name: string, keys: string): string[] {
  const set = {
    'data.folder': join(here.folder, name),
    'store.url': '',
    'keys.folder': join(here.folder, keys),
  };
  return Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
}

async function signedIn(account: string): Promise<Client> {
  const client = new Client(running.url);
  await client.signIn(account, password(account));
  await client.bind(password(account));
  return client;
}

beforeAll(async () => {
  here = newHere();
  const made = await here.custos([
    ...['init', '--no-input', '--data', 'data', '--keys', 'keys', '--replica', 'replica', '--port', '0'],
    ...['--set', 'health.port=0'],
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
  token = readFileSync(join(here.folder, 'keys/first-run-token'), 'utf8').split(':')[1] ?? '';
  running = await here.start();
  centre = (await new Client(running.url).must('POST', '/api/v1/setup', founding())).centre;
  const [admin, officer] = [await signedIn('qian'), await signedIn('sun')];
  await signedIn('zhou');
  const words = { centre, name: '吴秀英', home: '县公安局', clearance: 'sensitive', account: 'wu' };
  const { person, firstPassword } = await admin.must('POST', '/api/v1/people', words);
  await officer.must('POST', `/api/v1/people/${person}/confirmation`);
  const { posting } = await officer.must('POST', `/api/v1/people/${person}/postings`, { centre });
  await officer.must('POST', `/api/v1/postings/${posting}/offices`, { office: 'custodian' });
  const custodian = new Client(running.url);
  await custodian.signIn('wu', firstPassword);
  await custodian.must('POST', '/api/v1/me/password', { current: firstPassword, next: password('wu') });
  await custodian.bind(password('wu'));
  mkdirSync(join(here.folder, 'in/sub'), { recursive: true });
  writeFileSync(join(here.folder, 'in/sub/east-gate.bin'), footage);
  writeFileSync(join(here.folder, 'in/note.txt'), 'a note of the shift\n');
});
afterAll(() => here.remove());

test('X68: the first-run token is refused when it is used twice', async () => {
  const again = await new Client(running.url).ask('POST', '/api/v1/setup', founding());
  expect([again.status, again.json.code]).toEqual([401, 'first-run-token-refused']);
  expect((await here.custos(['setup-token'])).stderr).toMatch(/^already-set-up: /);
});

test('reliability 6: health answers on its own port, and the public port knows nothing of it', async () => {
  const ready = await fetch(`${running.healthUrl}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([200, { notReady: [] }]);
  expect(await (await fetch(`${running.healthUrl}/metrics`)).text()).toContain('custos_log_writing 1');
  expect((await new Client(running.url).ask('GET', '/readyz')).status).toBe(404);
});

test('K5: ingest takes a folder in beside the service, and a second run takes nothing in twice', async () => {
  const args = ['ingest', 'in', '--as', 'wu', '--source', '东门路口 1 号机', '--place', '东门'];
  const first = await here.json(args);
  expect(first.map((row: { file: string; known: boolean }) => [row.file, row.known])).toEqual([
    ['note.txt', false],
    ['sub/east-gate.bin', false],
  ]);
  const second = await here.json(args);
  expect(second.map((row: { known: boolean; number: string }) => [row.known, row.number])).toEqual(
    first.map((row: { number: string }) => [true, row.number]),
  );
});

test('K5, P21: ingest goes on with an upload that stopped half-way, from the byte that was acknowledged', async () => {
  mkdirSync(join(here.folder, 'half'));
  const bytes = Buffer.from(footage).reverse();
  writeFileSync(join(here.folder, 'half/half.bin'), bytes);
  const custodian = new Client(running.url);
  await custodian.signIn('wu', password('wu'));
  const words = { kind: 'document', class: 'ordinary', title: 'half.bin', source: 'x', place: 'y' };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const begun = await custodian.must('POST', '/api/v1/intakes', {
    centre,
    ...words,
    size: bytes.length,
    sha256,
  });
  const tus = {
    'tus-resumable': '1.0.0',
    'content-type': 'application/offset+octet-stream',
    'upload-offset': '0',
  };
  const sent = await custodian.open('PATCH', begun.upload, tus, bytes.subarray(0, 100_000));
  expect([sent.statusCode, sent.headers['upload-offset']]).toEqual([204, '100000']);
  const ran = await here.custos(['ingest', 'half', '--as', 'wu', '--source', 'x', '--place', 'y', '--json']);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('goes on at 100000 of 384000 bytes')]);
  expect(JSON.parse(ran.stdout)).toMatchObject([{ file: 'half.bin', known: false }]);
});

test('R38: a second service on the same database does not start', async () => {
  const second = await here.custos(['start']);
  expect([second.code, second.stderr]).toEqual([75, expect.stringMatching(/^ALREADY_RUNNING: /)]);
});

test('R55, S4: who holds no custodian office neither takes in nor learns what is in custody', async () => {
  for (const account of ['zhou', 'qian']) {
    const refused = await here.custos(['ingest', 'in', '--as', account, '--source', 'x', '--place', 'y']);
    expect([refused.code, refused.stdout]).toEqual([4, '']);
    expect(refused.stderr).toContain('office-missing: ');
  }
});

test('R54: a user made at the machine waits for the officer; one disabled there loses running sessions at once', async () => {
  const args = ['--account', 'tang', '--name', '唐宁', '--home', '县司法局'];
  const made = await here.json(['user', 'create', '--as', 'qian', ...args]);
  const early = await new Client(running.url).ask('POST', '/api/v1/sessions', {
    name: 'tang',
    password: made.firstPassword,
  });
  expect(early.status).toBe(401);
  const officer = new Client(running.url);
  await officer.signIn('sun', password('sun'));
  await officer.must('POST', `/api/v1/people/${made.person}/confirmation`);
  const late = new Client(running.url);
  await late.signIn('tang', made.firstPassword);
  expect((await late.ask('GET', '/api/v1/me')).status).toBe(200);
  const gone = await here.json([
    'user',
    'disable',
    '--as',
    'sun',
    '--account',
    'tang',
    '--reason',
    'left the post',
  ]);
  expect(gone.state).toBe('suspended');
  expect((await late.ask('GET', '/api/v1/me')).status).toBe(401);
});

test('L9: an export made beside the service verifies offline against the pinned key', async () => {
  const made = await here.json([
    'export',
    '--all',
    '--as',
    'zhou',
    '--disclose',
    'all',
    '--out',
    'all.custos.tar',
  ]);
  expect(made.bytes).toBeGreaterThan(10_000);
  const proof = await here.custos(['verify', 'all.custos.tar', '--trust', 'keys/trust.policy']);
  expect([proof.code, proof.stdout]).toEqual([0, expect.stringContaining('SIGNED')]);
  const twice = await here.custos(['export', '--as', 'zhou', '--out', 'x.tar']);
  expect(twice.code).toBe(2);
});

test('doctor passes beside the running service', async () => {
  const ran = await here.custos(['doctor']);
  expect([ran.code, ran.stdout]).toEqual([0, expect.not.stringContaining('fail')]);
});

test('P5: a backup made under the service holds database, head and objects, no key, and verifies', async () => {
  const made = await here.json(['backup', 'create', 'backup']);
  expect(made.objects.count).toBe(6);
  expect(readdirSync(join(here.folder, 'backup')).sort()).toEqual(
    ['backup.json', 'custos.db', 'log-head.note', 'objects.jsonl', 'store'].sort(),
  );
  expect(await here.json(['backup', 'verify', 'backup'])).toMatchObject({
    holds: true,
    pinned: true,
    items: 3,
  });
  const again = await here.custos(['backup', 'create', 'backup']);
  expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('NOT_EMPTY')]);
});

test('L5.1: SIGTERM ends the service in 0 with every entry signed', async () => {
  expect(await running.end('SIGTERM')).toBe(0);
  const signed = Number(readFileSync(join(here.folder, 'keys/log-head.note'), 'utf8').split('\n')[1]);
  const entries = (await here.custos(['log', 'dump'])).stdout.trimEnd().split('\n');
  expect(entries).toHaveLength(signed);
  expect(JSON.parse(entries.at(-1) ?? '').kind).toBe('seal');
});

test('L5.4: an older database under a newer head does not start, and says so', async () => {
  const box = otherBox('old', 'keys');
  const restored = await here.custos([...box, 'backup', 'restore', 'backup']);
  expect([restored.code, restored.stderr]).toEqual([0, expect.stringContaining('LOG_ROLLED_BACK')]);
  const started = await here.custos([...box, 'start']);
  expect(started.code).toBe(3);
  expect(started.stderr).toMatch(/^LOG_ROLLED_BACK: The head signs \d+ entries; the database has \d+\./m);
  const doctor = await here.custos([...box, 'doctor']);
  expect([doctor.code, doctor.stdout]).toEqual([3, expect.stringContaining('LOG_ROLLED_BACK')]);
});

test('P5, K2: after the loss of the machine, backup, replica and seal bring everything back, and the item opens', async () => {
  const keys = join(here.folder, 'keys');
  mkdirSync(join(here.folder, 'keys2'), { mode: 0o700 });
  for (const name of readdirSync(keys).filter((file) => /^seal\.json$|\.key$/.test(file))) {
    copyFileSync(join(keys, name), join(here.folder, 'keys2', name));
  }
  rmSync(join(here.folder, 'data'), { recursive: true });
  const box = otherBox('data2', 'keys2');
  expect((await here.custos([...box, 'backup', 'restore', 'backup'])).code).toBe(0);
  const full = await here.custos([...box, 'backup', 'restore', 'backup']);
  expect([full.code, full.stderr]).toEqual([4, expect.stringContaining('NOT_EMPTY')]);
  expect((await here.custos([...box, 'doctor'])).code).toBe(0);
  expect((await here.custos([...box, 'log', 'check'])).code).toBe(0);
  const made = await here.custos([...box, 'export', '--all', '--as', 'zhou', '--out', 'after.custos.tar']);
  expect(made.stderr).toContain('custos verify');
  expect((await here.custos(['verify', 'after.custos.tar', '--trust', 'keys/trust.policy'])).code).toBe(0);
  expect(await opened('data2', 'keys2')).toEqual(footage);
});

/** The clear bytes of the recording, by the vault of a node in these folders. */
async function opened(data: string, keys: string): Promise<Buffer> {
  const { config } = readConfig(
    {},
    {
      'data.folder': join(here.folder, data),
      'keys.folder': join(here.folder, keys),
      'keys.replica': join(here.folder, 'replica'),
    },
  );
  const parts = await openParts(config);
  try {
    const item = (await parts.store.reads.all('item', {})).find(
      ({ sha256 }) => sha256 === createHash('sha256').update(footage).digest('hex'),
    );
    const key = item && (await parts.store.reads.one('subjectKey', { id: `item:${item.id}` }));
    if (!item || !key) throw new Error('The item is not there.');
    const reader = await parts.vault.contents.open({ live: () => true }, sealedItemOf(item, key));
    return Buffer.from(await new Response(reader.stream(0, reader.size)).arrayBuffer());
  } finally {
    await parts.close({ seal: true });
  }
}

test('P5: a backup with one changed byte is refused, in the log and in an object', async () => {
  const database = join(here.folder, 'backup/custos.db');
  const bytes = readFileSync(database);
  const changed = Buffer.from(bytes);
  changed[bytes.length - 100] = (changed[bytes.length - 100] ?? 0) ^ 1;
  writeFileSync(database, changed);
  const first = await here.custos(['backup', 'verify', 'backup']);
  expect([first.code, first.stderr]).toEqual([3, expect.stringContaining('BACKUP_DAMAGED: custos.db')]);
  writeFileSync(database, bytes);
  const [object = ''] = readdirSync(join(here.folder, 'backup/store/objects'));
  writeFileSync(join(here.folder, 'backup/store/objects', object), 'nothing');
  const second = await here.custos([...otherBox('data3', 'keys2'), 'backup', 'restore', 'backup']);
  expect([second.code, second.stderr]).toEqual([
    3,
    expect.stringContaining(`BACKUP_DAMAGED: objects/${object}`),
  ]);
});
