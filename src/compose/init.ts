/**
 * The first start of a node (portal 8): folders, seal, keyring of the people, an empty log with its first signature, and
 * the token for the first run. Never touches a node that is there: each step refuses what exists.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Config, storeUrl } from '../config.ts';
import { openKeyring } from '../keys/keyring.ts';
import { AlreadySealed, initSeal, type SealChoice } from '../keys/seal.ts';
import { sealTerms } from '../keys/unseal.ts';
import { createLog } from '../store/create-log.ts';
import { writeToken } from './first-run.ts';
import { keyFolders, logKeys } from './keys.ts';
import { writeNodeFile } from './node-file.ts';
import { storeStart } from './store.ts';

export interface Initialised {
  readonly origin: string;
  /** The log's public key: pin it where nobody of this service can change it. */
  readonly vkey: string;
  /** File with the line to trust, for `custos verify --trust`. */
  readonly trustFile: string;
  /** To be printed once; empty unless the seal is shares. */
  readonly shares: readonly string[];
  readonly token: string;
  /** ms UTC. */
  readonly tokenUntil: number;
}

/** Where the trust file lies. */
export const trustFile = (config: Config): string => join(resolve(config.keys.folder), 'trust.policy');

/** A folder that only its owner may use. */
function ownFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/**
 * Makes a node. `name`: the host that the log is named after. Rejects with `AlreadySealed` when the keys folder has a
 * node already, `RangeError` for a bad seal, `StoreRefused` when the database has a log.
 */
export async function initNode(
  config: Config,
  seal: SealChoice,
  name: string,
  now: number,
): Promise<Initialised> {
  const keysFolder = resolve(config.keys.folder);
  if (existsSync(keysFolder) && sealTerms(keysFolder) !== undefined) throw new AlreadySealed();
  for (const folder of [resolve(config.data.folder), ...keyFolders(config)]) ownFolder(folder);
  const store = storeUrl(config);
  if (store.startsWith('folder:')) ownFolder(store.slice('folder:'.length));
  const node = { origin: `${name}/${randomBytes(16).toString('hex')}`, epoch: 0, appendKey: 1 };
  const { root, shares } = await initSeal(keysFolder, seal);
  try {
    const keyring = await openKeyring({ root, folders: keyFolders(config) });
    await keyring.create('people');
    keyring.close();
    const keys = logKeys(root, node);
    await createLog(storeStart(config, { node, ...keys }), now);
    writeNodeFile(keysFolder, node);
    writeFileSync(trustFile(config), `log ${keys.vkey}\nquorum none\n`, { mode: 0o644 });
    const { token, until } = writeToken(config, now);
    const { vkey } = keys;
    return { origin: node.origin, vkey, trustFile: trustFile(config), shares, token, tokenUntil: until };
  } finally {
    root.wipe();
  }
}
