import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isLive, leaf, newTree, puncture } from '../../src/crypto/puncture.ts';
import { serialiseTree } from '../../src/crypto/puncture-state.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openRing } from '../../src/keys/ring-file.ts';
import { RootKey } from '../../src/keys/root.ts';
import { readPage } from '../crypto/doc-vectors.ts';
import { keyringVectors } from './keyring-vectors.ts';

const secret = (text: string) => new Secret(Buffer.from(text, 'hex'));

describe('K2.1, K2.3: the vectors of docs/formats/keyring.md', () => {
  const page = readPage('keyring.md') as Awaited<ReturnType<typeof keyringVectors>>;

  it('are what the page’s own words give', async () => {
    expect(page).toEqual(await keyringVectors());
  });

  it('keys from the root key and leaves of the tree are the product’s', () => {
    const root = new RootKey(secret(page.rootKeys.rk));
    expect(root.derive('log-signing').bytes.toString('hex')).toBe(page.rootKeys['log-signing']);
    expect(root.derive('keyring:people').bytes.toString('hex')).toBe(page.rootKeys['keyring:people']);
    expect(root.fingerprint()).toBe(page.rootKeys.fingerprint);
    const { root: tree, ...leaves } = page.leaves;
    for (const [index, key] of Object.entries(leaves)) {
      expect(leaf(newTree(secret(tree)), Number(index)).bytes.toString('hex')).toBe(key);
    }
  });

  it('the file opens with the product and holds the state that a puncture leaves', () => {
    const ring = openRing(secret(page.file.key), 'people', Buffer.from(page.file.bytes, 'base64'));
    expect([ring.id.toString('hex'), ring.sequence, ring.next]).toEqual([page.file.id, 9, 1_024]);
    const tree = newTree(secret(page.leaves.root));
    puncture(tree, 5);
    expect(serialiseTree(ring.tree).equals(serialiseTree(tree))).toBe(true);
    expect(createHash('sha256').update(serialiseTree(tree)).digest('hex')).toBe(page.file.stateSha256);
    expect([isLive(ring.tree, 5), isLive(ring.tree, 4)]).toEqual([false, true]);
  });
});
