/** Finds and replaces the block of vectors in a page of docs/formats. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = /(<!-- vectors -->\n```json\n)([\s\S]*?)(\n```\n)/;

export const pagePath = (page: string): string => join(import.meta.dirname, '../../docs/formats', page);

/** The vectors as the page has them. */
export function readPage(page: string): unknown {
  const [, , block = ''] = BLOCK.exec(readFileSync(pagePath(page), 'utf8')) ?? [];
  return JSON.parse(block);
}

/** The page's text with other vectors in it. */
export function withVectors(page: string, vectors: unknown): string {
  const text = JSON.stringify(vectors, null, 1);
  return readFileSync(pagePath(page), 'utf8').replace(
    BLOCK,
    (_, open: string, __, close: string) => open + text + close,
  );
}
