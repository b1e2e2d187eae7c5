import { describe, expect, it } from 'vitest';
import { equalBytes, hmacSha256, sha256, sha256Hex } from '../../src/crypto/digest.ts';
import { hkdfSha256, hkdfSha512 } from '../../src/crypto/hkdf.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { haveVectors, hex, wycheproof } from './vector-files.ts';

type Hkdf = { ikm: string; salt: string; info: string; size: number; okm: string };
type Mac = { key: string; msg: string; tag: string };

describe.skipIf(!haveVectors)('K3.8: Wycheproof HKDF and HMAC vectors', () => {
  it.each([
    ['hkdf_sha256', hkdfSha256, 86],
    ['hkdf_sha512', hkdfSha512, 83],
  ] as const)('%s', (file, derive, total) => {
    const { numberOfTests, testGroups } = wycheproof<object, Hkdf>(file);
    expect(numberOfTests).toBe(total);
    for (const test of testGroups.flatMap((group) => group.tests)) {
      const run = () =>
        derive(new Secret(hex(test.ikm)), hex(test.salt), hex(test.info), test.size).bytes.toString('hex');
      if (test.result === 'valid') expect(run(), `${test.tcId}`).toBe(test.okm);
      else expect(run, `${test.tcId} ${test.comment}`).toThrow();
    }
  });

  it('hmac_sha256', () => {
    const { numberOfTests, testGroups } = wycheproof<{ tagSize: number }, Mac>('hmac_sha256');
    expect(numberOfTests).toBe(174);
    for (const group of testGroups) {
      for (const test of group.tests) {
        const tag = hmacSha256(hex(test.key), hex(test.msg)).subarray(0, group.tagSize / 8);
        expect(equalBytes(tag, hex(test.tag)), `${test.tcId}`).toBe(test.result === 'valid');
      }
    }
  });
});

describe('L3.1: digests over parts', () => {
  // FIPS 180-4 examples.
  it('known values', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256Hex()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('parts are hashed as if they were one, strings as UTF-8, short and long', () => {
    const long = Buffer.alloc(40_000, 7);
    expect(sha256('a', Buffer.from('b'), 'é')).toEqual(sha256(Buffer.from('abé')));
    expect(sha256('a', long)).toEqual(sha256(Buffer.concat([Buffer.from('a'), long])));
    expect(hmacSha256(long, 'a', 'b')).toEqual(hmacSha256(long, 'ab'));
  });

  it('equal bytes only when the lengths are equal too', () => {
    expect(equalBytes(Buffer.of(1, 2), Buffer.of(1, 2))).toBe(true);
    expect(equalBytes(Buffer.of(1, 2), Buffer.of(1, 3))).toBe(false);
    expect(equalBytes(Buffer.of(1, 2), Buffer.of(1))).toBe(false);
  });
});
