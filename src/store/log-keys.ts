/** The log's keys, from the bytes that are handed in at open. They never reach the database. */
import { Secret } from '../crypto/secret.ts';
import { signingKeyFromSeed } from '../crypto/sign.ts';
import type { AppendKeys } from '../log/mac.ts';
import { noteKey } from '../log/note-key.ts';
import { StoreRefused } from './connection.ts';
import type { AppendKey } from './log-writer.ts';
import type { Signer } from './sealer.ts';
import type { LogConfig } from './worker-protocol.ts';

/** The signer of an epoch. */
export function signerOf({ origin, epoch, seed }: Pick<LogConfig, 'origin' | 'epoch' | 'seed'>): Signer {
  const key = signingKeyFromSeed(new Secret(Uint8Array.from(seed)));
  return { key: noteKey(origin, 1, key.publicKey), sign: (message) => key.sign(message), epoch };
}

/** All append keys by number. */
export const appendKeysOf =
  ({ appendKeys }: Pick<LogConfig, 'appendKeys'>): AppendKeys =>
  (number) =>
    appendKeys[number];

/** The one that new entries take. */
export function appendKeyOf({
  appendKeys,
  appendKey,
}: Pick<LogConfig, 'appendKeys' | 'appendKey'>): AppendKey {
  const key = appendKeys[appendKey];
  if (!key) throw new StoreRefused(`There is no append key ${appendKey}.`);
  return { number: appendKey, key };
}
