import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, NotCanonical } from '../../src/crypto/canonical.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { haveVectors, listVectors, readVector } from './vector-files.ts';

describe('RFC 8785: canonical JSON', () => {
  it.skipIf(!haveVectors)('6 of 6 published pairs, byte by byte', () => {
    const names = listVectors('rfc8785-jcs/input');
    expect(names.length).toBe(6);
    for (const name of names) {
      const value: unknown = JSON.parse(readVector(`rfc8785-jcs/input/${name}`).toString('utf8'));
      expect(Buffer.from(canonical(value)).equals(readVector(`rfc8785-jcs/output/${name}`)), name).toBe(true);
    }
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  class Point {
    x = 1;
  }
  const withMethod = Object.assign(Object.create(null), { toJSON: () => 1 });
  const hole = [1];
  hole[2] = 3;

  it.each([
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['an undefined element', [undefined]],
    ['a hole', hole],
    ['NaN', Number.NaN],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a class instance', new Point()],
    ['a secret', { key: Secret.random(4) }],
    ['a value with its own toJSON', withMethod],
    ['a symbol name', { [Symbol('x')]: 1 }],
    ['a cycle', cycle],
  ])('%s is refused', (_, value) => {
    expect(() => canonical(value)).toThrow(NotCanonical);
  });

  it('objects without a prototype and depth 64 are taken', () => {
    expect(canonical(Object.assign(Object.create(null), { b: null, a: true }))).toBe('{"a":true,"b":null}');
    const deep = JSON.parse('['.repeat(64) + ']'.repeat(64));
    expect(canonical(deep)).toBe(JSON.stringify(deep));
    expect(() => canonical([deep])).toThrow(NotCanonical);
  });

  it('the text reads back as the same value, and the same value always gives the same text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = canonical(value);
        expect(canonical(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
