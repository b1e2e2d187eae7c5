/** What must stay true of the source itself (architecture.md: errors, names, files; layers). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problemTitles } from '../../src/api/problem-titles.ts';
import { refusalStatus } from '../../src/domain/refusal.ts';

const files = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
const lines = (file: string): number => readFileSync(file, 'utf8').split('\n').length;
const sources = files('src', '.ts');

describe('files', () => {
  test('no source or test file is over 400 lines', () => {
    const long = [...sources, ...files('test', '.ts'), ...files('bench', '.ts')].filter(
      (file) => lines(file) > 400,
    );
    expect(long).toEqual([]);
  });

  test('the median source file is under 130 lines', () => {
    const lengths = sources.map(lines).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(130);
  });

  test('every source file opens with what it is', () => {
    const bare = sources.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(file, 'utf8')));
    expect(bare).toEqual([]);
  });
});

describe('layers', () => {
  const importsOf = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^'"]*?from\s+'([^']+)'/gms)].map(
      ([, name]) => name ?? '',
    );

  test('the verifier imports nothing from the rest of the house, so its folder can be copied away', () => {
    const outside = files('src/verify', '.ts').flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('../'))
        .map((name) => `${file}: ${name}`),
    );
    expect(outside).toEqual([]);
  });

  test('domain and crypto import nothing of ours', () => {
    const outside = ['src/domain', 'src/crypto'].flatMap((folder) =>
      files(folder, '.ts').flatMap((file) => importsOf(file).filter((name) => name.startsWith('../'))),
    );
    expect(outside).toEqual([]);
  });

  test('the doors reach no driver, no vault and no key', () => {
    const deep = files('src/api', '.ts').flatMap((file) =>
      importsOf(file)
        .filter((name) => /\.\.\/(?:store|vault|blob|keys|crypto|media|log)\//.test(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(deep).toEqual([]);
  });
});

describe('problems', () => {
  test('every refusal code has a title and a page, and no page is left over', () => {
    const codes = Object.keys(refusalStatus);
    const pages = readdirSync('docs/problems').map((name) => name.replace(/\.md$/, ''));
    expect(Object.keys(problemTitles).sort()).toEqual([...codes].sort());
    expect(pages.sort()).toEqual([...codes, 'fault'].sort());
  });
});
