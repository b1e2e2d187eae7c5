/** The pages lead somewhere, name every key and every alarm, and promise no command that is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newProgram } from '../../src/cli/program.ts';
import { configKeys } from '../../src/config.ts';
import { codeOf, filesUnder } from './pages.ts';

const pages = [
  ...filesUnder('docs', '.md'),
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'keys/README.md'],
];
const read = (file: string): string => readFileSync(file, 'utf8');
const sources = filesUnder('src', '.ts');
const wordsIn = (pattern: RegExp): string[] => [
  ...new Set(sources.flatMap((file) => [...read(file).matchAll(pattern)].map(([, word]) => word ?? ''))),
];

describe('links', () => {
  test('every relative link of every page leads to a file', () => {
    const links = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, to]) => [page, to ?? ''] as const),
    );
    const dead = links.filter(
      ([page, to]) => !/^[a-z]+:/.test(to) && !existsSync(normalize(join(dirname(page), to))),
    );
    expect(links.length).toBeGreaterThan(30);
    expect(dead).toEqual([]);
  });
});

describe('docs/INSTALL.md', () => {
  const install = read('docs/INSTALL.md');

  test('names every key of the configuration, and no other', () => {
    const [, table = ''] = /## 4\. Configuration(.*?)## 5\./s.exec(install) ?? [];
    const first = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|')[1] ?? '');
    expect(first.flatMap(codeOf).sort()).toEqual([...configKeys].sort());
  });

  test('every command that a page names exists', () => {
    const commands = new Map(
      newProgram().commands.map((one) => [one.name(), one.commands.map((sub) => sub.name())]),
    );
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/\bcustos ([a-z-]+)(?: ([a-z-]+))?/g)]
        .filter(([whole]) => read(page).includes(`\`${whole}`) || read(page).includes(`\n${whole}`))
        .map(([, command = '', sub = '']) => [page, command, sub] as const),
    );
    const unknown = named.filter(([, command, sub]) => {
      const subs = commands.get(command);
      return !subs || (subs.length > 0 && !subs.includes(sub));
    });
    expect(named.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });
});

describe('docs/runbook', () => {
  const index = codeOf(read('docs/runbook/README.md'));

  test('every alarm of the source, every code of not ready and every refused log has its row', () => {
    const alarms = wordsIn(/\balarm\('([a-z-]+)'/g);
    const [, looks = ''] = /const looks[^=]*=(.*?)\n {2}\];/s.exec(read('src/compose/readiness.ts')) ?? [];
    const ready = [...looks.matchAll(/^ *(?:\[)?'([a-z-]+)',/gm)].map(([, code]) => code ?? '');
    const firstOfRow = [...looks.matchAll(/\[\s*'([a-z-]+)'/g)].map(([, code]) => code ?? '');
    const refused = wordsIn(/'(LOG_[A-Z_]+)'/g);
    expect(alarms.length).toBeGreaterThan(2);
    expect(firstOfRow.length).toBeGreaterThan(5);
    expect(refused.length).toBeGreaterThan(4);
    expect([...alarms, ...ready, ...firstOfRow, ...refused].filter((word) => !index.includes(word))).toEqual(
      [],
    );
  });

  test('every job has a row that says what its failure means', () => {
    const jobs = filesUnder('src/jobs', '.ts').flatMap((file) =>
      [...read(file).matchAll(/^ +name: '([a-z-]+)',/gm)].map(([, name]) => name ?? ''),
    );
    expect(jobs.length).toBeGreaterThan(5);
    expect(jobs.filter((name) => !codeOf(read('docs/runbook/job-failed.md')).includes(name))).toEqual([]);
  });
});

describe('docs/decisions', () => {
  const names = readdirSync('docs/decisions')
    .filter((name) => name !== 'README.md')
    .sort();

  test('numbers count from 1 without a gap, as the titles say, and a page fits a screen', () => {
    const wrong = names.filter((name, at) => {
      const text = read(join('docs/decisions', name));
      const number = String(at + 1);
      return (
        !name.startsWith(`${number.padStart(4, '0')}-`) ||
        !text.startsWith(`# ${number}. `) ||
        text.split('\n').length > 26
      );
    });
    expect(names.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  test('names every folder of the source, and none that is not there', () => {
    const [, table = ''] = /\| folder \|(.*?)\n\n/s.exec(read('docs/ARCHITECTURE.md')) ?? [];
    const named = table
      .split('\n')
      .map((line) => line.split('|')[1] ?? '')
      .flatMap(codeOf)
      .filter((code) => code.endsWith('/'))
      .map((code) => code.slice(0, -1));
    const folders = readdirSync('src', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(named.sort()).toEqual(folders.sort());
  });
});
