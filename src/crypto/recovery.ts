/**
 * The recovery file that lies beside an object (K3.5): where its key belongs, the wrapped data key and the
 * sealed manifest, so that objects and keyring suffice when the database is lost.
 * Opens nothing by itself; whoever can write here can at most make it useless.
 */
import { canonical } from './canonical.ts';
import { EnvelopeRejected } from './header.ts';
import type { WrapContext } from './wrap.ts';

/** What a recovery file holds. The context is authenticated by the wrapped key, the rest by its own seal. */
export type RecoveryFile = {
  readonly context: WrapContext;
  readonly wrappedKey: Buffer;
  readonly manifestVersion: number;
  readonly sealedManifest: Buffer;
};

const FORMAT = 'custos-recovery/1';
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** The bytes of a recovery file: one line of canonical JSON (RFC 8785) with base64url fields. */
export function formatRecovery({
  context,
  wrappedKey,
  manifestVersion,
  sealedManifest,
}: RecoveryFile): Buffer {
  const { collection, index, item, object, role, version } = context;
  const text = canonical({
    format: FORMAT,
    context: { collection, index, item, object, role, version },
    wrappedKey: wrappedKey.toString('base64url'),
    manifestVersion,
    sealedManifest: sealedManifest.toString('base64url'),
  });
  return Buffer.from(`${text}\n`);
}

/** Reads what `formatRecovery` wrote; any other spelling is refused. Throws `EnvelopeRejected`. */
export function parseRecovery(bytes: Uint8Array): RecoveryFile {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const file: RecoveryFile = {
      context: contextOf(member(value, 'context')),
      wrappedKey: base64url(member(value, 'wrappedKey')),
      manifestVersion: count(member(value, 'manifestVersion')),
      sealedManifest: base64url(member(value, 'sealedManifest')),
    };
    // Writing it again catches surplus members, another format, order, blanks and spare bits.
    if (formatRecovery(file).equals(bytes)) return file;
  } catch {
    // Whatever went wrong, there is one answer.
  }
  throw new EnvelopeRejected();
}

function contextOf(value: unknown): WrapContext {
  return {
    collection: text(member(value, 'collection')),
    index: count(member(value, 'index')),
    item: text(member(value, 'item')),
    object: text(member(value, 'object')),
    role: text(member(value, 'role')),
    version: count(member(value, 'version')),
  };
}

function member(value: unknown, name: string): unknown {
  return Reflect.get(Object(value), name);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new EnvelopeRejected();
  return value;
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new EnvelopeRejected();
  return Number(value);
}

function base64url(value: unknown): Buffer {
  const encoded = text(value);
  if (!BASE64URL.test(encoded)) throw new EnvelopeRejected();
  return Buffer.from(encoded, 'base64url');
}
