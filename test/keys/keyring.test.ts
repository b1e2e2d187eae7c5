import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ForeignTree, LEAF_COUNT, Punctured } from '../../src/crypto/puncture.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openBound, sealBound } from '../../src/crypto/wrap.ts';
import { NotDurable, replaceFile } from '../../src/keys/durable.ts';
import { type Keyring, openKeyring } from '../../src/keys/keyring.ts';
import { KeyringRejected, mergeRings, newRing, openRing, sealRing } from '../../src/keys/ring-file.ts';
import { RootKey } from '../../src/keys/root.ts';
import { INDEX_BLOCK, KeyringFull, KeyringMissing, PunctureUnproven } from '../../src/keys/shelf.ts';
import { temporaryFolder } from './folders.ts';

const CENTRE = '01890a5d-ac96-774b-bcce-b302099a8057';
const rootBytes = Buffer.alloc(32, 5);
const sameRoot = (): RootKey => new RootKey(new Secret(Buffer.from(rootBytes)));
const keyOf = (collection: string): Secret => sameRoot().derive(`keyring:${collection}`);
const reopen = (...folders: [string, ...string[]]): Promise<Keyring> =>
  openKeyring({ root: sameRoot(), folders });

async function withPeople(...folders: [string, ...string[]]): Promise<Keyring> {
  const keyring = await reopen(...folders);
  await keyring.create('people');
  return keyring;
}

const leafHex = (keyring: Keyring, index: number): string =>
  keyring.leaf('people', index).bytes.toString('hex');

describe('K2.2: indices', () => {
  it('are reserved in durable blocks of 1,024 and never handed out twice, across restarts and crashes', async () => {
    const folder = temporaryFolder();
    const first = await withPeople(folder);
    const seen = new Set<number>();
    for (let i = 0; i < INDEX_BLOCK + 1; i += 1) seen.add(await first.reserve('people'));
    expect(seen.size).toBe(INDEX_BLOCK + 1);
    expect(first.sequence('people')).toBe(3);
    // The first one is dropped without any goodbye, as in a crash.
    const second = await reopen(folder);
    expect(await second.reserve('people')).toBe(2 * INDEX_BLOCK);
  });

  it('parallel callers and a second process on the same folder get distinct ones', async () => {
    const folder = temporaryFolder();
    const one = await withPeople(folder);
    const two = await reopen(folder);
    const given = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? one : two).reserve('people')),
    );
    expect(new Set(given).size).toBe(60);
  });

  it('parallel callers of one process share one block', async () => {
    const keyring = await withPeople(temporaryFolder());
    const given = await Promise.all(Array.from({ length: 60 }, () => keyring.reserve('people')));
    expect(given).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(keyring.sequence('people')).toBe(2);
  });

  it('a used-up keyring refuses, and a failed reservation does not block the next', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'people.keyring');
    writeFileSync(
      file,
      sealRing(keyOf('people'), 'people', { ...newRing(), next: LEAF_COUNT - INDEX_BLOCK + 1 }),
    );
    const keyring = await reopen(folder);
    await expect(keyring.reserve('people')).rejects.toThrow(KeyringFull);
    writeFileSync(
      file,
      sealRing(keyOf('people'), 'people', { ...newRing(), next: LEAF_COUNT - INDEX_BLOCK }),
    );
    expect(await keyring.reserve('people')).toBe(LEAF_COUNT - INDEX_BLOCK);
  });
});

