/**
 * HKDF (RFC 5869) with SHA-256 and SHA-512, the only way that a key makes another key (K2, K3.3).
 * Never takes a label from outside: callers pass fixed labels, so that no two uses share a key.
 */
import { hkdfSync } from 'node:crypto';
import { Secret } from './secret.ts';

/** `length` bytes of HKDF-SHA-256. An empty salt means 32 zero bytes (RFC 5869 section 2.2); info ≤ 1,024 bytes. */
export function hkdfSha256(key: Secret, salt: Uint8Array, info: Uint8Array, length: number): Secret {
  return new Secret(new Uint8Array(hkdfSync('sha256', key.bytes, salt, info, length)));
}

/** `length` bytes of HKDF-SHA-512. An empty salt means 64 zero bytes (RFC 5869 section 2.2); info ≤ 1,024 bytes. */
export function hkdfSha512(key: Secret, salt: Uint8Array, info: Uint8Array, length: number): Secret {
  return new Secret(new Uint8Array(hkdfSync('sha512', key.bytes, salt, info, length)));
}
