/**
 * The keys and nonces of an envelope (K3.3) and an object whose header was made or opened.
 * Never hands out an object key before its commitment was checked.
 */
import { randomBytes } from 'node:crypto';
import { equalBytes, sha256 } from './digest.ts';
import type { ChunkPosition } from './geometry.ts';
import {
  COMMITMENT_SIZE,
  EnvelopeRejected,
  encodeHeader,
  HEADER_SALT_SIZE,
  type HeaderFields,
  headerWithoutCommitment,
  parseHeader,
} from './header.ts';
import { hkdfSha256, hkdfSha512 } from './hkdf.ts';
import { Secret } from './secret.ts';

/** An object whose key is known: it can be sealed into and opened. Wipe `key` when done. */
export type EnvelopeObject = {
  /** The 128 bytes that stand before the first segment. */
  readonly header: Buffer;
  /** SHA-256 of the header, as the manifest keeps it. */
  readonly headerHash: Buffer;
  readonly fields: HeaderFields;
  /** The 32-byte object key. */
  readonly key: Secret;
};

const OBJECT_LABEL = Buffer.from('custos/1/object');
const SEGMENT_LABEL = Buffer.from('custos/1/segment');
const KEY_SIZE = 32;

/** Makes a new object under a data key, with a fresh random salt. Throws a RangeError for bad fields. */
export function newObject(dek: Secret, fields: HeaderFields): EnvelopeObject {
  const salt = randomBytes(HEADER_SALT_SIZE);
  const bare = encodeHeader({ fields, salt, commitment: Buffer.alloc(COMMITMENT_SIZE) });
  const { key, commitment } = deriveObject(dek, salt, bare);
  return described(encodeHeader({ fields, salt, commitment }), fields, key);
}

/**
 * Opens a stored header under a data key: shape first, then the commitment in constant time. Also how an
 * interrupted intake goes on sealing. Throws `EnvelopeRejected`.
 */
export function openHeader(dek: Secret, header: Uint8Array): EnvelopeObject {
  const { fields, salt, commitment } = parseHeader(header);
  const own = Buffer.from(header);
  const derived = deriveObject(dek, salt, own);
  if (!equalBytes(derived.commitment, commitment)) {
    derived.key.wipe();
    throw new EnvelopeRejected();
  }
  return described(own, fields, derived.key);
}

/** The 32-byte key of one segment: HKDF-SHA-256(object key, segment salt, label ‖ u32 segment number). */
export function segmentKey(object: EnvelopeObject, segment: number, salt: Uint8Array): Secret {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(segment);
  return hkdfSha256(object.key, salt, Buffer.concat([SEGMENT_LABEL, number]), KEY_SIZE);
}

/** The 12-byte nonce of a chunk: 7 zero bytes ‖ u32 chunk number in the segment ‖ final flag. */
export function chunkNonce({ chunk, final }: ChunkPosition): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(chunk, 7);
  nonce.writeUInt8(final ? 1 : 0, 11);
  return nonce;
}

function deriveObject(dek: Secret, salt: Buffer, header: Buffer): { key: Secret; commitment: Buffer } {
  const info = Buffer.concat([OBJECT_LABEL, headerWithoutCommitment(header)]);
  const both = hkdfSha512(dek, salt, info, KEY_SIZE + COMMITMENT_SIZE);
  const key = new Secret(Buffer.from(both.bytes.subarray(0, KEY_SIZE)));
  const commitment = Buffer.from(both.bytes.subarray(KEY_SIZE));
  both.wipe();
  return { key, commitment };
}

function described(header: Buffer, fields: HeaderFields, key: Secret): EnvelopeObject {
  return { header, headerHash: sha256(header), fields, key };
}
