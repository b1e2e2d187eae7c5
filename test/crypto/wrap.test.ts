import { describe, expect, it } from 'vitest';
import { type ItemPurpose, itemKey } from '../../src/crypto/item-keys.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openField, sealField, Unopened, unwrapKey, wrapKey } from '../../src/crypto/wrap.ts';

const kek = Secret.random(32);
const context = { collection: 'people', index: 9, item: 'i', object: 'o', role: 'content', version: 1 };

describe('K2.6: wrapped keys', () => {
  it('unwrap in their place, each wrapped with a nonce of its own', () => {
    const dek = Secret.random(32);
    const wrapped = wrapKey(kek, dek, context);
    expect(wrapped.length).toBe(72);
    expect(unwrapKey(kek, wrapped, context).bytes.equals(dek.bytes)).toBe(true);
    expect(wrapKey(kek, dek, context).equals(wrapped)).toBe(false);
    // A surplus property changes nothing: only the six members are bound.
    expect(unwrapKey(kek, wrapped, { ...context, more: 1 } as typeof context).bytes.equals(dek.bytes)).toBe(
      true,
    );
  });

  it('do not unwrap anywhere else, and never say why', () => {
    const wrapped = wrapKey(kek, Secret.random(32), context);
    const elsewhere = [
      { collection: 'x' },
      { index: 8 },
      { item: 'x' },
      { object: 'x' },
      { role: 'title' },
      { version: 2 },
    ];
    for (const other of elsewhere) {
      expect(() => unwrapKey(kek, wrapped, { ...context, ...other })).toThrow(
        'The sealed value could not be opened.',
      );
    }
    const attempts = [wrapped.subarray(1), wrapped.subarray(0, 39), Buffer.alloc(72), Buffer.alloc(0)];
    for (const attempt of attempts) expect(() => unwrapKey(kek, attempt, context)).toThrow(Unopened);
    expect(() => unwrapKey(Secret.random(32), wrapped, context)).toThrow(Unopened);
  });
});

describe('L8: sealed fields', () => {
  const place = { subject: 'person:1', field: 'name' };

  it('open for their subject and field only', () => {
    const sealed = sealField(kek, place, Buffer.from('李雷'));
    expect(openField(kek, place, sealed).toString()).toBe('李雷');
    expect(sealed.includes(Buffer.from('李雷'))).toBe(false);
    expect(() => openField(kek, { ...place, subject: 'person:2' }, sealed)).toThrow(Unopened);
    expect(() => openField(kek, { ...place, field: 'reason' }, sealed)).toThrow(Unopened);
  });

  it('an empty value is a value', () => {
    expect(openField(kek, place, sealField(kek, place, Buffer.alloc(0))).length).toBe(0);
  });
});

describe('K2: keys made from a data key', () => {
  it('differ by purpose, and are the same again', () => {
    const purposes: ItemPurpose[] = [
      'manifest',
      'title',
      'text-index',
      'tail',
      'derivative:web',
      'derivative:thumb',
    ];
    const keys = purposes.map((purpose) => itemKey(kek, purpose).bytes.toString('hex'));
    expect(new Set(keys).size).toBe(6);
    expect(itemKey(kek, 'title').bytes.toString('hex')).toBe(keys[1]);
  });

  it.each([
    'derivative:',
    'derivative:A',
    'derivative:a/b',
    `derivative:${'a'.repeat(65)}`,
    'content',
    'title\n',
  ])('%j is no purpose', (purpose) => {
    expect(() => itemKey(kek, purpose as ItemPurpose)).toThrow(RangeError);
  });
});
