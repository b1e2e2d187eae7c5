import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from '../../src/crypto/secret.ts';

it('K1: a secret shows itself in no text, no JSON and no inspection', () => {
  const secret = new Secret(Buffer.from('hunter2'));
  const shown = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret, { showHidden: true }),
  ];
  for (const text of shown) {
    expect(text).toContain('[secret]');
    expect(text).not.toMatch(/hunter2|68 75 6e|68756e/);
  }
  expect(Object.keys(secret)).toEqual([]);
});

it('a wiped secret is zeros and refuses use', () => {
  const bytes = Buffer.from('hunter2');
  const secret = new Secret(bytes);
  expect(secret.bytes.toString()).toBe('hunter2');
  secret.wipe();
  secret.wipe();
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  expect(() => secret.bytes).toThrow('This secret was wiped.');
});

it('random secrets differ and have the size asked for', () => {
  expect(Secret.random(32).bytes.length).toBe(32);
  expect(Secret.random(32).bytes.equals(Secret.random(32).bytes)).toBe(false);
});
