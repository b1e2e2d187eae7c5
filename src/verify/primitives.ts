/**
 * The cryptography the verifier is given (custody-log L10.1): Node fills it from node:crypto, a page from
 * @noble/hashes, both with libsodium for Ed25519. Nothing else in this folder hashes or verifies by itself.
 */

/** A SHA-256 that is fed piece by piece. */
export interface RunningHash {
  update(data: Uint8Array): void;
  /** 64 lower-case hex; ends the hash. */
  digestHex(): string;
}

/** What needs no signature: the whole of it is SHA-256. */
export interface Hashes {
  /** SHA-256 of `data` as 64 lower-case hex. */
  sha256Hex(data: Uint8Array): string;
  /** SHA-256 of `data`, written to `out[at]` … `out[at + 31]`. */
  sha256Into(data: Uint8Array, out: Uint8Array, at: number): void;
  sha256Running(): RunningHash;
  /** HMAC-SHA256, 32 bytes (RFC 2104). */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
}

export interface Primitives extends Hashes {
  /** Ed25519 (RFC 8032); false for anything but a valid signature of `key` over `message`. */
  ed25519Verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean;
  /** L6: false for keys that are not 32 bytes, of low order, mixed order or not canonical. */
  ed25519KeyIsSound(key: Uint8Array): boolean;
}
