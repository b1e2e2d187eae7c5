/**
 * XChaCha20-Poly1305 with a random 24-byte nonce in front: nonce ‖ ciphertext ‖ tag (K2.6, K5).
 * For keys, fields, manifests and tails, never for bulk content. Never says why something did not open.
 */
import { randomBytes } from 'node:crypto';
import type { Secret } from './secret.ts';
import { sodium } from './sodium.ts';

const NONCE_SIZE = 24;
const TAG_SIZE = 16;

/** How many bytes a sealed text is longer than its plaintext. */
export const XCHACHA_OVERHEAD = NONCE_SIZE + TAG_SIZE;

/** Seals under a fresh random nonce; `bound` is authenticated with it and must be given again to open. */
export function xchachaSeal(key: Secret, bound: Uint8Array, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_SIZE);
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, bound, null, nonce, key.bytes);
  return Buffer.concat([nonce, sealed]);
}

/** Opens what `xchachaSeal` made, or undefined for every reason: length, key, bound bytes, any changed bit. */
export function xchachaOpen(key: Secret, bound: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  const secret = key.bytes;
  if (sealed.length < XCHACHA_OVERHEAD) return undefined;
  const nonce = sealed.subarray(0, NONCE_SIZE);
  const body = sealed.subarray(NONCE_SIZE);
  try {
    const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, body, bound, nonce, secret);
    return Buffer.from(opened.buffer, opened.byteOffset, opened.byteLength);
  } catch {
    return undefined;
  }
}
