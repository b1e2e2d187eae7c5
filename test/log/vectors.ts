/** Where the public test vectors are read in place; a test that needs them is skipped, by name, without them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';

const folder = '../shared/vectors';

export const vectorPath = (...parts: string[]) => join(folder, ...parts);
export const readVector = (...parts: string[]) => readFileSync(vectorPath(...parts));

/** Every file below a folder of vectors. */
export function vectorFiles(...parts: string[]): string[] {
  return readdirSync(vectorPath(...parts), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
}

/** A test over vectors; without their folder it is skipped. */
export const testVectors = test.skipIf(!existsSync(folder));
