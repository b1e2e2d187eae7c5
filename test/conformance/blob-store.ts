/** Every promise of the blob store's contract (K4, P7), asked of a real store; each store's test file runs it. */
import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BlobCapabilities,
  BlobFault,
  BlobMissing,
  type BlobName,
  type BlobStore,
  blobName,
} from '../../src/acts/ports/blob.ts';
import {
  all,
  bytesOf,
  fresh,
  HEADER,
  namesUnder,
  openDescriptors,
  SEGMENT,
  sha256,
  store,
} from './blob-parts.ts';

export interface Subject {
  readonly store: BlobStore;
  /** What this store is known to do, so that its own probe can be checked. */
  readonly known: BlobCapabilities;
  readonly canListUnfinished: boolean;
  close(): Promise<void>;
}

export function describeBlobStore(title: string, open: () => Promise<Subject>): void {
  describe(title, () => {
    let subject: Subject;
    let blobs: BlobStore;
    beforeAll(async () => {
      subject = await open();
      blobs = subject.store;
    });
    afterAll(() => subject?.close());

    describe('parts', () => partPromises(() => subject));
    describe('small objects', () => smallPromises(() => subject));
    describe('reading', () => readPromises(() => blobs));
    describe('listing and deleting', () => listPromises(() => subject));

    test('K4.1: no name leaves its folder: traversal, absolute, hidden and empty names are refused by every verb', async () => {
      const bad = [
        '..',
        '../x',
        'a/../b',
        '/etc/x',
        'a//b',
        '.hidden',
        'a/.b',
        '',
        'a/',
        'A',
        'a\\b',
        'a\0b',
        'ä',
        '%2e%2e',
      ];
      for (const text of bad) {
        expect(() => blobName(text)).toThrow(RangeError);
        const name = text as BlobName;
        await expect(blobs.put(name, Buffer.from('x'))).rejects.toThrow(RangeError);
        await expect(blobs.read(name, 'all')).rejects.toThrow(RangeError);
        await expect(blobs.begin(name)).rejects.toThrow(RangeError);
        await expect(blobs.delete(name)).rejects.toThrow(RangeError);
      }
      await expect(namesUnder(blobs, '../')).rejects.toThrow(RangeError);
    });

    test('K4.3: the probe finds what this store is known to do, and leaves nothing', async () => {
      expect(await blobs.probe()).toEqual(subject.known);
      expect(await namesUnder(blobs, 'probe/')).toEqual([]);
    });
  });
}

