import { createCipheriv, createDecipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSuite, openSealed, type Suite, sealInto } from '../../src/crypto/aead.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { xchachaOpen, xchachaSeal } from '../../src/crypto/xchacha.ts';
import { haveVectors, hex, skipped, wycheproof } from './vector-files.ts';

type AeadGroup = { ivSize: number; keySize: number; tagSize: number };
type AeadTest = { key: string; iv: string; aad: string; msg: string; ct: string; tag: string };

/** Opens by the product's function where it applies; otherwise by the same library and settings. */
function open(file: string, suite: Suite, test: AeadTest): Buffer | undefined {
  const [key, iv, aad, ct, tag] = [test.key, test.iv, test.aad, test.ct, test.tag].map(hex) as Buffer[];
  const sealed = Buffer.concat([ct!, tag!]);
  if (aad!.length === 0 && key!.length === 32 && iv!.length === 12) {
    return openSealed(suite, new Secret(key!), iv!, sealed);
  }
  const options = { authTagLength: 16 };
  try {
    const cipher =
      file === 'aes_gcm'
        ? createDecipheriv(`aes-${key!.length * 8}-gcm` as 'aes-256-gcm', key!, iv!, options)
        : createDecipheriv('chacha20-poly1305', key!, iv!, options);
    cipher.setAuthTag(tag!);
    cipher.setAAD(aad!, { plaintextLength: ct!.length });
    const body = cipher.update(ct!);
    cipher.final();
    return body;
  } catch {
    return undefined;
  }
}

describe.skipIf(!haveVectors)('K3.8: Wycheproof AEAD vectors', () => {
  it.each([
    ['aes_gcm', 1, 316, 313],
    ['chacha20_poly1305', 2, 325, 325],
  ] as const)('%s opens exactly the valid ones', (file, suite, total, run) => {
    const { numberOfTests, testGroups } = wycheproof<AeadGroup, AeadTest>(file);
    const skips = skipped(file);
    const tests = testGroups.flatMap((group) => group.tests).filter((test) => !skips.has(test.tcId));
    expect([numberOfTests, tests.length]).toEqual([total, run]);
    let byProduct = 0;
    for (const test of tests) {
      const opened = open(file, suite, test)?.toString('hex');
      expect(opened, `${test.tcId} ${test.comment}`).toBe(test.result === 'valid' ? test.msg : undefined);
      if (test.aad === '' && test.key.length === 64 && test.iv.length === 24) byProduct += 1;
    }
    expect(byProduct).toBeGreaterThan(20);
  });

  it('what the product seals is what the valid vectors say', () => {
    for (const [file, suite] of [
      ['aes_gcm', 1],
      ['chacha20_poly1305', 2],
    ] as const) {
      const { testGroups } = wycheproof<AeadGroup, AeadTest>(file);
      const own = testGroups
        .flatMap((group) => group.tests)
        .filter((t) => t.result === 'valid' && t.aad === '' && t.key.length === 64 && t.iv.length === 24);
      for (const test of own) {
        const target = Buffer.alloc(test.msg.length / 2 + 16);
        const end = sealInto(target, 0, suite, new Secret(hex(test.key)), hex(test.iv), hex(test.msg));
        expect(end).toBe(target.length);
        expect(target.toString('hex')).toBe(test.ct + test.tag);
      }
      expect(own.length).toBeGreaterThan(10);
    }
  });

  it('XChaCha20-Poly1305 opens exactly the valid ones, through the function that wraps keys', () => {
    const { numberOfTests, testGroups } = wycheproof<AeadGroup, AeadTest>('xchacha20_poly1305');
    let run = 0;
    for (const test of testGroups.flatMap((group) => group.tests)) {
      const sealed = Buffer.concat([hex(test.iv), hex(test.ct), hex(test.tag)]);
      // A nonce of another size shifts the parts: such a text never opens as anything.
      const opened = xchachaOpen(new Secret(hex(test.key)), hex(test.aad), sealed)?.toString('hex');
      expect(opened, `${test.tcId} ${test.comment}`).toBe(test.result === 'valid' ? test.msg : undefined);
      run += 1;
    }
    expect([numberOfTests, run]).toEqual([315, 315]);
  });
});

describe('K3.6: traps of the AEADs', () => {
  const key = Secret.random(32);
  const nonce = Buffer.alloc(12);

  it.each([1, 2] as const)('suite %i: a shortened tag is refused, down to no tag at all', (suite) => {
    const sealed = Buffer.alloc(4 + 16);
    sealInto(sealed, 0, suite, key, nonce, Buffer.from('text'));
    expect(openSealed(suite, key, nonce, sealed)?.toString()).toBe('text');
    for (let size = 0; size < sealed.length; size += 1) {
      expect(openSealed(suite, key, nonce, sealed.subarray(0, size))).toBeUndefined();
    }
  });

  it('the library alone would accept a tag of 4 bytes, which is why the length is always said', () => {
    const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
    cipher.update('text');
    cipher.final();
    const lax = createDecipheriv('aes-256-gcm', key.bytes, nonce);
    expect(() => lax.setAuthTag(cipher.getAuthTag().subarray(0, 4))).not.toThrow();
  });

  it('only suites 1 and 2 are known; 3 is reserved and refused', () => {
    expect([0, 1, 2, 3, 255].filter(isSuite)).toEqual([1, 2]);
  });

  it('K2.6: two seals of one text share no nonce, and too short a text does not open', () => {
    const bound = Buffer.from('bound');
    const a = xchachaSeal(key, bound, Buffer.from('x'));
    const b = xchachaSeal(key, bound, Buffer.from('x'));
    expect(a.subarray(0, 24).equals(b.subarray(0, 24))).toBe(false);
    expect(xchachaOpen(key, bound, a)?.toString()).toBe('x');
    expect(xchachaOpen(key, Buffer.from('other'), a)).toBeUndefined();
    expect(xchachaOpen(key, bound, a.subarray(0, 39))).toBeUndefined();
  });
});
