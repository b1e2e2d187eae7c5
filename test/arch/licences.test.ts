/** Every package that is installed with the product may be used, changed and passed on by anybody. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly license?: string;
}

const permissive = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
];
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, Locked>;
};
const production = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);

/** One of several that may be chosen from is enough: `(MIT OR GPL-3.0)`. */
const allowed = (words: string): boolean =>
  words
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => permissive.includes(one.trim())));

/** What the installed package says itself; the lock repeats it and may be wrong. */
function stated(path: string): string | undefined {
  const file = `${path}/package.json`;
  if (!existsSync(file)) return undefined;
  const { license } = JSON.parse(readFileSync(file, 'utf8')) as { license?: string | { type: string } };
  return typeof license === 'object' ? license.type : license;
}

describe('licences', () => {
  test('every production package is installed, but those for other machines', () => {
    const missing = production.filter(([path, { optional }]) => !optional && !existsSync(path));
    expect(production.length).toBeGreaterThan(40);
    expect(missing.map(([path]) => path)).toEqual([]);
  });

  test('every installed production package states a permissive licence', () => {
    const others = production
      .filter(([path]) => existsSync(path))
      .map(([path]) => [path, stated(path) ?? 'none'] as const)
      .filter(([, words]) => !allowed(words));
    expect(others).toEqual([]);
  });

  test('the lock says the same', () => {
    const others = production.filter(([, { license }]) => license !== undefined && !allowed(license));
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  test('the test would notice a licence that is none', () => {
    expect(['GPL-3.0', 'none', '(GPL-2.0 AND MIT)', 'SEE LICENSE IN X'].filter(allowed)).toEqual([]);
    expect(['MIT', '(MIT OR GPL-3.0)', '(MIT AND ISC)'].filter(allowed)).toHaveLength(3);
  });
});