describe('K2.1: leaves and punctures', () => {
  it('a leaf stays the same until it is punctured, and then it is gone for good', async () => {
    const folder = temporaryFolder();
    const keyring = await withPeople(folder);
    const before = leafHex(keyring, 7);
    expect(leafHex(keyring, 7)).toBe(before);
    expect(leafHex(keyring, 8)).not.toBe(before);
    const sequence = await keyring.puncture('people', 7);
    expect(sequence).toBe(keyring.sequence('people'));
    expect(await keyring.puncture('people', 7)).toBe(sequence);
    for (const each of [keyring, await reopen(folder)]) {
      expect(() => each.leaf('people', 7)).toThrow(Punctured);
      expect(each.leaf('people', 8).bytes.length).toBe(32);
    }
  });

  it('K9: another process that is running loses the key in the same moment', async () => {
    const folder = temporaryFolder();
    const service = await withPeople(folder);
    leafHex(service, 3);
    const command = await reopen(folder);
    await command.puncture('people', 3);
    expect(() => service.leaf('people', 3)).toThrow(Punctured);
    expect(service.sequence('people')).toBe(command.sequence('people'));
  });

  it('collections have keys of their own', async () => {
    const keyring = await withPeople(temporaryFolder());
    expect(await keyring.create(CENTRE)).toBe(true);
    expect(await keyring.create(CENTRE)).toBe(false);
    expect(keyring.leaf(CENTRE, 0).bytes.equals(keyring.leaf('people', 0).bytes)).toBe(false);
    expect(await keyring.collections()).toEqual([CENTRE, 'people']);
  });

  it('a collection that was never created, or has no proper name, is refused', async () => {
    const keyring = await reopen(temporaryFolder());
    expect(() => keyring.leaf('people', 0)).toThrow(KeyringMissing);
    await expect(keyring.reserve('people')).rejects.toThrow(KeyringMissing);
    await expect(keyring.puncture('people', 0)).rejects.toThrow(KeyringMissing);
    expect(() => keyring.leaf('../people', 0)).toThrow(RangeError);
    await expect(keyring.create('People')).rejects.toThrow(RangeError);
  });

  it('a closed keyring gives no key', async () => {
    const folder = temporaryFolder();
    const keyring = await withPeople(folder);
    leafHex(keyring, 0);
    keyring.close();
    expect(() => keyring.leaf('people', 0)).toThrow();
    const unused = await reopen(folder);
    unused.close();
    expect(() => unused.leaf('people', 0)).toThrow();
  });
});

