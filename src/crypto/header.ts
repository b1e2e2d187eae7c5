/**
 * The 128-byte header of an envelope `CUST` version 1 (K3.2): layout only, no keys.
 * Every unknown or out-of-range value is refused here, before any key work, with the one text of
 * `EnvelopeRejected`.
 */
import { isSuite, type Suite } from './aead.ts';
import { HEADER_SIZE } from './geometry.ts';

/** What a header says, without its random salt and commitment. */
export type HeaderFields = {
  readonly suite: Suite;
  /** 16 bytes: the object's random name. */
  readonly objectId: Buffer;
  /** The leaf of the keyring that wraps the data key, 0 to 2³²−1. */
  readonly keyIndex: number;
  /** The version of the wrapped data key, 0 to 2³²−1. */
  readonly keyVersion: number;
};

/** A header in its parts. */
export type Header = { readonly fields: HeaderFields; readonly salt: Buffer; readonly commitment: Buffer };

/** Thrown whenever an envelope or a part of it does not open. Never says why. */
export class EnvelopeRejected extends Error {
  override readonly name = 'EnvelopeRejected';
  constructor() {
    super('The envelope was rejected.');
  }
}

/** Bytes of the header's salt and of its commitment. */
export const HEADER_SALT_SIZE = 32;
export const COMMITMENT_SIZE = 32;

const OBJECT_ID_SIZE = 16;
const MAX_UINT32 = 0xffff_ffff;
const COMMITMENT_AT = 64;
const ZEROS_AT = 96;
// `CUST`, version 1; then behind the suite: log2 of the chunk size, log2 of the chunks in a segment.
const MAGIC = Buffer.from('CUST\x01', 'latin1');
const GEOMETRY = Buffer.from([18, 6]);

/** Writes a header. Throws a RangeError for fields that do not fit: a fault of the caller. */
export function encodeHeader({ fields, salt, commitment }: Header): Buffer {
  const { suite, objectId, keyIndex, keyVersion } = fields;
  if (objectId.length !== OBJECT_ID_SIZE) throw new RangeError('An object id has 16 bytes.');
  if (!isSuite(suite) || !isUint32(keyIndex) || !isUint32(keyVersion)) {
    throw new RangeError('A header field is out of range.');
  }
  const header = Buffer.alloc(HEADER_SIZE);
  MAGIC.copy(header, 0);
  header.writeUInt8(suite, 5);
  GEOMETRY.copy(header, 6);
  objectId.copy(header, 8);
  header.writeUInt32BE(keyIndex, 24);
  header.writeUInt32BE(keyVersion, 28);
  salt.copy(header, 32);
  commitment.copy(header, COMMITMENT_AT);
  return header;
}

/** Reads a header. Throws `EnvelopeRejected` for anything but a well-formed version 1 with a known suite. */
export function parseHeader(bytes: Uint8Array): Header {
  const header = Buffer.from(bytes);
  if (header.length !== HEADER_SIZE) throw new EnvelopeRejected();
  const suite = header.readUInt8(5);
  const known =
    header.subarray(0, 5).equals(MAGIC) &&
    header.subarray(6, 8).equals(GEOMETRY) &&
    header.subarray(ZEROS_AT).every((byte) => byte === 0);
  if (!known || !isSuite(suite)) throw new EnvelopeRejected();
  return {
    fields: {
      suite,
      objectId: header.subarray(8, 24),
      keyIndex: header.readUInt32BE(24),
      keyVersion: header.readUInt32BE(28),
    },
    salt: header.subarray(32, COMMITMENT_AT),
    commitment: header.subarray(COMMITMENT_AT, ZEROS_AT),
  };
}

/** The header without its commitment, 96 bytes: what the object key is bound to (K3.3). */
export function headerWithoutCommitment(header: Buffer): Buffer {
  return Buffer.concat([header.subarray(0, COMMITMENT_AT), header.subarray(ZEROS_AT)]);
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}
