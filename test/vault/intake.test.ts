/** Uploads under way (K5, P21, X54, X55): what is acknowledged is durable, whatever happens. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { BlobFault, type BlobStore, blobName } from '../../src/acts/ports/blob.ts';
import { openFolderStore } from '../../src/blob/folder.ts';
import { SEGMENT_SIZE } from '../../src/crypto/geometry.ts';
import { parseRecovery } from '../../src/crypto/recovery.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { intakeStore } from '../../src/vault/intake-store.ts';
import { recoveryName } from '../../src/vault/item-key.ts';
import { uploadLocks } from '../../src/vault/upload-lock.ts';
import { openItems } from '../../src/vault/viewing-reader.ts';
import {
  folderVault,
  freshFolder,
  gathered,
  keyTree,
  pieces,
  sha256,
  type TestVault,
  vaultOver,
} from './parts.ts';

const always = { live: () => true };

/** Finishes and reads back. */
async function outcome(vault: TestVault, begun: Awaited<ReturnType<TestVault['begin']>>): Promise<Buffer> {
  const found = await vault.vault.finish(begun.intake);
  if (isRefusal(found)) throw new Error(found.refused);
  const items = openItems(vault.blob, vault.leaves, () => undefined);
  const reader = await items.open(always, { ...begun.row, sealedManifest: found.sealedManifest });
  const bytes = await gathered(reader.stream(0, reader.size));
  expect(found.sha256).toBe(sha256(bytes));
  return bytes;
}

/** Bytes that stop coming: as when a connection is lost. */
async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes);
  throw new Error('connection lost');
}

test('P21: interrupted anywhere, also across restarts of the service, the result is byte-identical', async () => {
  const size = SEGMENT_SIZE + 300_001;
  const bytes = randomBytes(size);
  const near = fc
    .tuple(fc.constantFrom(0, SEGMENT_SIZE, 262_144), fc.integer({ min: -2, max: 2 }))
    .map(([at, by]) => Math.max(0, at + by));
  const cuts = fc.array(
    fc.tuple(fc.oneof(near, fc.nat(size)), fc.constantFrom('broken', 'clean', 'restart', 'abort', 'checked')),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(cuts, async (trace) => {
      const folder = await freshFolder();
      const leaves = keyTree();
      let vault = await vaultOver(await openFolderStore(folder), leaves);
      const begun = await vault.begin(size, sha256(bytes));
      const known = vault;
      let offset = 0;
      for (const [cut, how] of [...trace.toSorted(([a], [b]) => a - b), [size, 'clean'] as const]) {
        if (cut <= offset && cut < size) continue;
        const part = bytes.subarray(offset, cut);
        if (how === 'restart') vault = await vaultOver(await openFolderStore(folder), leaves);
        const stop = new AbortController();
        const checksum = { algorithm: 'sha256', digest: createHash('sha256').update(part).digest() } as const;
        const done = await vault.store.write(
          begun.row,
          offset,
          how === 'broken' ? broken(part) : how === 'abort' ? pausing(part, stop) : pieces(part),
          how === 'abort' ? { signal: stop.signal } : how === 'checked' ? { checksum } : {},
        );
        if ('refused' in done) throw new Error(done.refused);
        expect(done.offset).toBe(cut);
        offset = (await vault.store.offset(begun.row)) ?? -1;
        expect(offset).toBe(cut);
      }
      const found = await outcome({ ...known, store: vault.store }, begun);
      expect(found.equals(bytes)).toBe(true);
    }),
    { numRuns: 8 },
  );
});

/** Gives its bytes and then hangs until the request is aborted. */
async function* pausing(bytes: Uint8Array, stop: AbortController): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes);
  setImmediate(() => stop.abort());
  await new Promise(() => undefined);
}

