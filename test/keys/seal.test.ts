import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/crypto/secret.ts';
import { KeyFileExposed } from '../../src/keys/key-file.ts';
import { RootKey } from '../../src/keys/root.ts';
import { AlreadySealed, ForeignRoot, initSeal, reseal, type SealChoice } from '../../src/keys/seal.ts';
import { UnsealRefused } from '../../src/keys/seal-file.ts';
import { formatShare, parseShare } from '../../src/keys/share-text.ts';
import { type SealMaterial, SealMissing, sealTerms, unseal } from '../../src/keys/unseal.ts';
import { temporaryFolder } from './folders.ts';

const cost = { memory: 64, passes: 1, lanes: 1 };
const passphrase = 'correct horse battery staple';
const byPassphrase: SealChoice = { kind: 'passphrase', passphrase, cost };
const byShares: SealChoice = { kind: 'shares', threshold: 2, total: 3 };
const keyFileOf = (folder: string) => readdirSync(folder).find((name) => name.endsWith('.key'))!;

const refused = async (folder: string, material: SealMaterial): Promise<void> => {
  const error: unknown = await unseal(folder, material).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UnsealRefused);
  expect(String(error)).toBe('UnsealRefused: The seal did not open.');
};

describe('K2.5: a key file', () => {
  it('opens the node unattended; file and seal are 0600', async () => {
    const folder = temporaryFolder();
    const { root, shares } = await initSeal(folder, { kind: 'key-file' });
    expect(shares).toEqual([]);
    const again = await unseal(folder, { kind: 'key-file' });
    expect(again.fingerprint()).toBe(root.fingerprint());
    expect(again.derive('sessions').bytes.equals(root.derive('sessions').bytes)).toBe(true);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(sealTerms(folder)?.kind).toBe('key-file');
  });

  it('may lie elsewhere and may be moved, but never over another file', async () => {
    const [folder, away] = [temporaryFolder(), temporaryFolder()];
    const path = join(away, 'node.key');
    const { root } = await initSeal(folder, { kind: 'key-file', path });
    expect((await unseal(folder, { kind: 'key-file' })).fingerprint()).toBe(root.fingerprint());
    const copy = join(away, 'copy.key');
    writeFileSync(copy, readFileSync(path), { mode: 0o600 });
    expect((await unseal(folder, { kind: 'key-file', path: copy })).fingerprint()).toBe(root.fingerprint());
    await expect(reseal(folder, root, { kind: 'key-file', path })).rejects.toThrow(RangeError);
    expect((await unseal(folder, { kind: 'key-file' })).fingerprint()).toBe(root.fingerprint());
  });

  it('that others may read is refused', async () => {
    const folder = temporaryFolder();
    await initSeal(folder, { kind: 'key-file' });
    chmodSync(join(folder, keyFileOf(folder)), 0o640);
    await expect(unseal(folder, { kind: 'key-file' })).rejects.toThrow(KeyFileExposed);
  });

  it('that is missing, malformed or of another node gives the one error', async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    await initSeal(folder, { kind: 'key-file' });
    await initSeal(other, { kind: 'key-file' });
    await refused(folder, { kind: 'key-file', path: join(folder, 'none') });
    await refused(folder, { kind: 'key-file', path: join(other, keyFileOf(other)) });
    writeFileSync(join(folder, keyFileOf(folder)), 'custos-key-1:00\n');
    await refused(folder, { kind: 'key-file' });
  });
});

describe('K2.5: a passphrase', () => {
  it('opens, exactly as typed; another one and another kind give the one error', async () => {
    const folder = temporaryFolder();
    const { root } = await initSeal(folder, byPassphrase);
    const again = await unseal(folder, { kind: 'passphrase', passphrase });
    expect(again.fingerprint()).toBe(root.fingerprint());
    await refused(folder, { kind: 'passphrase', passphrase: `${passphrase} ` });
    await refused(folder, { kind: 'key-file' });
    await refused(folder, { kind: 'shares', shares: [] });
  });

  it('costs what a password costs unless told otherwise, and has 12 characters', async () => {
    const folder = temporaryFolder();
    await initSeal(folder, { kind: 'passphrase', passphrase });
    expect(sealTerms(folder)).toMatchObject({ cost: { memory: 65_536, passes: 3, lanes: 1 } });
    await expect(
      initSeal(temporaryFolder(), { kind: 'passphrase', passphrase: 'short enoug' }),
    ).rejects.toThrow(RangeError);
  });
});

