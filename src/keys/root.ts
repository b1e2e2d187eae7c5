/**
 * The root key RK (K2): in memory only, zeroed when the service is sealed. It makes every other key of the node
 * by name and never leaves this class except wrapped by a seal (K2.5).
 */

import type { Json } from '../crypto/canonical.ts';
import { hkdfSha256 } from '../crypto/hkdf.ts';
import { Secret } from '../crypto/secret.ts';
import { sealBound } from '../crypto/wrap.ts';

/**
 * What a key made from the root is for. Append codes, sessions, log signing, outbox secrets, page cursors and
 * names at sign-in have keys of their own; `keyring:` is followed by a collection.
 */
export type RootPurpose =
  | 'append'
  | 'sessions'
  | 'log-signing'
  | 'outbox'
  | 'people'
  | 'cursors'
  | 'sign-in'
  | 'uploads'
  | `keyring:${string}`;

const ROOT_SIZE = 32;

/** The root key of a node. Every use after `wipe()` throws. */
export class RootKey {
  readonly #secret: Secret;

  /** Takes ownership of 32 bytes. Throws a RangeError for another size. */
  constructor(secret: Secret) {
    if (secret.bytes.length !== ROOT_SIZE) throw new RangeError('A root key has 32 bytes.');
    this.#secret = secret;
  }

  /** A fresh random root key. */
  static create(): RootKey {
    return new RootKey(Secret.random(ROOT_SIZE));
  }

  /** The 32-byte key for a purpose: HKDF-SHA-256(RK, no salt, `custos/1/root/` ‖ purpose). */
  derive(purpose: RootPurpose): Secret {
    return this.#expand(purpose);
  }

  /** A public value that tells whether two root keys are the same one, 64 hex digits; reveals nothing of them. */
  fingerprint(): string {
    return this.#expand('fingerprint').bytes.toString('hex');
  }

  /** The root key wrapped under a seal's key, bound to what the seal file says. */
  wrapUnder(key: Secret, context: Json): Buffer {
    return sealBound(key, context, this.#secret.bytes);
  }

  /** Zeroes the key: the service is sealed again. */
  wipe(): void {
    this.#secret.wipe();
  }

  #expand(purpose: RootPurpose | 'fingerprint'): Secret {
    return hkdfSha256(this.#secret, Buffer.alloc(0), Buffer.from(`custos/1/root/${purpose}`), 32);
  }
}