function partPromises(subject: () => Subject): void {
  test('K3.1: segments of 16,778,272 bytes, the first with its header, come back as one object', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    const pieces = [randomBytes(SEGMENT + HEADER), randomBytes(SEGMENT), randomBytes(1_000)];
    await store(blobs, name, pieces);
    expect(sha256(await bytesOf(blobs, name, 'all'))).toBe(sha256(Buffer.concat(pieces)));
    const whole = Buffer.concat(pieces);
    const borders = [0, 1, HEADER, SEGMENT + HEADER, 2 * SEGMENT + HEADER, 1024 * 1024, whole.length];
    const near = fc
      .tuple(fc.constantFrom(...borders), fc.integer({ min: -2, max: 2 }))
      .map(([a, b]) => a + b);
    const range = fc
      .tuple(near, near)
      .filter(([from, to]) => from >= 0 && to <= whole.length && from < to)
      .map(([from, to]) => ({ from, to }));
    await fc.assert(
      fc.asyncProperty(range, async ({ from, to }) => {
        const read = await bytesOf(blobs, name, { from, to });
        expect(read.equals(whole.subarray(from, to))).toBe(true);
      }),
      { numRuns: 20 },
    );
    await blobs.delete(name);
  });

  test('K4.2: a part that is sent again replaces the first, also with fewer bytes', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    const upload = await blobs.begin(name);
    const first = randomBytes(6 * 1024 * 1024);
    const part = { name, upload, number: 1, offset: 0 };
    await blobs.putPart({ ...part, bytes: randomBytes(first.length) });
    const one = await blobs.putPart({ ...part, bytes: first });
    const last = { name, upload, number: 2, offset: first.length };
    await blobs.putPart({ ...last, bytes: randomBytes(5_000) });
    const end = randomBytes(77);
    const two = await blobs.putPart({ ...last, bytes: end });
    await blobs.complete(name, upload, [one, two]);
    expect((await bytesOf(blobs, name, 'all')).equals(Buffer.concat([first, end]))).toBe(true);
  });

  test('K4.2: two parts in flight, in any order', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    const upload = await blobs.begin(name);
    const bytes = [randomBytes(5 * 1024 * 1024), randomBytes(300)] as const;
    const tags = await Promise.all([
      blobs.putPart({ name, upload, number: 2, offset: bytes[0].length, bytes: bytes[1] }),
      blobs.putPart({ name, upload, number: 1, offset: 0, bytes: bytes[0] }),
    ]);
    await blobs.complete(name, upload, tags.reverse());
    expect((await bytesOf(blobs, name, 'all')).equals(Buffer.concat(bytes))).toBe(true);
  });

  test('K4.1: nothing is there before completing, and nothing of an aborted upload ever', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    const upload = await blobs.begin(name);
    const tag = await blobs.putPart({ name, upload, number: 1, offset: 0, bytes: randomBytes(10) });
    await expect(blobs.read(name, 'all')).rejects.toThrow(BlobMissing);
    expect(await namesUnder(blobs, name)).toEqual([]);
    await blobs.abort(name, upload);
    await blobs.abort(name, upload);
    await expect(blobs.complete(name, upload, [tag])).rejects.toThrow();
    await expect(blobs.read(name, 'all')).rejects.toThrow(BlobMissing);
    const again = { name, upload, number: 1, offset: 0, bytes: randomBytes(10) };
    await expect(blobs.putPart(again)).rejects.toThrow(BlobMissing);
  });

  test('K4.1: two uploads of one name do not mix', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    const [one, two] = [await blobs.begin(name), await blobs.begin(name)];
    const tags = await Promise.all(
      [one, two].map((upload, index) =>
        blobs.putPart({ name, upload, number: 1, offset: 0, bytes: Buffer.from(`upload ${index}`) }),
      ),
    );
    await blobs.complete(name, two, tags.slice(1));
    expect((await bytesOf(blobs, name, 'all')).toString()).toBe('upload 1');
    await blobs.abort(name, one);
    expect((await bytesOf(blobs, name, 'all')).toString()).toBe('upload 1');
  });

  test('P7: completing again after a lost answer succeeds', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    const upload = await blobs.begin(name);
    const tags = [await blobs.putPart({ name, upload, number: 1, offset: 0, bytes: randomBytes(99) })];
    await blobs.complete(name, upload, tags);
    await blobs.complete(name, upload, tags);
    expect((await bytesOf(blobs, name, 'all')).length).toBe(99);
  });

  test('K4.1: a gap, an overlap, a missing first part and no part at all are refused, and nothing appears', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    const upload = await blobs.begin(name);
    const one = await blobs.putPart({ name, upload, number: 1, offset: 0, bytes: randomBytes(100) });
    const two = await blobs.putPart({ name, upload, number: 2, offset: 101, bytes: randomBytes(100) });
    const three = await blobs.putPart({ name, upload, number: 3, offset: 99, bytes: randomBytes(100) });
    for (const parts of [[one, two], [two], [], [two, one], [one, { ...three, number: 2 }]]) {
      await expect(blobs.complete(name, upload, parts)).rejects.toThrow(BlobFault);
    }
    await expect(blobs.read(name, 'all')).rejects.toThrow(BlobMissing);
    for (const number of [0, 10_001, 1.5, Number.NaN]) {
      const part = { name, upload, number, offset: 0, bytes: randomBytes(1) };
      await expect(blobs.putPart(part)).rejects.toThrow(RangeError);
    }
    await blobs.abort(name, upload);
  });

  test('K5: what a crash left unfinished is listed until it is aborted', async ({ skip }) => {
    const { store: blobs, canListUnfinished } = subject();
    skip(!canListUnfinished, 'this server cannot list uploads');
    const name = fresh('uploads');
    const upload = await blobs.begin(name);
    const mine = async () => {
      const found = [];
      for await (const left of blobs.unfinished()) if (left.name === name) found.push(left);
      return found;
    };
    const [left, ...more] = await mine();
    expect(left?.upload).toBe(upload);
    expect(more).toEqual([]);
    expect(Math.abs((left?.begunAt ?? 0) - Date.now())).toBeLessThan(60_000);
    await blobs.abort(name, upload);
    expect(await mine()).toEqual([]);
  });
}

function smallPromises(subject: () => Subject): void {
  test('K5: a small object is replaced atomically: every reader sees one whole writing', async () => {
    const { store: blobs } = subject();
    const name = blobName(`uploads/${randomUUID()}/state`);
    const size = 200_000;
    await blobs.put(name, Buffer.alloc(size, 0));
    const writing = (async () => {
      for (let round = 1; round <= 10; round += 1) {
        await Promise.all([round, round + 100].map((value) => blobs.put(name, Buffer.alloc(size, value))));
      }
    })();
    let reads = 0;
    const reading = async () => {
      while (reads < 40) {
        reads += 1;
        const seen = await bytesOf(blobs, name, 'all');
        expect(seen.length).toBe(size);
        expect(seen.equals(Buffer.alloc(size, seen[0]))).toBe(true);
      }
    };
    await Promise.all([writing, reading(), reading()]);
    await blobs.put(name, Buffer.from('last'));
    expect((await bytesOf(blobs, name, 'all')).toString()).toBe('last');
    await blobs.delete(name);
  });

  test('K4.3: of eight that put only if absent one wins; a store that cannot promise it says so', async () => {
    const { store: blobs, known } = subject();
    const name = fresh();
    const racers = Array.from({ length: 8 }, (_, racer) =>
      blobs.put(name, Buffer.from(`racer ${racer}`), { onlyIfAbsent: true }),
    );
    const results = await Promise.allSettled(racers);
    const won = results.flatMap((result, racer) => (result.status === 'fulfilled' ? [racer] : []));
    const codes = new Set(
      results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : [])),
    );
    if (known.conditionalPut) {
      expect(won).toHaveLength(1);
      expect([...codes]).toEqual(['exists']);
      expect((await bytesOf(blobs, name, 'all')).toString()).toBe(`racer ${won[0]}`);
    } else {
      expect(won).toEqual([]);
      expect([...codes]).toEqual(['unsupported']);
      await expect(blobs.read(name, 'all')).rejects.toThrow(BlobMissing);
    }
  });
}

