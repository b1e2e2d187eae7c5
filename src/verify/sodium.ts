/**
 * Ed25519 by libsodium, the same on server and page (custody-log L6). A key is sound only if libsodium can map it
 * to Curve25519: this refuses keys of low or mixed order and other spellings, which plain verification may let pass.
 */
import sodium from 'libsodium-wrappers';
import type { Primitives } from './primitives.ts';

/** The two Ed25519 functions, once the library is ready. */
export async function ed25519(): Promise<Pick<Primitives, 'ed25519Verify' | 'ed25519KeyIsSound'>> {
  await sodium.ready;
  return {
    ed25519Verify: (signature, message, key) => {
      if (signature.length !== 64 || key.length !== 32) return false;
      try {
        return sodium.crypto_sign_verify_detached(signature, message, key);
      } catch {
        return false;
      }
    },
    ed25519KeyIsSound: (key) => {
      if (key.length !== 32) return false;
      try {
        return sodium.crypto_sign_ed25519_pk_to_curve25519(key).length === 32;
      } catch {
        return false;
      }
    },
  };
}
