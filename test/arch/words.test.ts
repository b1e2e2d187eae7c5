/** What the project may not say of itself, in source and pages: it speaks of custody, and of nothing around it. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesUnder } from './pages.ts';

const pages = [
  ...filesUnder('docs', '.md'),
  ...filesUnder('docs', '.svg'),
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'keys/README.md'].filter(existsSync),
];
const sources = [
  ...filesUnder('src', '.ts'),
  ...['.mjs', '.sh'].flatMap((ending) => filesUnder('scripts', ending)),
  'bin/custos',
  'package.json',
];
const all = [...pages, ...sources];

/** `file:line: what was found`. */
function found(files: readonly string[], words: RegExp): string[] {
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const [word] = words.exec(line) ?? [];
        return word === undefined ? [] : [`${file}:${at + 1}: ${word}`];
      }),
  );
}

describe('words', () => {
  test('the pages that a stranger needs are there', () => {
    const needed = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/INSTALL.md', 'docs/README.md'];
    expect(needed.filter((page) => !pages.includes(page))).toEqual([]);
  });

  test('nothing speaks of who or what wrote it', () => {
    const makers = /\b(?:assistants?|helpers?|chat ?bots?|co-?pilot|language models?|LLMs?|GPT)\b/i;
    expect(found(all, makers)).toEqual([]);
  });

  test('no path of a machine stands in it', () => {
    expect(found(all, /(?<![\w/])\/(?:work|root|home|Users)\/|\.\.\/shared\b/)).toEqual([]);
    expect(found(pages, /(?<![\w/])\/tmp\//)).toEqual([]);
  });

  test('no package registry is named', () => {
    expect(found(all, /\bnpmjs\b|\bpypi\b|\bcrates\.io\b|\bdocs\.rs\b/i)).toEqual([]);
  });

  test('nothing is left for later in the source', () => {
    expect(found(sources, /\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  test('S5: the source names no address outside this machine', () => {
    const address = /(?<![\w-])(?:https?|wss?):\/\/(?!127\.0\.0\.1|\[::1\]|localhost|\$\{|host\b|\/)[\w[]/;
    expect(found(filesUnder('src', '.ts'), address)).toEqual([]);
  });
});