describe('K2.5: k-of-n shares', () => {
  it('any k open, fewer do not', async () => {
    const folder = temporaryFolder();
    const { root, shares } = await initSeal(folder, byShares);
    const [a, b, c] = shares as [string, string, string];
    for (const some of [
      [a, b],
      [c, a],
      [b, c],
      [a, b, c],
    ]) {
      const again = await unseal(folder, { kind: 'shares', shares: some });
      expect(again.fingerprint()).toBe(root.fingerprint());
    }
    for (const some of [[], [a], [a, a], [a, `${b} `.replace(/^./, (x) => (x === '0' ? '1' : '0'))]]) {
      await refused(folder, { kind: 'shares', shares: some });
    }
  });

  it('shares of another printing are refused', async () => {
    const folder = temporaryFolder();
    const { root, shares } = await initSeal(folder, byShares);
    const renewed = await reseal(folder, root, byShares);
    await refused(folder, { kind: 'shares', shares });
    await refused(folder, { kind: 'shares', shares: [shares[0]!, renewed[1]!] });
    await refused(folder, { kind: 'shares', shares: [...renewed, shares[0]!] });
    await refused(folder, { kind: 'shares', shares: [...renewed, 'not a share'] });
    expect((await unseal(folder, { kind: 'shares', shares: renewed })).fingerprint()).toBe(
      root.fingerprint(),
    );
  });

  it.each([
    [1, 3],
    [4, 3],
    [2, 256],
    [2.5, 3],
    [2, 3.5],
  ])('%d of %d is refused', async (threshold, total) => {
    await expect(initSeal(temporaryFolder(), { kind: 'shares', threshold, total })).rejects.toThrow(
      RangeError,
    );
  });

  const share = fc.record({
    set: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    threshold: fc.integer({ min: 2, max: 255 }),
    total: fc.integer({ min: 2, max: 255 }),
    bytes: fc.uint8Array({ minLength: 33, maxLength: 33 }).map((bytes) => Buffer.from(bytes)),
  });

  it('a share reads back however it is typed, and a wrong letter shows', () => {
    fc.assert(
      fc.property(share, fc.nat(62), (one, at) => {
        const text = formatShare(one);
        expect(text).toMatch(/^([0-9A-Z]{5}-){12}[0-9A-Z]{3} [a-z]{5}-[a-z]{5}$/);
        expect(parseShare(text)).toEqual(one);
        const [letters = '', word = ''] = text.split(' ');
        const typed = `  ${letters.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}  ${word.toUpperCase()}\n`;
        expect(parseShare(typed)).toEqual(one);
        const plain = letters.replaceAll('-', '');
        const other = plain[at] === 'Z' ? 'Y' : 'Z';
        expect(parseShare(`${plain.slice(0, at)}${other}${plain.slice(at + 1)} ${word}`)).toBeUndefined();
      }),
    );
  });

  it.each(['', 'lusab-lusab', `${'0'.repeat(62)} babab-babab`, `${'U'.repeat(63)} babab-babab`])(
    'not a share: %s',
    (text) => {
      expect(parseShare(text)).toBeUndefined();
    },
  );
});

