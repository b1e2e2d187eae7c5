/**
 * The manifest of an object (K3.5): sizes, hashes and every segment salt, as canonical JSON, sealed under the
 * item's manifest key. The salts that open an object come from here, never from the store. Holds no key
 * material, so that a rotation rewrites small files only.
 */
import { canonical, type Json } from './canonical.ts';
import { MAX_OBJECT_SIZE, segmentCount } from './geometry.ts';
import { EnvelopeRejected } from './header.ts';
import { itemKey } from './item-keys.ts';
import type { Secret } from './secret.ts';
import { openBound, sealBound } from './wrap.ts';

/** What is known of a complete object. Byte strings are lower-case hex. */
export type Manifest = {
  readonly format: 'custos-manifest/1';
  /** 32 hex digits: the object's random name, as in its header. */
  readonly objectId: string;
  /** 1 and upwards; a rewritten manifest of the same object counts on. */
  readonly version: number;
  /** Plaintext bytes of the object. */
  readonly size: number;
  /** SHA-256 of the plaintext, 64 hex digits. */
  readonly sha256: string;
  /** SHA-256 of the 128-byte header, 64 hex digits. */
  readonly headerHash: string;
  /** One salt of 32 hex digits for each segment, in order. */
  readonly segmentSalts: readonly string[];
  /** What the store answered for each part; empty where the store has no such thing. */
  readonly partEtags: readonly string[];
  /** The type found from the bytes at intake, such as `video/mp4`. */
  readonly mediaType: string;
};

const matches = (shape: RegExp) => (value: unknown) => typeof value === 'string' && shape.test(value);
const listOf = (test: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(test);
const isCount = (value: unknown) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const hex16 = matches(/^[0-9a-f]{32}$/);
const hex32 = matches(/^[0-9a-f]{64}$/);

/** One test for each member; a manifest has exactly these. */
const MEMBERS: Readonly<Record<keyof Manifest, (value: unknown) => boolean>> = {
  format: (value) => value === 'custos-manifest/1',
  objectId: hex16,
  version: (value) => isCount(value) && value !== 0,
  size: (value) => isCount(value) && Number(value) <= MAX_OBJECT_SIZE,
  sha256: hex32,
  headerHash: hex32,
  segmentSalts: listOf(hex16),
  partEtags: listOf(matches(/^[\x21-\x7e]{1,128}$/)),
  mediaType: matches(/^[a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9][a-z0-9.+-]{0,63}$/),
};

/** The canonical JSON of a manifest (RFC 8785). Throws a TypeError for one that `parseManifest` would refuse. */
export function formatManifest(manifest: Manifest): string {
  if (!isManifest(manifest)) throw new TypeError('The manifest is not well-formed.');
  return canonical(manifest);
}

/** Reads what `formatManifest` wrote; any other spelling is refused. Throws `EnvelopeRejected`. */
export function parseManifest(text: string): Manifest {
  const value = parseJson(text);
  if (!isManifest(value) || canonical(value) !== text) throw new EnvelopeRejected();
  return value;
}

/** Seals a manifest under its item's data key, bound to object and version. */
export function sealManifest(dek: Secret, manifest: Manifest): Buffer {
  const text = formatManifest(manifest);
  const key = itemKey(dek, 'manifest');
  const sealed = sealBound(key, bound(manifest.objectId, manifest.version), Buffer.from(text));
  key.wipe();
  return sealed;
}

/**
 * Opens a sealed manifest of exactly this object and version. Throws `Unopened` when it does not open, and
 * `EnvelopeRejected` when what it holds is not a manifest of that object and version.
 */
export function openManifest(dek: Secret, objectId: string, version: number, sealed: Uint8Array): Manifest {
  const key = itemKey(dek, 'manifest');
  try {
    const manifest = parseManifest(openBound(key, bound(objectId, version), sealed).toString('utf8'));
    if (manifest.objectId !== objectId || manifest.version !== version) throw new EnvelopeRejected();
    return manifest;
  } finally {
    key.wipe();
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const names = Object.keys(value);
  if (names.length !== Object.keys(MEMBERS).length) return false;
  if (!Object.entries(MEMBERS).every(([name, test]) => test(Reflect.get(value, name)))) return false;
  const { size, segmentSalts } = value as Manifest;
  return segmentSalts.length === segmentCount(size);
}

function bound(object: string, version: number): Json {
  return { object, role: 'manifest', version };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
