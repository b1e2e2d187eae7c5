/**
 * Private words sealed under the key of the subject that they belong to (K2.1, custody-log L8): titles, names, reasons.
 * When the leaf is punctured the words are gone, in every backup too. Never falls back to another key.
 */
import type { Privacy } from '../acts/ports/outside.ts';
import { Punctured } from '../crypto/puncture.ts';
import type { Secret } from '../crypto/secret.ts';
import { openField, sealField } from '../crypto/wrap.ts';
import { type KeyLeaves, type KeyPlace, leafKey } from './leaves.ts';
import { Recent } from './recent.ts';

/** How many derived keys are kept at most. */
export const KEYS_KEPT = 10_000;

export interface FieldPrivacy extends Privacy {
  /** Overwrites every key at hand: the service is being sealed. */
  wipe(): void;
  /** Overwrites what was derived from a leaf that was just punctured. */
  punctured(place: KeyPlace): void;
}

/**
 * `find` reads the row that says which leaf belongs to a subject, undefined when there is none. Sealing for a subject
 * without a key throws; opening answers null. A changed or misplaced field throws `Unopened`: that is damage, not
 * erasure.
 */
export function fieldPrivacy(
  leaves: KeyLeaves,
  find: (subject: string) => Promise<KeyPlace | undefined>,
): FieldPrivacy {
  const keys = new Recent<string, Secret>(KEYS_KEPT, (key) => key.wipe());
  const places = new Recent<string, KeyPlace>(KEYS_KEPT);
  // Raised by every wipe: a key that was being derived meanwhile must not enter the emptied cache.
  let wipes = 0;

  const placeOf = async (subject: string): Promise<KeyPlace | undefined> => {
    const known = places.get(subject);
    if (known) return known;
    const found = await find(subject);
    if (!found) return undefined;
    const place = { collection: found.collection, keyIndex: found.keyIndex };
    places.set(subject, place);
    return place;
  };

  /** Runs `use` in the same step in which the key is at hand, so that no eviction comes between. */
  const withKey = async <T>(place: KeyPlace, use: (key: Secret) => T): Promise<T> => {
    const known = keys.get(nameOf(place));
    if (known) return use(known);
    const before = wipes;
    const key = await leafKey(leaves, place, 'fields');
    try {
      return use(key);
    } finally {
      if (before === wipes) keys.set(nameOf(place), key);
      else key.wipe();
    }
  };

  return {
    async reserve(collection) {
      return { collection, keyIndex: await leaves.reserve(collection) };
    },
    async seal(subject, field, text, key) {
      const place = key ?? (await placeOf(subject));
      if (!place) throw new Error('The subject has no key.');
      return withKey(place, (secret) => sealField(secret, { subject, field }, Buffer.from(text)));
    },
    async open(subject, field, sealed) {
      const place = await placeOf(subject);
      if (!place) return null;
      try {
        return await withKey(place, (key) => openField(key, { subject, field }, sealed).toString('utf8'));
      } catch (error) {
        if (error instanceof Punctured) return null;
        throw error;
      }
    },
    wipe() {
      wipes += 1;
      keys.clear();
      places.clear();
    },
    punctured(place) {
      wipes += 1;
      keys.drop(nameOf(place));
    },
  };
}

function nameOf({ collection, keyIndex }: KeyPlace): string {
  return `${collection}/${keyIndex}`;
}
