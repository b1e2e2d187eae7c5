/** From bytes to sealed object and back (K3, K5, K6), on a real folder. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isRefusal } from '../../src/domain/refusal.ts';
import { openItems } from '../../src/vault/viewing-reader.ts';
import { folderVault, gathered, pieces, sha256 } from './parts.ts';

const MIB = 1024 * 1024;

test.each([0, 1, 262_144, 262_145, 16 * MIB, 16 * MIB + 1, 40 * MIB + 77])(
  'K5: %i bytes taken in come out byte-identical, with the hash of the bytes themselves',
  async (size) => {
    const { vault, store, begin, blob, leaves } = await folderVault();
    const bytes = randomBytes(size);
    const { intake, row } = await begin(size, sha256(bytes));
    if (size > 0) expect(await store.write(row, 0, pieces(bytes))).toEqual({ offset: size });
    const found = await vault.finish(intake);
    if (isRefusal(found)) throw new Error(found.refused);
    expect(found).toMatchObject({ size, sha256: sha256(bytes), mediaType: 'application/octet-stream' });
    const alarms: string[] = [];
    const items = openItems(blob, leaves, (_item, where) => alarms.push(where));
    const reader = await items.open({ live: () => true }, { ...row, sealedManifest: found.sealedManifest });
    expect(reader.size).toBe(size);
    expect((await gathered(reader.stream(0, size))).equals(bytes)).toBe(true);
    expect(alarms).toEqual([]);
  },
);
