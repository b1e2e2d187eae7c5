import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/crypto/secret.ts';
import {
  acceptPublicKey,
  PublicKeyRefused,
  signingKeyFromSeed,
  verifySignature,
} from '../../src/crypto/sign.ts';
import { haveVectors, hex, readVector, wycheproof } from './vector-files.ts';

const accepts = (key: Buffer, message: Buffer, signature: Buffer): boolean => {
  try {
    return verifySignature(acceptPublicKey(key), message, signature);
  } catch (error) {
    expect(error).toBeInstanceOf(PublicKeyRefused);
    return false;
  }
};

describe.skipIf(!haveVectors)('L6: Ed25519 vectors', () => {
  it('Wycheproof 151 of 151', () => {
    const { numberOfTests, testGroups } = wycheproof<
      { publicKey: { pk: string } },
      { msg: string; sig: string }
    >('ed25519');
    expect(numberOfTests).toBe(151);
    for (const group of testGroups) {
      for (const test of group.tests) {
        const got = accepts(hex(group.publicKey.pk), hex(test.msg), hex(test.sig));
        expect(got, `${test.tcId} ${test.comment}`).toBe(test.result === 'valid');
      }
    }
  });

  it('of 914 edge cases exactly number 305 is accepted', () => {
    const cases: { number: number; key: string; sig: string; msg: string }[] = JSON.parse(
      readVector('cctv-ed25519/ed25519vectors.json').toString('utf8'),
    );
    expect(cases.length).toBe(914);
    const accepted = cases.filter((c) => accepts(hex(c.key), Buffer.from(c.msg), hex(c.sig)));
    expect(accepted.map((c) => c.number)).toEqual([305]);
  });
});

describe('L6: signing', () => {
  // RFC 8032 section 7.1, test 2.
  const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';

  it('a key from a seed is the key of RFC 8032, and its signature verifies', () => {
    const key = signingKeyFromSeed(new Secret(hex(seed)));
    expect(key.publicKey.toString('hex')).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    );
    const signature = key.sign(hex('72'));
    expect(signature.toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(verifySignature(key.publicKey, hex('72'), signature)).toBe(true);
    expect(verifySignature(key.publicKey, hex('73'), signature)).toBe(false);
    expect(verifySignature(key.publicKey, hex('72'), signature.subarray(1))).toBe(false);
  });

  it('a seed or public key of another size is refused', () => {
    expect(() => signingKeyFromSeed(Secret.random(31))).toThrow(RangeError);
    expect(() => acceptPublicKey(Buffer.alloc(31))).toThrow(PublicKeyRefused);
    expect(() => acceptPublicKey(Buffer.alloc(32))).toThrow(PublicKeyRefused);
  });
});
