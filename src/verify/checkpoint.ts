/** The text of a checkpoint (C2SP tlog-checkpoint; custody-log L5.2): origin, size, root, and no extension line. */
import { decodeBase64 } from './base64.ts';
import { Malformed } from './findings.ts';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Reads exactly three lines. Throws `Malformed` for a size with a leading zero or over 2^53 − 1, or loose base64. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, digits, encoded, end, ...more] = text.split('\n');
  if (origin === undefined || origin === '' || digits === undefined || encoded === undefined)
    throw new Malformed('a checkpoint without origin, size and root');
  if (end !== '' || more.length > 0) throw new Malformed('a checkpoint with more than three lines');
  const size = Number(digits);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(digits) || !Number.isSafeInteger(size))
    throw new Malformed('the size of a checkpoint is not a plain number');
  const root = decodeBase64(encoded);
  if (root === undefined || root.length === 0)
    throw new Malformed('the root of a checkpoint is not strict base64');
  return { origin, size, root };
}