describe('K2.5: changing the seal', () => {
  it('keeps the root key, ends the old material and removes the old key file', async () => {
    const folder = temporaryFolder();
    const { root } = await initSeal(folder, { kind: 'key-file' });
    const old = join(folder, keyFileOf(folder));
    await reseal(folder, root, byPassphrase);
    expect(existsSync(old)).toBe(false);
    await refused(folder, { kind: 'key-file' });
    const opened = await unseal(folder, { kind: 'passphrase', passphrase });
    expect(opened.fingerprint()).toBe(root.fingerprint());
    await reseal(folder, opened, { kind: 'key-file' });
    await reseal(folder, opened, { kind: 'key-file' });
    expect(readdirSync(folder).filter((name) => name.endsWith('.key')).length).toBe(1);
    expect((await unseal(folder, { kind: 'key-file' })).fingerprint()).toBe(root.fingerprint());
  });

  it('works when the old key file was taken away', async () => {
    const folder = temporaryFolder();
    const away = join(temporaryFolder(), 'node.key');
    const { root } = await initSeal(folder, { kind: 'key-file', path: away });
    const key = readFileSync(away);
    const { rmSync } = await import('node:fs');
    rmSync(away);
    await reseal(folder, root, byPassphrase);
    expect(key.length).toBeGreaterThan(0);
  });

  it('a second init, a foreign root and an unsealed folder are refused', async () => {
    const folder = temporaryFolder();
    expect(sealTerms(folder)).toBeUndefined();
    await expect(unseal(folder, { kind: 'key-file' })).rejects.toThrow(SealMissing);
    await expect(reseal(folder, RootKey.create(), byPassphrase)).rejects.toThrow(SealMissing);
    await initSeal(folder, byPassphrase);
    await expect(initSeal(folder, byPassphrase)).rejects.toThrow(AlreadySealed);
    await expect(reseal(folder, RootKey.create(), byPassphrase)).rejects.toThrow(ForeignRoot);
  });

  it('two inits at once make one root key', async () => {
    const folder = temporaryFolder();
    const results = await Promise.allSettled([1, 2, 3].map(() => initSeal(folder, byPassphrase)));
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(1);
  });
});

describe('K2.5: the seal file', () => {
  it('any change to it gives the one error, and is never taken for an unsealed folder', async () => {
    const seals: [SealChoice, (shares: readonly string[]) => SealMaterial][] = [
      [byPassphrase, () => ({ kind: 'passphrase', passphrase })],
      [byShares, (shares) => ({ kind: 'shares', shares })],
      [{ kind: 'key-file' }, () => ({ kind: 'key-file' })],
    ];
    for (const [choice, material] of seals) {
      const folder = temporaryFolder();
      const { shares } = await initSeal(folder, choice);
      const path = join(folder, 'seal.json');
      const text = readFileSync(path, 'utf8');
      const changes = [
        ['', ''],
        ['{}', ''],
        ['{"kind":', '{"extra":1,"kind":'],
        ['custos-seal/1', 'custos-seal/2'],
        ['"memory":64', '"memory":72'],
        ['"memory":64', '"memory":1048577'],
        ['"memory":64', '"memory":"64"'],
        ['"salt":"', '"salt":"zz'],
        ['"threshold":2', '"threshold":1'],
        ['"threshold":2', '"threshold":0'],
        ['"total":3', '"total":4'],
        ['"kind":"shares"', '"kind":"none"'],
        ['"wrapped":"', '"wrapped":"00'],
        ['"root":"', '"root":"0'],
        ['\n', '\n\n'],
      ] as const;
      for (const [from, to] of changes) {
        const changed = to === '' ? from : text.replace(from, to);
        if (changed === text) continue;
        writeFileSync(path, changed);
        await refused(folder, material(shares));
      }
      writeFileSync(path, text);
      expect(await unseal(folder, material(shares))).toBeInstanceOf(RootKey);
    }
  });
});

describe('K2: the root key', () => {
  it('makes different keys for different purposes, and the same again', () => {
    const root = RootKey.create();
    const purposes = ['append', 'sessions', 'log-signing', 'outbox', 'people', 'keyring:people'] as const;
    const keys = purposes.map((purpose) => root.derive(purpose).bytes.toString('hex'));
    expect(new Set([...keys, root.fingerprint()]).size).toBe(7);
    expect(root.derive('append').bytes.toString('hex')).toBe(keys[0]);
  });

  it('of another size is refused; a wiped one gives no key', () => {
    expect(() => new RootKey(Secret.random(31))).toThrow(RangeError);
    const root = RootKey.create();
    root.wipe();
    expect(() => root.derive('append')).toThrow();
  });
});
