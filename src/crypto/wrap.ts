/**
 * Wrapped keys and sealed fields (K2.6): XChaCha20-Poly1305 bound to where they belong by canonical JSON.
 * Never opens in another place than the one it was sealed for; one text for every reason of failure.
 */
import { canonical, type Json } from './canonical.ts';
import { Secret } from './secret.ts';
import { xchachaOpen, xchachaSeal } from './xchacha.ts';

/** Where a wrapped key belongs; all of it is authenticated, none of it is secret. */
export type WrapContext = {
  readonly collection: string;
  readonly index: number;
  readonly item: string;
  readonly object: string;
  readonly role: string;
  readonly version: number;
};

/** Where a sealed field belongs: the subject it describes, and the name of the field. */
export type FieldContext = { readonly subject: string; readonly field: string };

/** Thrown when a wrapped key or sealed field does not open. Never says why. */
export class Unopened extends Error {
  override readonly name = 'Unopened';
  constructor() {
    super('The sealed value could not be opened.');
  }
}

/** Wraps `key` under `wrappingKey` with a fresh random nonce: 24 + size + 16 bytes. */
export function wrapKey(wrappingKey: Secret, key: Secret, context: WrapContext): Buffer {
  return sealBound(wrappingKey, wrapBound(context), key.bytes);
}

/** The key that `wrapKey` wrapped for the same context. Throws `Unopened`. */
export function unwrapKey(wrappingKey: Secret, wrapped: Uint8Array, context: WrapContext): Secret {
  return new Secret(openBound(wrappingKey, wrapBound(context), wrapped));
}

/** Seals a title, a private log field or another small value for exactly one subject and field name. */
export function sealField(key: Secret, context: FieldContext, bytes: Uint8Array): Buffer {
  return sealBound(key, fieldBound(context), bytes);
}

/** The bytes that `sealField` sealed for the same context. Throws `Unopened`. */
export function openField(key: Secret, context: FieldContext, sealed: Uint8Array): Buffer {
  return openBound(key, fieldBound(context), sealed);
}

/** Seals under any associated data given as JSON, with a fresh random nonce; for sealed files of ours. */
export function sealBound(key: Secret, context: Json, bytes: Uint8Array): Buffer {
  return xchachaSeal(key, Buffer.from(canonical(context)), bytes);
}

/** The bytes that `sealBound` sealed under the same associated data. Throws `Unopened`. */
export function openBound(key: Secret, context: Json, sealed: Uint8Array): Buffer {
  const bytes = xchachaOpen(key, Buffer.from(canonical(context)), sealed);
  if (bytes === undefined) throw new Unopened();
  return bytes;
}

// Member by member, so that a surplus property of a caller's object can neither help nor harm.
function wrapBound({ collection, index, item, object, role, version }: WrapContext): Json {
  return { collection, index, item, object, role, version };
}

function fieldBound({ subject, field }: FieldContext): Json {
  return { field, subject };
}