test('K5: a store that fails part of the way costs what was not durable, and nothing else', async () => {
  const folder = await freshFolder();
  const inner = await openFolderStore(folder);
  let failing = new Set<string>();
  const blob: BlobStore = {
    ...inner,
    async putPart(part) {
      if (failing.delete(`part ${part.number}`)) throw new BlobFault('unreachable', 'The connection failed.');
      return inner.putPart(part);
    },
    async put(name, ...rest) {
      if (name.endsWith('state') && failing.delete('state'))
        throw new BlobFault('unreachable', 'The connection failed.');
      return inner.put(name, ...rest);
    },
  };
  const vault = await vaultOver(blob);
  const bytes = randomBytes(SEGMENT_SIZE * 3 + 5);
  const begun = await vault.begin(bytes.length);
  for (const fault of ['part 1', 'part 2', 'part 3', 'state', 'part 4']) {
    failing = new Set([fault]);
    const offset = (await vault.store.offset(begun.row)) ?? 0;
    await expect(vault.store.write(begun.row, offset, pieces(bytes.subarray(offset)))).rejects.toThrow(
      BlobFault,
    );
    const after = (await vault.store.offset(begun.row)) ?? -1;
    expect(after % SEGMENT_SIZE).toBe(0);
    expect(after).toBeGreaterThanOrEqual(offset);
  }
  const offset = (await vault.store.offset(begun.row)) ?? 0;
  await vault.store.write(begun.row, offset, pieces(bytes.subarray(offset)));
  expect((await outcome(vault, begun)).equals(bytes)).toBe(true);
});

test('X54: of two writers at once one is refused, and the other loses nothing', async () => {
  const vault = await folderVault();
  const bytes = randomBytes(3_000_000);
  const begun = await vault.begin(bytes.length);
  const both = await Promise.all([
    vault.store.write(begun.row, 0, pieces(bytes)),
    vault.store.write(begun.row, 0, pieces(randomBytes(3_000_000))),
  ]);
  expect(both).toEqual([{ offset: bytes.length }, { refused: 'upload-locked' }]);
  expect((await outcome(vault, begun)).equals(bytes)).toBe(true);
});

test('X54: wrong offset, past the length, finished, wrong checksum: each refused, nothing changed', async () => {
  const { store, begin } = await folderVault();
  const bytes = randomBytes(1_000_000);
  const { row } = await begin(bytes.length);
  const half = bytes.subarray(0, 600_000);
  await store.write(row, 0, pieces(half));
  expect(await store.write(row, 0, pieces(bytes))).toEqual({ refused: 'upload-conflict' });
  expect(await store.write(row, 600_001, pieces(bytes))).toEqual({ refused: 'upload-conflict' });
  expect(await store.write(row, 600_000, pieces(bytes))).toEqual({ refused: 'too-large' });
  const never = {
    [Symbol.asyncIterator]: (): AsyncIterator<Uint8Array> => {
      throw new Error('was read');
    },
  };
  expect(await store.write(row, 600_000, never, { announced: 400_001 })).toEqual({ refused: 'too-large' });
  const checksum = { algorithm: 'sha1', digest: randomBytes(20) } as const;
  expect(await store.write(row, 600_000, pieces(bytes.subarray(600_000)), { checksum })).toEqual({
    refused: 'checksum-mismatch',
  });
  expect(await store.offset(row)).toBe(600_000);
  expect(await store.write(row, 600_000, pieces(bytes.subarray(600_000)))).toEqual({ offset: bytes.length });
  expect(await store.write(row, bytes.length, pieces(bytes))).toEqual({ refused: 'finished' });
  await store.remove(row);
  expect(await store.offset(row)).toBeUndefined();
  expect(await store.write(row, 0, pieces(bytes))).toEqual({ refused: 'gone' });
});

test('K5: an upload that lacks bytes, or is not what was declared, is not finished', async () => {
  const { vault, store, begin } = await folderVault();
  const bytes = randomBytes(1_000);
  const { row, intake } = await begin(bytes.length, sha256(randomBytes(3)));
  expect(await vault.finish(intake)).toEqual({ refused: 'upload-conflict' });
  await store.write(row, 0, pieces(bytes));
  expect(await vault.finish(intake)).toEqual({ refused: 'file-refused' });
});

test('K5: finishing again finds the same, also after a restart', async () => {
  const vault = await folderVault();
  const bytes = randomBytes(SEGMENT_SIZE + 10);
  const { row, intake } = await vault.begin(bytes.length);
  await vault.store.write(row, 0, pieces(bytes));
  const strip = ({ sealedManifest: _, ...rest }: object & { sealedManifest?: unknown }) => rest;
  const first = await vault.vault.finish(intake);
  const second = await vault.vault.finish(intake);
  expect(strip(second)).toEqual(strip(first));
});

