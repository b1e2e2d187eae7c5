/**
 * From the sealed keys folder to keys in memory (K2, K2.5): the root key, what is derived from it, and the keyring.
 * Nothing here is written anywhere; `wipe` forgets all of it.
 */
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { Secret } from '../crypto/secret.ts';
import { signingKeyFromSeed } from '../crypto/sign.ts';
import { type Keyring, openKeyring } from '../keys/keyring.ts';
import type { RootKey } from '../keys/root.ts';
import { type SealMaterial, SealMissing, sealTerms, unseal } from '../keys/unseal.ts';
import { formatVkey, noteKey } from '../log/note-key.ts';
import type { KeyLeaves } from '../vault/leaves.ts';
import { type NodeFile, readNodeFile } from './node-file.ts';

/** The seal needs something that the configuration does not hold; the text says what. */
export class StillSealed extends Error {
  override readonly name = 'StillSealed';
}

export interface NodeKeys {
  readonly node: NodeFile;
  readonly root: RootKey;
  readonly keyring: Keyring;
  readonly leaves: KeyLeaves;
  /** Ed25519 seed of the log's key. */
  readonly seed: Uint8Array;
  readonly append: Uint8Array;
  readonly cursors: Uint8Array;
  /** Under which names at sign-in are kept. */
  readonly signIn: Uint8Array;
  /** The log's public key as text, to be pinned. */
  readonly vkey: string;
  /** Zeroes every key: the service is sealed. */
  wipe(): void;
}

/** The folders of the keyring: where it lies, and its replica if one is configured. */
export function keyFolders(config: Config): [string, ...string[]] {
  const { folder, replica } = config.keys;
  return replica === '' ? [resolve(folder)] : [resolve(folder), resolve(replica)];
}

/** What opens the seal without a person, as far as the configuration goes. */
function materialOf(config: Config): SealMaterial {
  const terms = sealTerms(resolve(config.keys.folder));
  if (terms === undefined) throw new SealMissing();
  if (terms.kind === 'key-file') return { kind: 'key-file' };
  const passphrase = config.seal.passphrase.bytes.toString('utf8');
  if (terms.kind === 'passphrase' && passphrase !== '') return { kind: 'passphrase', passphrase };
  throw new StillSealed(
    terms.kind === 'passphrase'
      ? 'The seal needs its passphrase.'
      : `The seal needs ${terms.threshold} of its ${terms.total} shares.`,
  );
}

/** Opens the seal. Rejects with `SealMissing`, `StillSealed`, `UnsealRefused` or `KeyFileExposed`. */
export const openRoot = (config: Config, material?: SealMaterial): Promise<RootKey> =>
  unseal(resolve(config.keys.folder), material ?? materialOf(config));

/** What is derived from a root key for the log `node`. */
export function logKeys(root: RootKey, { origin }: Pick<NodeFile, 'origin'>) {
  const own = (secret: Secret): Uint8Array => {
    const bytes = Uint8Array.from(secret.bytes);
    secret.wipe();
    return bytes;
  };
  const seed = own(root.derive('log-signing'));
  const { publicKey } = signingKeyFromSeed(new Secret(Uint8Array.from(seed)));
  return {
    seed,
    append: own(root.derive('append')),
    cursors: own(root.derive('cursors')),
    signIn: own(root.derive('sign-in')),
    vkey: formatVkey(noteKey(origin, 1, publicKey)),
  };
}

/** Opens seal and keyring. Rejects as `openRoot`, with `NotInitialised`, or `KeyringRejected`. */
export async function openKeys(config: Config, material?: SealMaterial): Promise<NodeKeys> {
  const node = readNodeFile(resolve(config.keys.folder));
  const root = await openRoot(config, material);
  const keyring = await openKeyring({ root, folders: keyFolders(config) });
  const derived = logKeys(root, node);
  return {
    node,
    root,
    keyring,
    ...derived,
    leaves: {
      async reserve(collection) {
        await keyring.create(collection);
        return keyring.reserve(collection);
      },
      leaf: keyring.leaf,
    },
    wipe() {
      keyring.close();
      root.wipe();
      for (const bytes of [derived.seed, derived.append, derived.cursors, derived.signIn]) bytes.fill(0);
    },
  };
}
