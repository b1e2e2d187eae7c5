/** Opening items (K3.6, K6, P7, P25): ranges, the lease, and a store that lies. */
import { randomBytes } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BlobStore, blobName } from '../../src/acts/ports/blob.ts';
import type { SealedItem } from '../../src/acts/ports/content.ts';
import { openFolderStore } from '../../src/blob/folder.ts';
import { CHUNK_SIZE, ciphertextOffset, SEGMENT_SIZE } from '../../src/crypto/geometry.ts';
import { EnvelopeRejected } from '../../src/crypto/header.ts';
import { Punctured } from '../../src/crypto/puncture.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { LeaseOver } from '../../src/vault/clear-stream.ts';
import { pace } from '../../src/vault/pace.ts';
import { openItems } from '../../src/vault/viewing-reader.ts';
import { gathered, keptFolder, pieces, type TestVault, vaultOver } from './parts.ts';

const SIZE = SEGMENT_SIZE + 5 * CHUNK_SIZE + 4321;
const bytes = randomBytes(SIZE);
const always = { live: () => true };
const noAlarm = (item: string, where: string) => {
  throw new Error(`alarm: ${item} ${where}`);
};

let folder: string;
let blob: BlobStore;
let vault: TestVault;
let item: SealedItem;
let other: SealedItem;

async function takeIn(content: Buffer): Promise<SealedItem> {
  const { row, intake } = await vault.begin(content.length);
  await vault.store.write(row, 0, pieces(content));
  const found = await vault.vault.finish(intake);
  if (isRefusal(found)) throw new Error(found.refused);
  await vault.store.settle(row.id);
  return { ...row, sealedManifest: found.sealedManifest };
}

beforeAll(async () => {
  folder = await keptFolder();
  blob = await openFolderStore(folder);
  vault = await vaultOver(blob);
  item = await takeIn(bytes);
  other = await takeIn(randomBytes(SIZE));
});

/** The store, counting what is open and what was read. */
function watched(inner: BlobStore): BlobStore & { open: number; read: number } {
  const counted = {
    ...inner,
    open: 0,
    readBytes: 0,
    async read(...args: Parameters<BlobStore['read']>) {
      const body = await inner.read(...args);
      if (args[1] !== 'all') counted.readBytes += args[1].to - args[1].from;
      counted.open += 1;
      let over = false;
      const end = () => {
        if (!over) counted.open -= 1;
        over = true;
      };
      args[2]?.addEventListener('abort', end);
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        async next() {
          const next = await body.next();
          if (next.done) end();
          return next;
        },
        async return() {
          end();
          await body.return?.();
          return { done: true as const, value: undefined };
        },
      };
    },
  };
  return counted as unknown as BlobStore & { open: number; read: number };
}

