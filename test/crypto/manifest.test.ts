import { describe, expect, it } from 'vitest';
import { EnvelopeRejected } from '../../src/crypto/header.ts';
import { itemKey } from '../../src/crypto/item-keys.ts';
import {
  formatManifest,
  type Manifest,
  openManifest,
  parseManifest,
  sealManifest,
} from '../../src/crypto/manifest.ts';
import { formatRecovery, parseRecovery } from '../../src/crypto/recovery.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { sealBound, Unopened, unwrapKey, wrapKey } from '../../src/crypto/wrap.ts';

const dek = Secret.random(32);
const id = 'ab'.repeat(16);
const manifest: Manifest = {
  format: 'custos-manifest/1',
  objectId: id,
  version: 3,
  size: 16_777_217,
  sha256: 'cd'.repeat(32),
  headerHash: 'ef'.repeat(32),
  segmentSalts: ['01'.repeat(16), '02'.repeat(16)],
  partEtags: ['"5d41402abc4b2a76b9719d911017c592-2"'],
  mediaType: 'video/mp4',
};

/** Texts that are JSON but not a manifest. */
const malformed: [string, object][] = [
  ['another format', { ...manifest, format: 'custos-manifest/2' }],
  ['a missing member', { ...manifest, size: undefined }],
  ['a surplus member', { ...manifest, key: '00' }],
  ['another name', { ...manifest, mediaType: undefined, media: 'video/mp4' }],
  ['an id in capitals', { ...manifest, objectId: id.toUpperCase() }],
  ['version 0', { ...manifest, version: 0 }],
  ['version 1.5', { ...manifest, version: 1.5 }],
  ['a size as text', { ...manifest, size: '1' }],
  ['a negative size', { ...manifest, size: -1 }],
  ['a size past the largest object', { ...manifest, size: 167_772_160_001 }],
  ['a salt too few', { ...manifest, segmentSalts: ['01'.repeat(16)] }],
  ['a salt that is none', { ...manifest, segmentSalts: ['01'.repeat(16), '02'] }],
  ['salts that are no list', { ...manifest, segmentSalts: 'no' }],
  ['an ETag with a blank', { ...manifest, partEtags: ['a b'] }],
  ['no media type', { ...manifest, mediaType: 'video' }],
  ['a hash that is too short', { ...manifest, sha256: 'cd' }],
  ['a header hash that is null', { ...manifest, headerHash: null }],
];

describe('K3.5: manifest', () => {
  it('reads back, sealed for exactly its object and version', () => {
    const sealed = sealManifest(dek, manifest);
    expect(openManifest(dek, id, 3, sealed)).toEqual(manifest);
    expect(() => openManifest(dek, id, 2, sealed)).toThrow(Unopened);
    expect(() => openManifest(dek, 'ac'.repeat(16), 3, sealed)).toThrow(Unopened);
    expect(() => openManifest(Secret.random(32), id, 3, sealed)).toThrow(Unopened);
    expect(sealed.includes('video')).toBe(false);
  });

  it('an empty object has one salt', () => {
    const empty = { ...manifest, size: 0, segmentSalts: ['01'.repeat(16)], partEtags: [] };
    expect(parseManifest(formatManifest(empty))).toEqual(empty);
  });

  it.each(malformed)('%s is refused when read and when written', (_, value) => {
    expect(() => parseManifest(JSON.stringify(value))).toThrow(EnvelopeRejected);
    expect(() => formatManifest(value as Manifest)).toThrow(TypeError);
  });

  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['a number', '1'],
    ['another order or blanks', JSON.stringify(manifest, null, 1)],
    ['a doubled member', formatManifest(manifest).replace('{', '{"format":"x",')],
  ])('%s is refused', (_, text) => {
    expect(() => parseManifest(text)).toThrow(EnvelopeRejected);
  });

  it('what was sealed under the right key for this place but names another is refused', () => {
    const text = Buffer.from(formatManifest(manifest));
    const forged = (object: string, version: number) =>
      sealBound(itemKey(dek, 'manifest'), { object, role: 'manifest', version }, text);
    expect(() => openManifest(dek, id, 4, forged(id, 4))).toThrow(EnvelopeRejected);
    const other = 'ac'.repeat(16);
    expect(() => openManifest(dek, other, 3, forged(other, 3))).toThrow(EnvelopeRejected);
  });
});

describe('K3.5: recovery file', () => {
  const kek = Secret.random(32);
  const context = { collection: 'people', index: 4, item: 'i', object: id, role: 'content', version: 1 };
  const file = {
    context,
    wrappedKey: wrapKey(kek, dek, context),
    manifestVersion: 3,
    sealedManifest: sealManifest(dek, manifest),
  };

  it('with the keyring alone it gives data key and manifest back', () => {
    const read = parseRecovery(formatRecovery(file));
    const key = unwrapKey(kek, read.wrappedKey, read.context);
    expect(openManifest(key, read.context.object, read.manifestVersion, read.sealedManifest)).toEqual(
      manifest,
    );
    expect(formatRecovery(file).toString().split('\n').length).toBe(2);
  });

  const text = formatRecovery(file).toString();
  it.each([
    ['nothing', ''],
    ['no JSON', '{\n'],
    ['null', 'null\n'],
    ['no line end', text.trimEnd()],
    ['another format', text.replace('recovery/1', 'recovery/2')],
    ['a surplus member', text.replace('{', '{"a":1,')],
    ['a surplus member of the context', text.replace('"collection"', '"a":1,"collection"')],
    ['a missing context', text.replace('"context"', '"contexts"')],
    ['an index as text', text.replace('"index":4', '"index":"4"')],
    ['a collection as number', text.replace('"people"', '1')],
    ['a wrapped key that is not base64url', text.replace(/"wrappedKey":"./, '"wrappedKey":"+')],
    ['an empty wrapped key', text.replace(/"wrappedKey":"[^"]*"/, '"wrappedKey":""')],
  ])('%s is refused', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(() => parseRecovery(Buffer.from(changed))).toThrow(EnvelopeRejected);
  });
});
