/** `docs/clauses.md` and `docs/rules.md` hold: what they name exists, and every clause and rule has its row. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { acts } from '../../src/acts/registry.ts';
import { codeOf, filesUnder, idsOf, routesOfApi, rowsOf, titlesOf } from './pages.ts';

const numbered = (letter: string, ...numbers: number[]): string[] =>
  numbers.map((number) => `${letter}${number}`);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);
const clauses = [
  ...numbered('M', ...upTo(6)),
  ...numbered('D', ...upTo(6)),
  ...numbered('S', ...upTo(11)),
  ...numbered('W', 4, 5, 6),
  ...['N1', 'E1', 'C1', 'C2'],
];

/** `file` (id, id) of a cell: ids that no title of the file carries. A word in place of an id must be in the file. */
function missingProofs(cell: string): string[] {
  const claims = [...cell.matchAll(/`(test\/[^`]+)` \(([^)]+)\)/g)];
  return claims.flatMap(([, file = '', ids = '']) => {
    if (!existsSync(file)) return [`${file} does not exist`];
    const known = idsOf(file);
    const text = readFileSync(file, 'utf8');
    return ids
      .split(', ')
      .filter((id) => !(/^[A-Z]\d+$/.test(id) ? known.has(id) : text.includes(id)))
      .map((id) => `${file} has no ${id}`);
  });
}

describe('docs/clauses.md', () => {
  const rows = rowsOf('docs/clauses.md', /^[MDSWNEC]\d+$/);

  test('every clause has one row, in order', () => {
    expect(rows.map(([id]) => id)).toEqual(clauses);
  });

  test('every row says what is built with its proof, or what is missing', () => {
    const silent = rows.filter(([, , built, proof, missing]) =>
      built === '–' ? proof !== '–' || missing === '–' : !proof?.includes('`test/'),
    );
    expect(silent.map(([id]) => id)).toEqual([]);
  });

  test('every act and every route that it names exists', () => {
    const routes = routesOfApi();
    const named = rows.flatMap(([id, , built = '']) => codeOf(built).map((code) => [id, code] as const));
    const unknown = named.filter(([, code]) => {
      if (/^[A-Z]+ \//.test(code)) return !routes.has(code);
      return /^[a-z]+(?:-[a-z]+)+$/.test(code) && !(code in acts);
    });
    expect(named.length).toBeGreaterThan(40);
    expect(unknown).toEqual([]);
  });

  test('every test that it names exists and carries the id', () => {
    expect(rows.flatMap(([, , , proof = '']) => missingProofs(proof))).toEqual([]);
  });
});

describe('docs/rules.md', () => {
  const rows = rowsOf('docs/rules.md', /^R\d+$/);

  test('every rule has one row, in order', () => {
    expect(rows.map(([id]) => id)).toEqual(numbered('R', ...upTo(64)));
  });

  test('a rule names where it stands and the title that proves it, or says what is not there', () => {
    const silent = rows.filter(
      ([, , where, proof, missing]) => (where === '–' || proof === '–') && missing === '–',
    );
    expect(silent.map(([id]) => id)).toEqual([]);
  });

  test('the files that a rule names exist', () => {
    const named = rows.flatMap(([, , where = '']) => codeOf(where));
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
  });

  test('the titles that a rule names stand in the tests', () => {
    const lost = rows.flatMap(([id, , , proof = '']) =>
      [...proof.matchAll(/`(test\/[^`]+)` “([^”]+)”/g)]
        .filter(
          ([, file = '', words = '']) =>
            !existsSync(file) || !titlesOf(file).some((title) => title.includes(words)),
        )
        .map(([, file, words]) => `${id}: ${file} “${words}”`),
    );
    expect(lost).toEqual([]);
  });

  test('every misuse case and invariant in its list has a test that carries the id', () => {
    const listed = rowsOf('docs/rules.md', /^[XI]\d+$/);
    const known = new Map(filesUnder('test', '.ts').map((file) => [file, idsOf(file)]));
    const wrong = listed.flatMap(([id = '', files = '']) =>
      codeOf(files)
        .filter((file) => !known.get(file)?.has(id))
        .map((file) => `${id}: ${file}`),
    );
    expect(listed.length).toBeGreaterThan(30);
    expect(wrong).toEqual([]);
  });
});