describe('Ranges', () => {
  test('K6: 2,000 random ranges and every one across a border equal Buffer.subarray', async () => {
    const reader = await openItems(blob, vault.leaves, noAlarm).open(always, item);
    const borders = [0, CHUNK_SIZE, SEGMENT_SIZE, SEGMENT_SIZE + CHUNK_SIZE, SIZE];
    const near = fc
      .tuple(fc.constantFrom(...borders), fc.integer({ min: -2, max: 2 }))
      .map(([border, by]) => Math.min(SIZE, Math.max(0, border + by)));
    const anywhere = fc.oneof({ weight: 3, arbitrary: near }, { weight: 7, arbitrary: fc.nat(SIZE) });
    const range = fc
      .tuple(anywhere, anywhere, fc.nat(100_000), fc.boolean())
      .map(([a, b, length, short]) => [
        Math.min(a, b),
        short ? Math.min(SIZE, Math.min(a, b) + length) : Math.max(a, b),
      ])
      .filter(([from = 0, to = 0]) => from < to && (to - from < 150_000 || from % 200 === 0));
    await fc.assert(
      fc.asyncProperty(range, async ([from = 0, to = 0]) => {
        const got = await gathered(reader.stream(from, to, { endRelative: to === SIZE }));
        expect(got.equals(bytes.subarray(from, to))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  }, 60_000);

  test('K3.6: fetches only the chunks that the range touches, and nothing before it is read', async () => {
    const store = watched(blob);
    const reader = await openItems(store, vault.leaves, noAlarm).open(always, item);
    const before = Reflect.get(store, 'readBytes');
    const stream = reader.stream(CHUNK_SIZE + 5, CHUNK_SIZE + 6);
    expect(Reflect.get(store, 'readBytes')).toBe(before);
    await gathered(stream);
    expect(Reflect.get(store, 'readBytes') - before).toBe(CHUNK_SIZE + 16);
    expect(store.open).toBe(0);
  });

  test('K3.6: an opened header is fetched once for an object', async () => {
    const store = watched(blob);
    const items = openItems(store, vault.leaves, noAlarm);
    await items.open(always, item);
    const once = Reflect.get(store, 'readBytes');
    await items.open(always, item);
    expect(Reflect.get(store, 'readBytes')).toBe(once);
  });

  test('a caller may read into a buffer of its own', async () => {
    const reader = await openItems(blob, vault.leaves, noAlarm).open(always, item);
    const byob = reader.stream(3, 400_000).getReader({ mode: 'byob' });
    const got: Uint8Array[] = [];
    for (;;) {
      const { done, value } = await byob.read(new Uint8Array(77_777));
      if (done) break;
      got.push(value);
    }
    expect(Buffer.concat(got).equals(bytes.subarray(3, 400_000))).toBe(true);
  });
});

describe('Lease', () => {
  test('R37: not a byte is handed on after the lease is over, and the store is let go', async () => {
    const store = watched(blob);
    let live = true;
    const reader = await openItems(store, vault.leaves, noAlarm).open({ live: () => live }, item);
    const stream = reader.stream(0, SIZE).getReader();
    const first = await stream.read();
    expect(first.value?.length).toBeGreaterThan(0);
    live = false;
    let after = 0;
    const drained = async () => {
      for (;;) after += (await stream.read()).value?.length ?? 0;
    };
    await expect(drained()).rejects.toThrow(LeaseOver);
    // What was handed on in the same step as the first piece, and no more.
    expect(after).toBeLessThanOrEqual(1024 * 1024);
    expect(store.open).toBe(0);
  });

  test('R38: a stream whose node lost sight of the log goes on when it is back, and loses nothing', async () => {
    let looks = 0;
    const lease = { live: () => looks++ % 3 === 2, regained: async () => true };
    const reader = await openItems(blob, vault.leaves, noAlarm).open(lease, item);
    expect((await gathered(reader.stream(5, 2_000_000))).equals(bytes.subarray(5, 2_000_000))).toBe(true);
  });

  test('K6: cancelling releases the read of the store at once', async () => {
    const store = watched(blob);
    const reader = await openItems(store, vault.leaves, noAlarm).open(always, item);
    const stream = reader.stream(0, SIZE).getReader();
    await stream.read();
    await stream.cancel();
    expect(store.open).toBe(0);
  });

  test('R39: a paced stream gives the same bytes, in pieces of its pace', async () => {
    let now = 0;
    const pacer = pace({ averageBytesPerSecond: 40_000, aheadMs: 10_000, burstMs: 8_000, now: () => now });
    pacer.seek();
    const reader = await openItems(blob, vault.leaves, noAlarm).open(always, item);
    const stream = reader.stream(10, 500_010, { pacer }).getReader();
    const got: Uint8Array[] = [];
    let sent = 0;
    for (;;) {
      const reading = stream.read();
      const next = await Promise.race([
        reading,
        new Promise<'waits'>((resolve) => setTimeout(resolve, 30, 'waits')),
      ]);
      if (next === 'waits') {
        // Playing goes on for a second; the burst of 8 s is never exceeded by more than that.
        expect(sent).toBeLessThanOrEqual(40 * now + 320_000);
        now += 1_000;
        pacer.speed(1);
      }
      const { done, value } = next === 'waits' ? await reading : next;
      if (done) break;
      sent += value.length;
      got.push(value);
    }
    expect(Buffer.concat(got).equals(bytes.subarray(10, 500_010))).toBe(true);
    expect(now).toBeGreaterThanOrEqual(4_000);
  });

  test('K9: a shredded item opens no more, and its running stream stops', async () => {
    const doomed = await takeIn(randomBytes(3_000_000));
    const items = openItems(blob, vault.leaves, () => undefined);
    const reader = await items.open(always, doomed);
    const stream = reader.stream(0, 3_000_000).getReader();
    await stream.read();
    vault.leaves.puncture(doomed.keyIndex);
    items.shredded(doomed.objectName);
    await expect(items.open(always, doomed)).rejects.toThrow(Punctured);
    const rest = async () => {
      while (!(await stream.read()).done);
    };
    await expect(rest()).rejects.toThrow();
  });
});

describe('A store that lies', () => {
  const path = (of: SealedItem) => join(folder, ...of.objectName.split('/'));

  /** Reads all of the object; answers what came out, how it ended, and the alarms. */
  async function readAll() {
    const alarms: string[] = [];
    let out = 0;
    try {
      const items = openItems(blob, vault.leaves, (_id, where) => alarms.push(where));
      const reader = await items.open(always, item);
      for await (const piece of reader.stream(0, SIZE)) {
        if (Buffer.compare(bytes.subarray(out, out + piece.length), piece) !== 0)
          throw new Error('wrong byte');
        out += piece.length;
      }
    } catch (error) {
      if (error instanceof Error && error.message === 'wrong byte') throw error;
      return { out, end: error, alarms };
    }
    return { out, end: 'clean', alarms };
  }

  async function readUnder(harm: (stored: Buffer) => Buffer) {
    const stored = await readFile(path(item));
    await writeFile(path(item), harm(Buffer.from(stored)));
    try {
      return await readAll();
    } finally {
      await writeFile(path(item), stored);
    }
  }

  test('P7, P25: a flipped bit anywhere never ends cleanly, gives no wrong byte, and raises one alarm', async () => {
    const stored = await open(path(item), 'r+');
    const byte = Buffer.alloc(1);
    const flip = async (where: number, bit: number) => {
      await stored.read(byte, 0, 1, where);
      byte.writeUInt8(byte.readUInt8() ^ (1 << bit));
      await stored.write(byte, 0, 1, where);
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE + 1_000), fc.nat(7), fc.boolean(), async (at, bit, early) => {
        const where = early ? at % 300_000 : at;
        // A segment's head is never read: the salt that counts is the manifest's.
        const unread = (where >= 128 && where < 160) || unreadHead(where);
        await flip(unread ? 0 : where, bit);
        const { end, alarms } = await readAll();
        await flip(unread ? 0 : where, bit);
        expect(end).not.toBe('clean');
        expect(alarms.length).toBe(1);
      }),
      { numRuns: 100 },
    );
    await stored.close();
    expect((await readAll()).end).toBe('clean');
  });

  const unreadHead = (at: number) => {
    const head = ciphertextOffset(64) - 32;
    return at >= head && at < head + 32;
  };

  test.each<[string, (stored: Buffer) => Buffer]>([
    ['cut short by a byte', (stored) => stored.subarray(0, -1)],
    ['cut at the end of a chunk', (stored) => stored.subarray(0, ciphertextOffset(66))],
    ['cut to a segment', (stored) => stored.subarray(0, ciphertextOffset(64) - 32)],
    ['empty', () => Buffer.alloc(0)],
    [
      'with two chunks swapped',
      (stored) => {
        const [a, b] = [ciphertextOffset(1), ciphertextOffset(2)];
        const first = Buffer.from(stored.subarray(a, b));
        stored.copyWithin(a, b, b + first.length);
        first.copy(stored, b);
        return stored;
      },
    ],
    [
      'with a chunk of another segment in place',
      (stored) => {
        stored.copyWithin(ciphertextOffset(64), ciphertextOffset(0), ciphertextOffset(1));
        return stored;
      },
    ],
  ])('P25: an object %s never ends cleanly', async (_name, harm) => {
    const { end, alarms } = await readUnder(harm);
    expect(end).not.toBe('clean');
    expect(alarms.length).toBe(1);
  });

  test("P7: another object in its place, and another item's row for it, are refused", async () => {
    const theirs = await readFile(path(other));
    const { out, end, alarms } = await readUnder(() => theirs);
    expect(out).toBe(0);
    expect(end).toBeInstanceOf(EnvelopeRejected);
    expect(alarms).toEqual(['header']);
    const items = openItems(blob, vault.leaves, () => undefined);
    await expect(items.open(always, { ...item, objectName: other.objectName })).rejects.toThrow();
    await expect(items.open(always, { ...item, id: other.id })).rejects.toThrow();
    await expect(items.open(always, { ...item, sealedManifest: other.sealedManifest })).rejects.toThrow();
    await expect(items.open(always, { ...item, keyIndex: other.keyIndex })).rejects.toThrow();
  });

  test('P25: an old version of the same object, sealed under the same key, is refused', async () => {
    // The upload is begun anew under the same key: another header, other salts.
    const { row, intake } = await vault.begin(bytes.length);
    await vault.store.write(row, 0, pieces(bytes));
    const found = await vault.vault.finish(intake);
    if (isRefusal(found)) throw new Error(found.refused);
    const old = await readFile(join(folder, ...row.objectName.split('/')));
    await vault.store.remove(row);
    await vault.store.create(row);
    await vault.store.write(row, 0, pieces(bytes));
    const again = await vault.vault.finish(intake);
    if (isRefusal(again)) throw new Error(again.refused);
    const now = { ...row, sealedManifest: again.sealedManifest };
    const items = openItems(blob, vault.leaves, () => undefined);
    await writeFile(join(folder, ...row.objectName.split('/')), old);
    await expect(items.open(always, now)).rejects.toThrow(EnvelopeRejected);
  });

  test('P7: an object that is gone is an alarm and an error', async () => {
    const gone = await takeIn(randomBytes(1_000));
    await blob.delete(blobName(gone.objectName));
    const alarms: string[] = [];
    await expect(
      openItems(blob, vault.leaves, (_id, where) => alarms.push(where)).open(always, gone),
    ).rejects.toThrow();
    expect(alarms).toEqual(['header']);
  });
});
