import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { openHeader } from '../../src/crypto/envelope-keys.ts';
import { openChunk } from '../../src/crypto/envelope-open.ts';
import { type ItemPurpose, itemKey } from '../../src/crypto/item-keys.ts';
import { formatManifest, openManifest } from '../../src/crypto/manifest.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openTailRecord } from '../../src/crypto/tail.ts';
import { openField, unwrapKey } from '../../src/crypto/wrap.ts';
import { readPage } from './doc-vectors.ts';
import { openAll } from './envelope-maker.ts';
import { readByDoc } from './envelope-reader.ts';
import { content, envelopeVectors } from './envelope-vectors.ts';
import { hex } from './vector-files.ts';

const secret = (text: string) => new Secret(hex(text));

describe('K3.8: the vectors of docs/formats/envelope.md', () => {
  let page: Awaited<ReturnType<typeof envelopeVectors>>;
  beforeAll(() => {
    page = readPage('envelope.md') as typeof page;
  });

  it('are what the page’s own words give', async () => {
    expect(page).toEqual(await envelopeVectors());
    expect(page.objects.length).toBe(4);
  });

  it('headers, keys and last chunks open with the product', () => {
    for (const vector of page.objects) {
      const object = openHeader(secret(vector.dek), hex(vector.header));
      expect(object.headerHash.toString('hex')).toBe(vector.headerHash);
      expect(object.key.bytes.toString('hex')).toBe(vector.objectKey);
      expect(object.fields).toEqual({
        suite: vector.suite,
        objectId: hex(vector.objectId),
        keyIndex: vector.keyIndex,
        keyVersion: vector.keyVersion,
      });
      const count = Math.max(1, Math.ceil(vector.size / 262_144));
      const position = { segment: vector.segments.length - 1, chunk: (count - 1) % 64, final: true };
      const opened = openChunk(
        object,
        hex(vector.segments.at(-1)!.salt),
        position,
        hex(vector.lastChunk.sealed),
      );
      expect(opened.equals(content(vector.size).subarray((count - 1) * 262_144))).toBe(true);
    }
  });

  it('a stored object made from the page alone opens with the product, byte by byte', async () => {
    const vector = page.objects[0]!;
    const salts = vector.segments.map((segment) => hex(segment.salt));
    const stored = Buffer.concat([
      hex(vector.header),
      salts[0]!,
      Buffer.alloc(16),
      hex(vector.lastChunk.sealed),
    ]);
    expect(createHash('sha256').update(stored).digest('hex')).toBe(vector.storedSha256);
    expect(stored.length).toBe(vector.storedSize);
    const manifest = { size: vector.size, salts, headerHash: hex(vector.headerHash) };
    expect(openAll(secret(vector.dek), stored, manifest).equals(content(5))).toBe(true);
    expect((await readByDoc(hex(vector.dek), stored, vector.size, salts)).equals(content(5))).toBe(true);
  });

  it('small sealed things open with the product', () => {
    for (const { purpose, key } of page.itemKeys.keys) {
      expect(itemKey(secret(page.itemKeys.dek), purpose as ItemPurpose).bytes.toString('hex')).toBe(key);
    }
    const wrap = page.wrappedKey;
    expect(unwrapKey(secret(wrap.kek), hex(wrap.wrapped), JSON.parse(wrap.bound)).bytes.toString('hex')).toBe(
      wrap.key,
    );
    const field = page.sealedField;
    expect(openField(secret(field.key), JSON.parse(field.bound), hex(field.sealed)).toString()).toBe(
      field.text,
    );
    const { dek, text, bound, sealed } = page.sealedManifest;
    const { object, version } = JSON.parse(bound) as { object: string; version: number };
    expect(formatManifest(openManifest(secret(dek), object, version, hex(sealed)))).toBe(text);
    const tail = page.tailRecord;
    const opened = openTailRecord(
      itemKey(secret(tail.dek), 'tail'),
      hex(tail.objectId),
      tail,
      hex(tail.record),
    );
    expect(opened.toString('hex')).toBe(tail.plaintext);
  });
});
