/** Reads public test vectors in place; says clearly when the folder is missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../shared/vectors');

/** False where the vectors were not laid beside the project; tests that need them are then skipped. */
export const haveVectors = existsSync(ROOT);
if (!haveVectors) console.warn('Public test vectors are missing: the tests that read them are skipped.');

export const hex = (text: string): Buffer => Buffer.from(text, 'hex');

export const readVector = (path: string): Buffer => readFileSync(join(ROOT, path));
export const listVectors = (folder: string): string[] => readdirSync(join(ROOT, folder)).sort();

export type Group<G, T> = G & { tests: (T & { tcId: number; comment: string; result: string })[] };

export function wycheproof<G, T>(name: string): { numberOfTests: number; testGroups: Group<G, T>[] } {
  return JSON.parse(readVector(`wycheproof/${name}_test.json`).toString('utf8'));
}

type Skip = { file: string; ids: number[]; reason: string };

/** Ids of a file that are not run, each with its reason in test/vectors/skips.json. */
export function skipped(file: string): Set<number> {
  const skips: Skip[] = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/skips.json'), 'utf8'));
  return new Set(skips.filter((skip) => skip.file === file).flatMap((skip) => skip.ids));
}