test('K3.5: the recovery file beside the object holds the wrapped key and the sealed manifest', async () => {
  const vault = await folderVault();
  const { row, intake } = await vault.begin(5);
  await vault.store.write(row, 0, pieces(Buffer.from('bytes')));
  const found = await vault.vault.finish(intake);
  if (isRefusal(found)) throw new Error(found.refused);
  const file = parseRecovery(await gathered(await vault.blob.read(recoveryName(row.objectName), 'all')));
  expect(file.context).toMatchObject({ item: row.id, collection: row.collection, index: row.keyIndex });
  expect(file.wrappedKey.equals(row.wrappedDek)).toBe(true);
  expect(file.sealedManifest.equals(found.sealedManifest)).toBe(true);
});

test('P7: removing an upload leaves not a byte of it, also when its key is gone', async () => {
  for (const keyGone of [false, true]) {
    const vault = await folderVault();
    const { row } = await vault.begin(SEGMENT_SIZE * 2);
    await vault.store.write(row, 0, pieces(randomBytes(SEGMENT_SIZE + 70_000)));
    if (keyGone) vault.leaves.puncture(row.keyIndex);
    expect(await vault.store.remove(row)).toEqual({ removed: true });
    expect(await vault.store.remove(row)).toEqual({ removed: true });
    const left = await readdir(vault.folder, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([]);
  }
});

test('K11: a canary in the content is found nowhere in the data folder, at any moment', async () => {
  const vault = await folderVault();
  const canary = Buffer.from('CANARY-7f3a-never-on-disk');
  const bytes = Buffer.alloc(SEGMENT_SIZE + 400_000);
  for (let at = 0; at + canary.length <= bytes.length; at += 5_000) canary.copy(bytes, at);
  const begun = await vault.begin(bytes.length);
  const clean = async () => {
    for (const entry of await readdir(vault.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const stored = await readFile(join(entry.parentPath, entry.name));
      expect(stored.includes('CANARY')).toBe(false);
      expect(stored.includes(canary.toString('base64').slice(2, 20))).toBe(false);
    }
  };
  for (const [from, to] of [
    [0, 100],
    [100, 900_000],
    [900_000, SEGMENT_SIZE + 10],
    [SEGMENT_SIZE + 10, bytes.length],
  ] as const) {
    await vault.store.write(begun.row, from, pieces(bytes.subarray(from, to)));
    await clean();
  }
  expect((await outcome(vault, begun)).equals(bytes)).toBe(true);
  await clean();
});

test('K3.4: a part that is sent again never has the same salt or ciphertext', async () => {
  const inner = await openFolderStore(await freshFolder());
  const sent: Buffer[] = [];
  let failing = true;
  const vault = await vaultOver({
    ...inner,
    async putPart(part) {
      sent.push(Buffer.from(part.bytes.subarray(0, 300_000)));
      if (failing) throw new BlobFault('unreachable', 'The connection failed.');
      return inner.putPart(part);
    },
  });
  const bytes = randomBytes(2_000_000);
  const begun = await vault.begin(bytes.length);
  await expect(vault.store.write(begun.row, 0, pieces(bytes))).rejects.toThrow();
  failing = false;
  await vault.store.write(begun.row, 0, pieces(bytes));
  const [first, second] = sent;
  expect(first?.subarray(0, 128)).toEqual(second?.subarray(0, 128));
  expect(first?.subarray(128, 144)).not.toEqual(second?.subarray(128, 144));
  expect(first?.subarray(160)).not.toEqual(second?.subarray(160));
  expect((await outcome(vault, begun)).equals(bytes)).toBe(true);
});

test('K5: whoever rolls an upload back, swaps or cuts its state never makes it take wrong bytes', async () => {
  const vault = await folderVault();
  const bytes = randomBytes(SEGMENT_SIZE + 900_000);
  const begun = await vault.begin(bytes.length);
  const state = blobName(`uploads/${begun.row.id}/state`);
  await vault.store.write(begun.row, 0, pieces(bytes.subarray(0, 500_000)));
  const old = await gathered(await vault.blob.read(state, 'all'));
  await vault.store.write(begun.row, 500_000, pieces(bytes.subarray(500_000, 900_000)));
  const now = await gathered(await vault.blob.read(state, 'all'));
  const cut = Buffer.from(now.subarray(0, -1));
  const mixed = Buffer.concat([now.subarray(0, now.length - 400_000), old.subarray(old.length - 400_000)]);
  const flipped = Buffer.from(now);
  flipped.writeUInt8(flipped.readUInt8(flipped.length - 5) ^ 1, flipped.length - 5);
  for (const harmed of [cut, mixed, flipped, Buffer.alloc(0), now.subarray(0, 20)]) {
    await vault.blob.put(state, harmed);
    await expect(vault.store.write(begun.row, 900_000, pieces(bytes.subarray(900_000)))).rejects.toThrow();
  }
  // A whole older state is an older offset: the client sends again from there.
  await vault.blob.put(state, old);
  expect(await vault.store.offset(begun.row)).toBe(500_000);
  await vault.store.write(begun.row, 500_000, pieces(bytes.subarray(500_000)));
  expect((await outcome(vault, begun)).equals(bytes)).toBe(true);
});

test('X54: a writer of another process holds the upload; one that died is passed over', async () => {
  const blob = await openFolderStore(await freshFolder());
  let now = 0;
  const here = uploadLocks(blob, () => now, 'one');
  const there = uploadLocks(blob, () => now, 'two');
  const held = await here.take('a');
  expect(held?.held()).toBe(true);
  expect(await there.take('a')).toBeNull();
  expect(await here.take('a')).toBeNull();
  await held?.release();
  const next = await there.take('a');
  expect(next).not.toBeNull();
  await next?.release();

  // A holder elsewhere that is no longer renewed is passed over only after a while.
  const lock = blobName('uploads/b/lock');
  await blob.put(lock, Buffer.from(JSON.stringify({ host: 'three', pid: 1, process: 'x', beat: 4 })));
  expect(await here.take('b')).toBeNull();
  now += 9_000;
  expect(await here.take('b')).toBeNull();
  now += 2_000;
  const taken = await here.take('b');
  expect(taken).not.toBeNull();
  // It stops counting as held when it cannot be renewed in time.
  now += 6_000;
  expect(taken?.held()).toBe(false);
  await taken?.release();

  // A holder on this machine whose process is gone is passed over at once.
  await blob.put(
    blobName('uploads/c/lock'),
    Buffer.from(JSON.stringify({ host: 'one', pid: 4_194_303, process: 'x', beat: 0 })),
  );
  const after = await here.take('c');
  expect(after).not.toBeNull();
  await after?.release();
});

test('X54: a lock is renewed while it is held', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const blob = await openFolderStore(await freshFolder());
    let now = 0;
    const locks = uploadLocks(blob, () => now, 'one');
    const held = await locks.take('a');
    const read = async () => (await gathered(await blob.read(blobName('uploads/a/lock'), 'all'))).toString();
    const before = await read();
    now += 4_000;
    vi.advanceTimersByTime(2_000);
    await vi.waitUntil(async () => (await read()) !== before);
    now += 3_000;
    await vi.waitUntil(() => held?.held());
    await held?.release();
  } finally {
    vi.useRealTimers();
  }
});

