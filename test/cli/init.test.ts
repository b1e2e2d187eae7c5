/** The first minutes of a node: made, refused twice, closed to others; mistakes are answered with a way on. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type Here, newHere, type Ran } from './run.ts';

let here: Here;
let made: Ran;
const flags = ['--no-input', '--data', 'data', '--keys', 'keys', '--replica', 'replica', '--port', '0'];

beforeAll(async () => {
  here = newHere();
  made = await here.custos(['init', ...flags, '--set', 'health.port=0', '--json']);
});
afterAll(() => here.remove());

const modeOf = (path: string): string => (statSync(join(here.folder, path)).mode & 0o777).toString(8);

test('K2.5: init makes folders of mode 0700 and files of mode 0600', () => {
  expect(made.code).toBe(0);
  const said = JSON.parse(made.stdout);
  for (const folder of ['data', 'data/objects', 'keys', 'replica'])
    expect(`${folder} ${modeOf(folder)}`).toBe(`${folder} 700`);
  const files = [
    'data/custos.db',
    'keys/seal.json',
    'keys/people.keyring',
    'keys/log.json',
    'keys/log-head.note',
  ];
  for (const file of [...files, 'keys/first-run-token', 'replica/people.keyring', 'custos.json']) {
    expect(`${file} ${modeOf(file)}`).toBe(`${file} 600`);
  }
  expect(readFileSync(said.trustFile, 'utf8')).toBe(`log ${said.vkey}\nquorum none\n`);
  expect(said.unit).toContain('LimitCORE=0');
});

test('init never makes a node over another one', async () => {
  const before = readFileSync(join(here.folder, 'keys/seal.json'));
  const again = await here.custos(['init', ...flags]);
  expect(again.code).toBe(4);
  expect(again.stderr).toMatch(/^ALREADY_INITIALISED: .*\n→ /);
  expect(readFileSync(join(here.folder, 'keys/seal.json'))).toEqual(before);
});

test('X68: the token of init counts for an hour, a new one takes its place, and neither is printed', async () => {
  const path = join(here.folder, 'keys/first-run-token');
  const first = readFileSync(path, 'utf8').split(':')[1] ?? '';
  expect(first).toHaveLength(43);
  expect(made.stdout + made.stderr).not.toContain(first);
  const renewed = await here.custos(['setup-token']);
  expect(renewed.code).toBe(0);
  const second = readFileSync(path, 'utf8').split(':')[1] ?? '';
  expect(second).not.toBe(first);
  expect(renewed.stdout + renewed.stderr).not.toContain(second);
});

test('an unknown key of the configuration is refused with the nearest one that exists', async () => {
  const ran = await here.custos(['start'], { env: { CUSTOS_SERVER__PRT: '1' } });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('there is no server.prt; did you mean server.port?');
});

test('a secret never stands on a command line, and is never shown', async () => {
  const ran = await here.custos(['--set', 'seal.passphrase=open sesame now', 'config', 'show']);
  expect(ran.code).toBe(2);
  writeFileSync(join(here.folder, 'pass'), 'open sesame now\n');
  const shown = await here.custos(['config', 'show', '--origin'], {
    env: { CUSTOS_SEAL__PASSPHRASE_FILE: 'pass' },
  });
  expect(shown.stdout).toContain('seal.passphrase = (set, not shown)  (environment)');
  expect(shown.stdout).toContain('server.port = 0  (file)');
  expect(shown.stdout).not.toContain('sesame');
});

test('usage mistakes end in 2, a missing node says to run init, and both say what to do next', async () => {
  const typo = await here.custos(['docter']);
  expect(typo.code).toBe(2);
  expect(typo.stderr).toContain('Did you mean doctor?');
  const none = await here.custos(['--set', 'keys.folder=nothing', 'start', '--json']);
  expect(none.code).toBe(1);
  expect(JSON.parse(none.stderr)).toMatchObject({
    code: 'NOT_INITIALISED',
    next: expect.stringContaining('custos init'),
  });
  expect(existsSync(join(here.folder, 'nothing'))).toBe(false);
});

test('K2.5: doctor passes on a fresh node and fails in 3 once others may read the keys', async () => {
  const fresh = await here.custos(['doctor', '--json']);
  expect(fresh.code).toBe(0);
  const states = new Map(
    JSON.parse(fresh.stdout).map(({ check, state }: { check: string; state: string }) => [check, state]),
  );
  for (const check of ['modes', 'keyring', 'store', 'log', 'objects', 'clock'])
    expect([check, states.get(check)]).toEqual([check, 'ok']);
  const { chmodSync } = await import('node:fs');
  chmodSync(join(here.folder, 'keys/people.keyring'), 0o640);
  const open = await here.custos(['doctor']);
  expect(open.code).toBe(3);
  expect(open.stdout).toMatch(/fail +modes .*people\.keyring/);
  chmodSync(join(here.folder, 'keys/people.keyring'), 0o600);
});

test('K2.5: a seal of shares opens with two of three printed shares and with no single one', async () => {
  const { shares } = await here.json(['keys', 'reseal', '--seal', 'shares', '--shares', '2/3']);
  expect(shares).toHaveLength(3);
  const { config } = readConfig({}, { config: join(here.folder, 'custos.json') });
  expect(config.keys.folder).toBe(join(here.folder, 'keys'));
  expect((await here.custos(['keys', 'list'])).stderr).toContain('SEALED: The seal needs 2 of its 3 shares.');
  const one = await here.custos(['--unseal-from', '-', 'keys', 'list'], { input: `${shares[0]}\n` });
  expect([one.code, one.stderr]).toEqual([4, expect.stringContaining('SEAL_REFUSED')]);
  const two = await here.custos(['--unseal-from', '-', 'keys', 'list'], {
    input: `${shares[2]}\n${shares[0]}\n`,
  });
  expect([two.code, two.stdout]).toEqual([0, expect.stringContaining('people  write 1  good good')]);
});
