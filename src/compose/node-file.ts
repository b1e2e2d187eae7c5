/**
 * `log.json` in the keys folder: which log this node writes, and the numbers of the keys it writes with (custody-log
 * L2.2, L4.5, L6). It holds no secret. It lies outside the database, so that a database cannot say which log it is.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const shape = z.strictObject({
  format: z.literal('custos-log/1'),
  origin: z.string().max(200),
  epoch: z.number().int().min(0),
  appendKey: z.number().int().min(1),
});

export type NodeFile = Omit<z.output<typeof shape>, 'format'>;

/** No log was ever opened for this keys folder: `custos init` comes first. */
export class NotInitialised extends Error {
  override readonly name = 'NotInitialised';
}

const pathIn = (folder: string): string => join(folder, 'log.json');

/** What the folder says. Rejects with `NotInitialised` where there is no such file, or it cannot be read. */
export function readNodeFile(folder: string): NodeFile {
  let text: string;
  try {
    text = readFileSync(pathIn(folder), 'utf8');
  } catch {
    throw new NotInitialised(`There is no log.json in ${folder}.`);
  }
  const parsed = shape.safeParse(jsonOf(text));
  if (!parsed.success) throw new NotInitialised(`The log.json in ${folder} is not one.`);
  const { origin, epoch, appendKey } = parsed.data;
  return { origin, epoch, appendKey };
}

/** Written once; throws when there is one already. */
export function writeNodeFile(folder: string, node: NodeFile): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ format: 'custos-log/1', ...node }, null, 2)}\n`;
  writeFileSync(pathIn(folder), text, { flag: 'wx', mode: 0o600, flush: true });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
