/**
 * Opening the seal (K2.5): material in, root key out.
 * Wrong material, too few shares, a foreign key file and a damaged seal all give the one `UnsealRefused`.
 */
import { resolve } from 'node:path';
import { combine } from 'shamir-secret-sharing';
import { argon2id } from '../crypto/argon2.ts';
import { Secret } from '../crypto/secret.ts';
import { openBound } from '../crypto/wrap.ts';
import { readKeyFile } from './key-file.ts';
import { RootKey } from './root.ts';
import { readSeal, type Seal, type SealTerms, sealBinding, UnsealRefused } from './seal-file.ts';
import { parseShare } from './share-text.ts';

/** What a person or a file brings to open the seal. `path` overrides where the key file is looked for. */
export type SealMaterial =
  | { readonly kind: 'key-file'; readonly path?: string }
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'shares'; readonly shares: readonly string[] };

/** Thrown when a folder was never sealed: `custos init` comes first. */
export class SealMissing extends Error {
  override readonly name = 'SealMissing';
  constructor() {
    super('The keys folder has no seal.');
  }
}

/** How a folder is sealed, for showing what to bring; undefined when it is not sealed yet. */
export function sealTerms(folder: string): SealTerms | undefined {
  return readSeal(folder)?.terms;
}

/**
 * Opens the seal of a keys folder. Throws `SealMissing`, `KeyFileExposed` for a key file that others may read, and
 * `UnsealRefused` for everything else.
 */
export async function unseal(folder: string, material: SealMaterial): Promise<RootKey> {
  const seal = readSeal(folder);
  if (seal === undefined) throw new SealMissing();
  const key = await materialKey(folder, seal.terms, material);
  if (key === undefined) throw new UnsealRefused();
  const root = openRoot(seal, key);
  key.wipe();
  return root;
}

function openRoot({ terms, root, wrapped }: Seal, key: Secret): RootKey {
  try {
    return new RootKey(new Secret(openBound(key, sealBinding(terms, root), Buffer.from(wrapped, 'hex'))));
  } catch {
    throw new UnsealRefused();
  }
}

async function materialKey(
  folder: string,
  terms: SealTerms,
  material: SealMaterial,
): Promise<Secret | undefined> {
  if (terms.kind === 'key-file' && material.kind === 'key-file') {
    return readKeyFile(material.path ?? resolve(folder, terms.keyFile));
  }
  if (terms.kind === 'passphrase' && material.kind === 'passphrase') {
    const salt = Buffer.from(terms.salt, 'hex');
    return new Secret(await argon2id(Buffer.from(material.passphrase, 'utf8'), salt, terms.cost));
  }
  if (terms.kind === 'shares' && material.kind === 'shares') {
    return await combineShares(terms.set, terms.threshold, material.shares);
  }
  return undefined;
}

async function combineShares(
  set: string,
  threshold: number,
  texts: readonly string[],
): Promise<Secret | undefined> {
  const shares = texts.map(parseShare);
  const own = shares.flatMap((share) =>
    share?.set.toString('hex') === set ? [Uint8Array.from(share.bytes)] : [],
  );
  // One slip or one paper of another printing refuses all, so that nothing is learnt by leaving shares out.
  if (own.length !== shares.length || own.length < threshold) return undefined;
  try {
    return new Secret(await combine(own));
  } catch {
    return undefined;
  }
}
