/** Private words under their subject's key (K2.1, K9, L8). */
import { expect, test } from 'vitest';
import { Unopened } from '../../src/crypto/wrap.ts';
import type { KeyLeaves, KeyPlace } from '../../src/vault/leaves.ts';
import { fieldPrivacy, KEYS_KEPT } from '../../src/vault/privacy.ts';
import { Recent } from '../../src/vault/recent.ts';
import { keyTree } from './parts.ts';

function counted() {
  const tree = keyTree();
  const asked: number[] = [];
  const leaves: KeyLeaves = {
    reserve: tree.reserve,
    leaf(collection, index) {
      asked.push(index);
      return tree.leaf(collection, index);
    },
  };
  const places = new Map<string, KeyPlace>();
  const privacy = fieldPrivacy(leaves, async (subject) => places.get(subject));
  return { tree, asked, places, privacy };
}

test('K2.1: what was sealed for a subject and field opens for these only', async () => {
  const { privacy, places } = counted();
  const key = await privacy.reserve('people');
  const sealed = await privacy.seal('person:a', 'name', '王芳', key);
  places.set('person:a', key);
  places.set('person:b', await privacy.reserve('people'));
  expect(Buffer.from(sealed).includes('王芳')).toBe(false);
  expect(await privacy.open('person:a', 'name', sealed)).toBe('王芳');
  await expect(privacy.open('person:a', 'unit', sealed)).rejects.toThrow(Unopened);
  await expect(privacy.open('person:b', 'name', sealed)).rejects.toThrow(Unopened);
});

test('K2.2: every reserved key is another one', async () => {
  const { privacy } = counted();
  expect((await privacy.reserve('people')).keyIndex).not.toBe((await privacy.reserve('people')).keyIndex);
});

test('K9: after the puncture the words are gone, also from the keys at hand', async () => {
  const { privacy, places, tree } = counted();
  const key = await privacy.reserve('people');
  places.set('person:a', key);
  const sealed = await privacy.seal('person:a', 'name', '王芳');
  tree.puncture(key.keyIndex);
  privacy.punctured(key);
  expect(await privacy.open('person:a', 'name', sealed)).toBeNull();
  await expect(privacy.seal('person:a', 'name', 'x')).rejects.toThrow();
});

test('a subject without a key opens nothing and seals nothing', async () => {
  const { privacy } = counted();
  expect(await privacy.open('person:x', 'name', Buffer.alloc(60))).toBeNull();
  await expect(privacy.seal('person:x', 'name', 'y')).rejects.toThrow();
});

test('K2.5: a wipe leaves no key at hand, not even one that was being derived', async () => {
  const tree = keyTree();
  let asked = 0;
  let answer: () => void = () => undefined;
  const leaves: KeyLeaves = {
    reserve: tree.reserve,
    async leaf(collection, index) {
      asked += 1;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return tree.leaf(collection, index);
    },
  };
  const key = { collection: 'people', keyIndex: 3 };
  const privacy = fieldPrivacy(leaves, async () => key);
  const sealing = privacy.seal('person:a', 'name', 'x', key);
  privacy.wipe();
  answer();
  const sealed = await sealing;
  const opening = privacy.open('person:a', 'name', sealed);
  await new Promise(setImmediate);
  expect(asked).toBe(2);
  answer();
  expect(await opening).toBe('x');
  expect(await privacy.open('person:a', 'name', sealed)).toBe('x');
  expect(asked).toBe(2);
});

test('at most so many keys are kept, and what leaves is handed over to be overwritten', () => {
  expect(KEYS_KEPT).toBe(10_000);
  const gone: number[] = [];
  const recent = new Recent<string, number>(2, (value) => gone.push(value));
  recent.set('a', 1);
  recent.set('b', 2);
  recent.get('a');
  recent.set('c', 3);
  recent.set('a', 4);
  recent.drop('c');
  recent.drop('c');
  recent.clear();
  expect(gone).toEqual([2, 1, 3, 4]);
  expect(recent.size).toBe(0);
});
