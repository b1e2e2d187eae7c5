/** A client that reads a running answer and counts what reaches it, byte by byte. */
import type { IncomingMessage } from 'node:http';
import type { Client } from '../../src/cli/demo/client.ts';
import { eventually } from './world-http.ts';

export interface Reading {
  readonly response: IncomingMessage;
  /** Bytes that have reached the client so far. */
  got(): number;
  /** Bytes that reached it since `mark`. */
  since(mark: number): number;
  /** How it ended: cleanly, or by a reset. Pending while it runs. */
  readonly over: Promise<'whole' | 'cut'>;
}

/** Begins to read `path`; answers once the first bytes have come. */
export async function reading(
  client: Client,
  path: string,
  headers: Record<string, string> = {},
): Promise<Reading> {
  const response = await client.open('GET', path, headers);
  let bytes = 0;
  const { promise: over, resolve } = Promise.withResolvers<'whole' | 'cut'>();
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  response.once('end', () => resolve('whole'));
  response.once('error', () => resolve('cut'));
  response.once('close', () => resolve('cut'));
  await eventually(() => bytes > 0 || response.statusCode !== 200);
  return { response, got: () => bytes, since: (mark) => bytes - mark, over };
}
