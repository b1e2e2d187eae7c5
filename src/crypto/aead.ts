/**
 * The two bulk ciphers of the envelope (K3.2, K3.7): AES-256-GCM and ChaCha20-Poly1305 by `node:crypto`.
 * The tag always has 16 bytes (Node accepts shorter ones when not told), and no byte of `update()` leaves
 * before `final()` has verified the whole.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { TAG_SIZE } from './geometry.ts';
import { releaseBytes } from './release.ts';
import type { Secret } from './secret.ts';

/** 1 = AES-256-GCM, 2 = ChaCha20-Poly1305 (RFC 8439). 3 is reserved for SM4-GCM and refused. */
export type Suite = 1 | 2;

const OPTIONS = { authTagLength: TAG_SIZE } as const;

/** True for a suite that this version can work with. */
export function isSuite(value: number): value is Suite {
  return value === 1 || value === 2;
}

/** Writes ciphertext ‖ tag of `plaintext` into `target` at `offset` and returns the offset behind it. */
export function sealInto(
  target: Buffer,
  offset: number,
  suite: Suite,
  key: Secret,
  nonce: Uint8Array,
  plaintext: Uint8Array,
): number {
  const cipher =
    suite === 1
      ? createCipheriv('aes-256-gcm', key.bytes, nonce, OPTIONS)
      : createCipheriv('chacha20-poly1305', key.bytes, nonce, OPTIONS);
  const body = cipher.update(plaintext);
  target.set(body, offset);
  releaseBytes(body);
  cipher.final();
  const end = offset + plaintext.length;
  target.set(cipher.getAuthTag(), end);
  return end + TAG_SIZE;
}

/** The plaintext of ciphertext ‖ tag, or undefined when it does not verify. */
export function openSealed(
  suite: Suite,
  key: Secret,
  nonce: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  const secret = key.bytes;
  if (sealed.length < TAG_SIZE) return undefined;
  const cipher =
    suite === 1
      ? createDecipheriv('aes-256-gcm', secret, nonce, OPTIONS)
      : createDecipheriv('chacha20-poly1305', secret, nonce, OPTIONS);
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG_SIZE));
  const body = cipher.update(sealed.subarray(0, sealed.length - TAG_SIZE));
  try {
    cipher.final();
  } catch {
    body.fill(0);
    return undefined;
  }
  return body;
}
