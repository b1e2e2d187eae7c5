/**
 * Making and changing the seal (K2.5): a key file, a passphrase or k-of-n shares around one root key.
 * Changing the seal wraps the same root key again and touches no item. The seal file is replaced in one step: at
 * every instant either the old material opens the node or the new one does.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { split } from 'shamir-secret-sharing';
import { type Argon2Cost, argon2id, STANDARD_COST } from '../crypto/argon2.ts';
import { Secret } from '../crypto/secret.ts';
import { destroyFile, ensureFolder, fileMark } from './durable.ts';
import { writeKeyFile } from './key-file.ts';
import { withLock } from './lock.ts';
import { RootKey } from './root.ts';
import { readSeal, type SealTerms, sealBinding, writeSeal } from './seal-file.ts';
import { formatShare } from './share-text.ts';
import { SealMissing } from './unseal.ts';

/** The seal that is wanted. A key file lies in the keys folder unless `path` says where. */
export type SealChoice =
  | { readonly kind: 'key-file'; readonly path?: string }
  | { readonly kind: 'passphrase'; readonly passphrase: string; readonly cost?: Argon2Cost }
  | { readonly kind: 'shares'; readonly threshold: number; readonly total: number };

/** What sealing gives: the root key, and the shares to print, shown this once (empty for other kinds). */
export type Sealed = { readonly root: RootKey; readonly shares: readonly string[] };

/** Thrown when a folder already has a seal: making another root key would lose everything under the first. */
export class AlreadySealed extends Error {
  override readonly name = 'AlreadySealed';
  constructor() {
    super('The keys folder already has a seal.');
  }
}

/** Thrown when the root key given is not the one that the folder's seal holds. */
export class ForeignRoot extends Error {
  override readonly name = 'ForeignRoot';
  constructor() {
    super('The root key does not belong to this keys folder.');
  }
}

const MIN_PASSPHRASE = 12;
const KEY_SIZE = 32;

/**
 * Makes the root key of a node and seals it. Throws `AlreadySealed`, and a RangeError for a passphrase under 12
 * characters, shares outside 2 ≤ k ≤ n ≤ 255, or a key file over an existing file.
 */
export async function initSeal(folder: string, choice: SealChoice): Promise<Sealed> {
  await ensureFolder(folder);
  return await withLock(lockPath(folder), async () => {
    if (readSeal(folder) !== undefined) throw new AlreadySealed();
    const root = RootKey.create();
    return { root, shares: await close(folder, root, choice) };
  });
}

/**
 * Puts another seal around the same root key and gives the shares to print. The old key file, if there was one, is
 * overwritten and removed; old passphrases and shares open nothing any more, except an old copy of the seal file.
 * Throws `SealMissing`, `ForeignRoot`, and a RangeError as `initSeal`.
 */
export async function reseal(folder: string, root: RootKey, choice: SealChoice): Promise<readonly string[]> {
  return await withLock(lockPath(folder), async () => {
    const old = readSeal(folder);
    if (old === undefined) throw new SealMissing();
    if (old.root !== root.fingerprint()) throw new ForeignRoot();
    const shares = await close(folder, root, choice);
    if (old.terms.kind === 'key-file') await destroyFile(resolve(folder, old.terms.keyFile));
    return shares;
  });
}

type Closing = { readonly key: Secret; readonly terms: SealTerms; readonly shares: readonly string[] };

async function close(folder: string, root: RootKey, choice: SealChoice): Promise<readonly string[]> {
  const { key, terms, shares } = await prepare(folder, choice);
  const fingerprint = root.fingerprint();
  const wrapped = root.wrapUnder(key, sealBinding(terms, fingerprint)).toString('hex');
  key.wipe();
  await writeSeal(folder, { terms, root: fingerprint, wrapped });
  return shares;
}

async function prepare(folder: string, choice: SealChoice): Promise<Closing> {
  if (choice.kind === 'passphrase')
    return await withPassphrase(choice.passphrase, choice.cost ?? STANDARD_COST);
  if (choice.kind === 'shares') return await withShares(choice.threshold, choice.total);
  return await withKeyFile(folder, choice.path);
}

async function withKeyFile(folder: string, path: string | undefined): Promise<Closing> {
  const key = Secret.random(KEY_SIZE);
  // A new name each time: the old file must stay whole until the new seal is durable.
  const keyFile = path === undefined ? `root-${randomBytes(4).toString('hex')}.key` : resolve(path);
  const target = resolve(folder, keyFile);
  if (fileMark(target) !== '') throw new RangeError('There is a file already where the key file shall lie.');
  await writeKeyFile(target, key);
  return { key, terms: { kind: 'key-file', keyFile }, shares: [] };
}

async function withPassphrase(passphrase: string, cost: Argon2Cost): Promise<Closing> {
  if (passphrase.length < MIN_PASSPHRASE) throw new RangeError('A passphrase has at least 12 characters.');
  const salt = randomBytes(16);
  const key = new Secret(await argon2id(Buffer.from(passphrase, 'utf8'), salt, cost));
  return { key, terms: { kind: 'passphrase', salt: salt.toString('hex'), cost }, shares: [] };
}

async function withShares(threshold: number, total: number): Promise<Closing> {
  const sane = Number.isInteger(threshold) && Number.isInteger(total) && threshold >= 2;
  if (!sane || threshold > total || total > 255)
    throw new RangeError('Shares are k of n with 2 ≤ k ≤ n ≤ 255.');
  const key = Secret.random(KEY_SIZE);
  const set = randomBytes(4);
  // The library takes plain arrays only, not buffers.
  const plain = Uint8Array.from(key.bytes);
  const pieces = await split(plain, total, threshold);
  plain.fill(0);
  const shares = pieces.map((piece) => formatShare({ set, threshold, total, bytes: Buffer.from(piece) }));
  return { key, terms: { kind: 'shares', set: set.toString('hex'), threshold, total }, shares };
}

function lockPath(folder: string): string {
  return join(folder, 'seal.lock');
}
