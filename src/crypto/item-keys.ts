/**
 * The keys that an item's data key makes besides its content envelope (K2): manifest, title, text index,
 * tail, and a data key of its own for every derivative.
 */
import { hkdfSha256 } from './hkdf.ts';
import type { Secret } from './secret.ts';

/** What a derived item key is for. A derivative's name is `[a-z0-9-]{1,64}`. */
export type ItemPurpose = 'manifest' | 'title' | 'text-index' | 'tail' | `derivative:${string}`;

const SHAPE = /^(?:manifest|title|text-index|tail|derivative:[a-z0-9-]{1,64})$/;

/**
 * HKDF-SHA-256(data key, no salt, `custos/1/` ‖ purpose), 32 bytes. For a derivative it is the data key of the
 * derivative's envelope. Throws a RangeError for an unknown purpose.
 */
export function itemKey(dek: Secret, purpose: ItemPurpose): Secret {
  if (!SHAPE.test(purpose)) throw new RangeError('An item key has no such purpose.');
  return hkdfSha256(dek, Buffer.alloc(0), Buffer.from(`custos/1/${purpose}`), 32);
}
