/**
 * What the vault needs of the keyring (K2), and the keys that a leaf makes. A leaf itself is wiped as soon as a key was
 * derived from it; the vault never keeps one and never sees the root.
 */
import { hkdfSha256 } from '../crypto/hkdf.ts';
import type { Secret } from '../crypto/secret.ts';

/** The keyring, as the vault sees it. */
export interface KeyLeaves {
  /** A leaf number that was never handed out before, durably reserved (K2.2). */
  reserve(collection: string): Promise<number>;
  /**
   * The 32-byte leaf; the caller wipes it. Throws `Punctured` when it was destroyed, and another error while the
   * service is sealed.
   */
  leaf(collection: string, index: number): Secret | Promise<Secret>;
}

/** Where a subject's key is: collection and leaf number. */
export interface KeyPlace {
  readonly collection: string;
  readonly keyIndex: number;
}

const LABELS = {
  fields: Buffer.from('custos/1/fields'),
  kek: Buffer.from('custos/1/kek'),
} as const;

/** HKDF-SHA-256(leaf, no salt, label): the key of a subject's fields, or the key that wraps its data key (K2). */
export async function leafKey(
  leaves: KeyLeaves,
  place: KeyPlace,
  purpose: keyof typeof LABELS,
): Promise<Secret> {
  const leaf = await leaves.leaf(place.collection, place.keyIndex);
  try {
    return hkdfSha256(leaf, Buffer.alloc(0), LABELS[purpose], 32);
  } finally {
    leaf.wipe();
  }
}