test('X54: a writer that was asleep too long cannot undo what its successor saved', async () => {
  const inner = await openFolderStore(await freshFolder());
  const leaves = keyTree();
  let now = 0;
  const blob: BlobStore = {
    ...inner,
    async putPart(part) {
      // The process sleeps while the part is on its way.
      now += 60_000;
      return inner.putPart(part);
    },
  };
  const slow = intakeStore(
    blob,
    leaves,
    uploadLocks(blob, () => now),
  );
  const vault = await vaultOver(inner, leaves);
  const { row } = await vault.begin(500);
  const before = await vault.store.offset(row);
  expect(await slow.write(row, 0, pieces(randomBytes(500)))).toEqual({ refused: 'upload-locked' });
  expect(await vault.store.offset(row)).toBe(before);
});

test('X54: two lock keepers in one process exclude each other; without a conditional put, each process guards itself', async () => {
  const inner = await openFolderStore(await freshFolder());
  const [one, two] = [uploadLocks(inner), uploadLocks(inner)];
  const held = await one.take('a');
  expect(held).not.toBeNull();
  expect(await two.take('a')).toBeNull();
  await held?.release();

  const plain = uploadLocks({
    ...inner,
    async put() {
      throw new BlobFault('unsupported', 'No conditional put.');
    },
  });
  const alone = await plain.take('b');
  expect(alone?.held()).toBe(true);
  expect(await plain.take('b')).toBeNull();
  await alone?.release();
  expect(await plain.take('b')).not.toBeNull();
});
