/**
 * Ed25519 signatures (RFC 8032) of the custody log, with the key check of custody-log L6.
 * Never verifies under a key that was not checked: OpenSSL alone lets low-order and non-canonical keys
 * through, so verification is libsodium's and takes only a `PublicKey`.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Secret } from './secret.ts';
import { sodium } from './sodium.ts';

const SEED_SIZE = 32;
const PUBLIC_KEY_SIZE = 32;
const SIGNATURE_SIZE = 64;
// RFC 8410 section 7: the fixed DER that stands before a 32-byte seed.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

declare const checked: unique symbol;

/** 32 bytes of an Ed25519 public key that passed the check of L6. */
export type PublicKey = Buffer & { readonly [checked]: true };

/** A private signing key; the seed is not kept in readable form. */
export type SigningKey = {
  readonly publicKey: PublicKey;
  /** The 64-byte signature of `message` (RFC 8032 section 5.1.6, no pre-hash). */
  sign(message: Uint8Array): Buffer;
};

/** Thrown for a public key that is malformed, of low or mixed order, or not in canonical form (L6). */
export class PublicKeyRefused extends Error {
  override readonly name = 'PublicKeyRefused';
  constructor() {
    super('The public key was refused.');
  }
}

/** The signing key of a 32-byte seed. Throws a RangeError for another size. */
export function signingKeyFromSeed(seed: Secret): SigningKey {
  if (seed.bytes.length !== SEED_SIZE) throw new RangeError('A seed has 32 bytes.');
  const der = Buffer.concat([PKCS8_PREFIX, seed.bytes]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: acceptPublicKey(spki.subarray(-PUBLIC_KEY_SIZE)),
    sign: (message) => sign(null, message, privateKey),
  };
}

/** Checks a public key once (L6) and returns a copy that `verifySignature` takes. Throws `PublicKeyRefused`. */
export function acceptPublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_SIZE) throw new PublicKeyRefused();
  try {
    sodium.crypto_sign_ed25519_pk_to_curve25519(bytes);
  } catch {
    throw new PublicKeyRefused();
  }
  return Buffer.from(bytes) as PublicKey;
}

/** True when `signature` is a valid Ed25519 signature of `message`; false for every other reason. */
export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_SIZE) return false;
  return sodium.crypto_sign_verify_detached(signature, message, publicKey);
}