function readPromises(subject: () => BlobStore): void {
  test('K4.1: what is not there is missing, whole or by range', async () => {
    await expect(subject().read(fresh(), 'all')).rejects.toThrow(BlobMissing);
    await expect(subject().read(fresh(), { from: 0, to: 1 })).rejects.toThrow(BlobMissing);
  });

  test('P7: a range past the end is a fault, never a shorter body; a senseless range is refused', async () => {
    const name = fresh();
    await subject().put(name, randomBytes(100));
    for (const range of [
      { from: 0, to: 101 },
      { from: 99, to: 200 },
      { from: 100, to: 101 },
      { from: 500, to: 501 },
    ]) {
      await expect(subject().read(name, range)).rejects.toMatchObject({ name: 'BlobFault', code: 'damaged' });
    }
    for (const range of [
      { from: 5, to: 5 },
      { from: 6, to: 5 },
      { from: -1, to: 5 },
      { from: 0.5, to: 5 },
    ]) {
      await expect(subject().read(name, range)).rejects.toThrow(RangeError);
    }
    expect((await bytesOf(subject(), name, { from: 99, to: 100 })).length).toBe(1);
  });

  test('K4.2: a read that is aborted, left or never begun gives back its descriptor', async () => {
    const name = fresh();
    const size = 6 * 1024 * 1024;
    await store(subject(), name, [randomBytes(size)]);
    await bytesOf(subject(), name, 'all');
    const before = openDescriptors();
    for (let round = 0; round < 12; round += 1) {
      const stop = new AbortController();
      const body = await subject().read(name, 'all', stop.signal);
      if (round % 3 !== 2) await body.next();
      if (round % 3 === 1) await body.return?.();
      else stop.abort(new Error('enough'));
      if (round % 3 === 0) await expect(body.next()).rejects.toThrow('enough');
    }
    for (let round = 0; round < 4; round += 1) {
      for await (const piece of await subject().read(name, 'all')) if (piece.length > 0) break;
    }
    await expect.poll(openDescriptors, { timeout: 5_000 }).toBeLessThanOrEqual(before);
    const late = AbortSignal.abort(new Error('too late'));
    await expect(subject().read(name, 'all', late)).rejects.toThrow('too late');
  });
}

function listPromises(subject: () => Subject): void {
  test('K4.2: a listing of more than one page is whole', async () => {
    const { store: blobs } = subject();
    const folder = `l${randomUUID()}`;
    const names = Array.from({ length: 1_050 }, (_, index) => blobName(`${folder}/${index}`));
    const waiting = names.values();
    const worker = async () => {
      for (const name of waiting) await blobs.put(name, Buffer.from('x'));
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    expect(await namesUnder(blobs, `${folder}/`)).toEqual([...names].sort());
    expect(await namesUnder(blobs, `${folder}/104`)).toEqual(
      names.filter((name) => name.startsWith(`${folder}/104`)).sort(),
    );
  });

  test('K4.1: a listing tells size and time, and an empty one is empty', async () => {
    const { store: blobs } = subject();
    const name = fresh();
    await blobs.put(name, randomBytes(321));
    const [entry, ...more] = await all(blobs.list(name));
    expect(entry).toMatchObject({ name, size: 321 });
    expect(Math.abs((entry?.modifiedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(more).toEqual([]);
    expect(await namesUnder(blobs, 'nothing/')).toEqual([]);
  });

  test('K9: deleting leaves nothing and may be repeated', async () => {
    const { store: blobs } = subject();
    const [small, large, never] = [fresh(), fresh(), fresh()];
    await blobs.put(small, randomBytes(10));
    await blobs.put(small, randomBytes(11));
    await store(blobs, large, [randomBytes(100)]);
    for (const name of [small, large, never]) {
      await blobs.delete(name);
      await blobs.delete(name);
      await expect(blobs.read(name, 'all')).rejects.toThrow(BlobMissing);
      expect(await namesUnder(blobs, name)).toEqual([]);
    }
  });
}