describe('K2.3: files', () => {
  it('folders are 0700 and files 0600, whatever lay there before', async () => {
    const folder = join(temporaryFolder(), 'keys');
    mkdirSync(folder, { mode: 0o755 });
    writeFileSync(join(folder, 'people.keyring.new'), 'left by a crash', { mode: 0o644 });
    await withPeople(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('shows neither index, number nor key outside the seal', async () => {
    const folder = temporaryFolder();
    const keyring = await withPeople(folder);
    const file = readFileSync(join(folder, 'people.keyring'));
    const ring = openRing(keyOf('people'), 'people', file);
    expect(file.includes(ring.id)).toBe(false);
    for (const node of ring.tree.values()) expect(file.includes(node)).toBe(false);
    expect(keyring.sequence('people')).toBe(1);
  });

  it('any changed bit, any cut, another root and another collection are rejected', async () => {
    const key = keyOf('people');
    const file = sealRing(key, 'people', newRing());
    const mutants = fc.oneof(
      fc.nat(file.length * 8 - 1).map((bit) => {
        const mutant = Buffer.from(file);
        mutant.writeUInt8(mutant.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        return mutant;
      }),
      fc.nat(file.length - 1).map((size) => file.subarray(0, size)),
      fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => Buffer.concat([file, more])),
    );
    fc.assert(
      fc.property(mutants, (mutant) => {
        expect(() => openRing(key, 'people', mutant)).toThrow(KeyringRejected);
      }),
      { numRuns: 300 },
    );
    expect(() => openRing(key, CENTRE, file)).toThrow(KeyringRejected);
    expect(() => openRing(keyOf(CENTRE), 'people', file)).toThrow(KeyringRejected);
    expect(openRing(key, 'people', file).next).toBe(0);
    // Sealed by the right key, and yet not what was written: the hash inside says so.
    const context = { collection: 'people', format: 'custos-keyring/1' };
    const plain = openBound(key, context, file.subarray(8));
    plain.writeUInt8(plain.readUInt8(20) ^ 1, 20);
    const forged = Buffer.concat([file.subarray(0, 8), sealBound(key, context, plain)]);
    expect(() => openRing(key, 'people', forged)).toThrow(KeyringRejected);
  });

  it('a keyring of another root key does not open, and is not overwritten', async () => {
    const folder = temporaryFolder();
    await withPeople(folder);
    const before = readFileSync(join(folder, 'people.keyring'));
    await expect(openKeyring({ root: RootKey.create(), folders: [folder] })).rejects.toThrow(KeyringRejected);
    expect(readFileSync(join(folder, 'people.keyring')).equals(before)).toBe(true);
  });

  describe('a crash at any step of a write leaves a keyring that loads', () => {
    type Leftover = (folder: string, oldFile: Buffer, newFile: Buffer) => void;
    const steps: [string, Leftover, 'old' | 'new'][] = [
      ['before anything', () => {}, 'old'],
      ['the new file is empty', (f) => writeFileSync(join(f, 'people.keyring.new'), ''), 'old'],
      [
        'the new file is cut',
        (f, _, bytes) => writeFileSync(join(f, 'people.keyring.new'), bytes.subarray(0, bytes.length >> 1)),
        'old',
      ],
      [
        'the new file is whole, not renamed',
        (f, _, bytes) => writeFileSync(join(f, 'people.keyring.new'), bytes),
        'old',
      ],
      ['renamed', (f, _, bytes) => writeFileSync(join(f, 'people.keyring'), bytes), 'new'],
    ];
    it.each(steps)('%s', async (_, leave, expected) => {
      const folder = temporaryFolder();
      const keyring = await withPeople(folder);
      const given = await keyring.reserve('people');
      const oldFile = readFileSync(join(folder, 'people.keyring'));
      await keyring.puncture('people', given);
      const newFile = readFileSync(join(folder, 'people.keyring'));
      writeFileSync(join(folder, 'people.keyring'), oldFile);
      leave(folder, oldFile, newFile);
      // The holder of the lock died with it, too.
      writeFileSync(
        join(folder, 'people.lock'),
        JSON.stringify({ ...JSON.parse('{"boot":"another boot","pid":1,"started":"1"}'), host: hostName() }),
      );
      const after = await reopen(folder);
      if (expected === 'old') expect(after.leaf('people', given).bytes.length).toBe(32);
      else expect(() => after.leaf('people', given)).toThrow(Punctured);
      expect(await after.reserve('people')).toBe(given + INDEX_BLOCK);
      await after.puncture('people', given);
      expect(() => after.leaf('people', given)).toThrow(Punctured);
      expect(readdirSync(folder)).toEqual(['people.keyring']);
    });
  });
});

describe('K2.3: replicas', () => {
  it('every write is in both folders', async () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    const keyring = await withPeople(a, b);
    await keyring.puncture('people', 4);
    for (const folder of [a, b]) {
      expect(() =>
        openRing(keyOf('people'), 'people', readFileSync(join(folder, 'people.keyring'))),
      ).not.toThrow();
      await expect(reopen(folder).then((one) => one.leaf('people', 4))).rejects.toThrow(Punctured);
    }
    expect(keyring.replicas('people').map(({ found, sequence }) => [found, sequence])).toEqual([
      ['good', 2],
      ['good', 2],
    ]);
  });

  it('punctures of both are kept, whichever replica is older, lost or damaged', async () => {
    const damages: ((file: string, old: string) => void)[] = [
      (file, old) => copyFileSync(old, file),
      (file) => rmSync(file),
      (file) => truncateSync(file, 40),
      (file) => writeFileSync(file, ''),
    ];
    for (const damage of damages) {
      for (const which of [0, 1]) {
        const folders: [string, string] = [temporaryFolder(), temporaryFolder()];
        const keyring = await withPeople(...folders);
        const given = await keyring.reserve('people');
        const old = join(temporaryFolder(), 'old');
        copyFileSync(join(folders[0], 'people.keyring'), old);
        await keyring.puncture('people', given);
        const next = await keyring.reserve('people');
        const sequence = keyring.sequence('people');
        damage(join(folders[which]!, 'people.keyring'), old);
        const after = await reopen(...folders);
        expect(() => after.leaf('people', given)).toThrow(Punctured);
        expect(after.sequence('people')).toBeGreaterThanOrEqual(sequence);
        expect(await after.reserve('people')).toBeGreaterThan(next);
        expect(after.replicas('people').every((replica) => replica.found === 'good')).toBe(true);
        const alone = await reopen(folders[which]!);
        expect(() => alone.leaf('people', given)).toThrow(Punctured);
      }
    }
  });

  it('two replicas that each know another puncture agree on both', async () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    const both = await withPeople(a, b);
    await both.reserve('people');
    await (await reopen(a)).puncture('people', 1);
    await (await reopen(b)).puncture('people', 2);
    const merged = await reopen(a, b);
    for (const folder of [a, b]) {
      const alone = await reopen(folder);
      for (const gone of [1, 2]) expect(() => alone.leaf('people', gone)).toThrow(Punctured);
    }
    expect(leafHex(merged, 3)).toBe(leafHex(await reopen(b), 3));
  });

  it('replicas of two different trees are refused, not merged', async () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    await withPeople(a);
    await withPeople(b);
    await expect(reopen(a, b)).rejects.toThrow(KeyringRejected);
  });

  it('a replica out of reach fails the puncture; when it is back, the same call completes it', async () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    const keyring = await withPeople(a, b);
    // Where the second folder was, there is now something that cannot hold a file.
    const aside = `${b}-aside`;
    mkdirSync(aside);
    copyFileSync(join(b, 'people.keyring'), join(aside, 'people.keyring'));
    mkdirSync(join(b, 'people.keyring.new'));
    await expect(keyring.puncture('people', 6)).rejects.toThrow();
    expect(() => keyring.leaf('people', 6)).toThrow(Punctured);
    expect(existsSync(join(a, 'people.lock'))).toBe(false);
    rmSync(join(b, 'people.keyring.new'), { recursive: true });
    const sequence = await keyring.puncture('people', 6);
    expect(sequence).toBe(keyring.sequence('people'));
    await expect(reopen(b).then((alone) => alone.leaf('people', 6))).rejects.toThrow(Punctured);
    rmSync(aside, { recursive: true });
  });

  it.each([
    ['comes back with the key', (file: string, old: Buffer) => writeFileSync(file, old)],
    ['is damaged', (file: string) => writeFileSync(file, 'damaged')],
    ['is gone', (file: string) => rmSync(file)],
  ])('K9: a replica that %s after it was written leaves the puncture unproven', async (_, change) => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    const keyring = await withPeople(a, b);
    const old = readFileSync(join(a, 'people.keyring'));
    const punctured = keyring.puncture('people', 6).catch((error: unknown) => error);
    // The second folder is being written, so the first is done and was read back.
    await until(() => existsSync(join(b, 'people.keyring.new')));
    change(join(a, 'people.keyring'), old);
    const error = await punctured;
    expect(error).toBeInstanceOf(PunctureUnproven);
    expect(String(error)).toContain(a);
    expect(await keyring.puncture('people', 6)).toBe(keyring.sequence('people'));
  });

  it('merging takes the higher counter and number of both, and refuses another tree with equal nodes', () => {
    const ring = newRing();
    const [a, b] = [
      { ...ring, next: 5, sequence: 9 },
      { ...ring, next: 7, sequence: 3 },
    ];
    for (const merged of [mergeRings(a, b), mergeRings(b, a)]) {
      expect([merged.next, merged.sequence]).toEqual([7, 9]);
    }
    expect(() => mergeRings(a, { ...b, id: Buffer.alloc(16) })).toThrow(ForeignTree);
  });

  it('a file that does not read back as it was written is an error', async () => {
    const path = join(temporaryFolder(), 'file');
    const bytes = Buffer.from('as written');
    const replaced = replaceFile(path, bytes).catch((error: unknown) => error);
    await until(() => existsSync(path));
    bytes.write('X');
    expect(await replaced).toBeInstanceOf(NotDurable);
  });

  it('a file that cannot be read is an error, never a new keyring', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'people.keyring'));
    await expect(withPeople(folder)).rejects.toThrow('EISDIR');
    chmodSync(folder, 0o700);
  });
});

/** Turns the event loop until something has happened on disk. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setImmediate(resolve));
}

function hostName(): string {
  return readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
}
