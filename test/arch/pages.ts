/** What pages of docs claim, and what there is to hold them against: table rows, test titles, routes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Doors } from '../../src/api/doors.ts';
import { openApi } from '../../src/api/openapi.ts';
import { doorDefaults } from '../../src/api/settings.ts';
import { createApp } from '../../src/app.ts';

export const filesUnder = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();

/** Rows of all tables of a page whose first cell is an id; the cells without their blanks. */
export const rowsOf = (page: string, id: RegExp): string[][] =>
  readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
    .filter(([first]) => first !== undefined && id.test(first));

/** Every code span of a text. */
export const codeOf = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

const title =
  /\b(?:it|test|describe)(?:\.[a-zA-Z]+(?:\([^()]*\))?)*\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g;

/** Titles as they stand in a test file; a template keeps its `${…}`. */
export const titlesOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(title)].map(([, one, two, three]) => one ?? two ?? three ?? '');

/** Ids that a title carries: `R3–R5` stands for R3, R4 and R5. */
export function idsIn(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, letter = '', from = '', to] of text.matchAll(
    /\b([A-Z])(\d+)(?:\.\d+)*(?:[–-]\1(\d+))?(?!\d)/g,
  )) {
    for (let number = Number(from); number <= Number(to ?? from); number += 1)
      found.add(`${letter}${number}`);
  }
  return found;
}

/** Ids in all titles of a file. */
export const idsOf = (file: string): Set<string> => new Set(titlesOf(file).flatMap((one) => [...idsIn(one)]));

/** `METHOD /path` of every route in the OpenAPI document. */
export function routesOfApi(): Set<string> {
  const settings = { ...doorDefaults, hosts: [], origins: [], tls: true };
  // The document is made by entering the routes; none of them runs here.
  const { paths } = openApi(createApp({ settings, deps: {} } as unknown as Doors));
  return new Set(
    Object.entries(paths ?? {}).flatMap(([path, verbs]) =>
      Object.keys(verbs ?? {}).map((verb) => `${verb.toUpperCase()} ${path}`),
    ),
  );
}
