/** Public vectors, read in place; a test that needs a set that is not there is skipped and says so. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = '../shared/vectors';

export function hasVectors(set: string): boolean {
  const found = existsSync(join(root, set));
  if (!found) console.warn(`skipped: the vectors ${set} are not here`);
  return found;
}

export function vectorText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function vectorJson<T>(path: string): T {
  return JSON.parse(vectorText(path)) as T;
}

/** All files below a folder. */
export function vectorFiles(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    return statSync(join(root, path)).isDirectory() ? vectorFiles(path) : [path];
  });
}
