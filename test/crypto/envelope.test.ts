import { describe, expect, it } from 'vitest';
import { newObject, openHeader } from '../../src/crypto/envelope-keys.ts';
import { openChunk } from '../../src/crypto/envelope-open.ts';
import { sealSegment, startSegment } from '../../src/crypto/envelope-seal.ts';
import { CHUNK_SIZE, chunkRange, SEGMENT_SIZE } from '../../src/crypto/geometry.ts';
import { EnvelopeRejected, encodeHeader, parseHeader } from '../../src/crypto/header.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openAll, pattern, store, storeIn } from './envelope-maker.ts';
import { deriveByDoc, nonceByDoc, readByDoc } from './envelope-reader.ts';

const suites = [1, 2] as const;
const dek = Secret.random(32);
const fields = { suite: 1, objectId: Buffer.alloc(16, 3), keyIndex: 7, keyVersion: 2 } as const;

describe('K3.2: header', () => {
  it('is 128 bytes in the order of the specification', () => {
    const { header, headerHash } = newObject(dek, { ...fields, suite: 2, keyIndex: 0xffff_ffff });
    expect(header.length).toBe(128);
    expect(header.subarray(0, 8).toString('hex')).toBe('4355535401021206');
    expect(header.subarray(8, 24).equals(fields.objectId)).toBe(true);
    expect(header.subarray(24, 32).toString('hex')).toBe('ffffffff00000002');
    expect(header.subarray(96).equals(Buffer.alloc(32))).toBe(true);
    expect(headerHash.length).toBe(32);
  });

  it('opens under its data key with the same fields and hash, and never under another', () => {
    const made = newObject(dek, fields);
    const opened = openHeader(dek, made.header);
    expect(opened.fields).toEqual(fields);
    expect(opened.headerHash.equals(made.headerHash)).toBe(true);
    expect(opened.key.bytes.equals(made.key.bytes)).toBe(true);
    expect(() => openHeader(Secret.random(32), made.header)).toThrow(EnvelopeRejected);
  });

  it('any flipped bit of it is refused, with one text', () => {
    const { header } = newObject(dek, fields);
    for (let bit = 0; bit < header.length * 8; bit += 1) {
      const mutant = Buffer.from(header);
      mutant.writeUInt8(mutant.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => openHeader(dek, mutant), `bit ${bit}`).toThrow('The envelope was rejected.');
    }
    for (const size of [0, 127])
      expect(() => openHeader(dek, header.subarray(0, size))).toThrow(EnvelopeRejected);
    expect(() => openHeader(dek, Buffer.concat([header, Buffer.alloc(1)]))).toThrow(EnvelopeRejected);
  });

  it('unknown values are refused before any key work', () => {
    const spent = Secret.random(32);
    const { header } = newObject(spent, fields);
    spent.wipe();
    // A wiped key throws an error of its own as soon as it is touched.
    expect(() => openHeader(spent, header)).toThrow('wiped');
    for (const [at, value] of [
      [0, 0x63],
      [4, 2],
      [5, 0],
      [5, 3],
      [6, 17],
      [7, 7],
      [96, 1],
      [127, 1],
    ] as const) {
      const mutant = Buffer.from(header);
      mutant.writeUInt8(value, at);
      expect(() => openHeader(spent, mutant), `${at}`).toThrow(EnvelopeRejected);
    }
  });

  it('K3.3: one ciphertext cannot open under two keys: the commitment is 32 bytes of the same derivation', async () => {
    const { header, key } = newObject(dek, fields);
    const derived = await deriveByDoc(dek.bytes, header);
    expect(derived.objectKey.equals(key.bytes)).toBe(true);
    expect(derived.commitment.equals(parseHeader(header).commitment)).toBe(true);
  });

  it.each([
    { objectId: Buffer.alloc(15) },
    { suite: 3 as 1 },
    { keyIndex: -1 },
    { keyIndex: 2 ** 32 },
    { keyVersion: 1.5 },
  ])('a caller’s field that does not fit is an error: %o', (wrong) => {
    expect(() => newObject(dek, { ...fields, ...wrong })).toThrow(RangeError);
  });

  it('two objects of one data key share neither salt nor key', () => {
    const [a, b] = [newObject(dek, fields), newObject(dek, fields)];
    expect(a.key.bytes.equals(b.key.bytes)).toBe(false);
    expect(a.header.subarray(32, 64).equals(b.header.subarray(32, 64))).toBe(false);
  });

  it('what is written reads back', () => {
    const header = { fields, salt: Buffer.alloc(32, 1), commitment: Buffer.alloc(32, 2) };
    expect(parseHeader(encodeHeader(header))).toEqual(header);
  });
});

describe('K3.3: content', () => {
  const sizes = [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, SEGMENT_SIZE, SEGMENT_SIZE + 1];

  it.each(suites)(
    'suite %i: every size around the borders reads back, also after the header was reopened',
    (suite) => {
      for (const size of sizes) {
        const made = store(dek, suite, pattern(size, size));
        expect(openAll(dek, made.stored, made).equals(made.plaintext)).toBe(true);
      }
    },
  );

  it('K3.7: suite 1 opens with WebCrypto, suite 2 with libsodium, from the documentation alone', async () => {
    for (const suite of suites) {
      for (const size of [0, 5, CHUNK_SIZE, SEGMENT_SIZE + CHUNK_SIZE + 9]) {
        const made = store(dek, suite, pattern(size, 1));
        const read = await readByDoc(dek.bytes, made.stored, size, made.salts);
        expect(read.equals(made.plaintext)).toBe(true);
      }
    }
  });

  it('K3.6: a range opens from exactly the bytes that it fetches', () => {
    const made = store(dek, 1, pattern(SEGMENT_SIZE + 3 * CHUNK_SIZE + 100, 4));
    const object = openHeader(dek, made.stored.subarray(0, 128));
    const [from, to] = [SEGMENT_SIZE - 10, SEGMENT_SIZE + CHUNK_SIZE + 5];
    const range = chunkRange(from, to, made.size);
    const fetched = made.stored.subarray(range.ciphertextFrom, range.ciphertextTo);
    expect(range.lastChunk - range.firstChunk).toBe(2);
    // Chunk 63 ends the first segment; the head of the second lies between.
    const first = openChunk(
      object,
      made.salts[0]!,
      { segment: 0, chunk: 63, final: false },
      fetched.subarray(0, 262_160),
    );
    const second = openChunk(
      object,
      made.salts[1]!,
      { segment: 1, chunk: 0, final: false },
      fetched.subarray(262_160 + 32, 262_160 + 32 + 262_160),
    );
    const wanted = Buffer.concat([first, second])
      .subarray(range.skip)
      .subarray(0, CHUNK_SIZE + 10);
    expect(wanted.equals(made.plaintext.subarray(from, from + wanted.length))).toBe(true);
  });

  it('chunk by chunk gives what the whole segment gives', () => {
    const object = newObject(dek, fields);
    const sealer = startSegment(object, 0);
    const plaintext = pattern(CHUNK_SIZE + 3, 2);
    const sealed = Buffer.concat([
      object.header,
      sealer.head,
      sealer.sealChunk(plaintext.subarray(0, CHUNK_SIZE), false),
      sealer.sealChunk(plaintext.subarray(CHUNK_SIZE), true),
    ]);
    expect(sealer.head.subarray(0, 16).equals(sealer.salt)).toBe(true);
    expect(sealer.head.subarray(16).equals(Buffer.alloc(16))).toBe(true);
    const manifest = { size: plaintext.length, salts: [sealer.salt], headerHash: object.headerHash };
    expect(openAll(dek, sealed, manifest).equals(plaintext)).toBe(true);
  });
});

describe('K3.4: no nonce twice', () => {
  it('a re-sent segment never reuses a nonce: every (key, nonce) pair of 40 sealings differs', async () => {
    const object = newObject(dek, fields);
    const { segmentKey } = await deriveByDoc(dek.bytes, object.header);
    const pairs = new Set<string>();
    let made = 0;
    for (let round = 0; round < 20; round += 1) {
      for (const segment of [0, 1]) {
        // The same bytes again, as after a crash; then another length, as from another client.
        const plaintext = pattern(CHUNK_SIZE * (round % 2) + 5, 1);
        const { salt, ciphertext } = sealSegment(object, segment, plaintext, true);
        expect(ciphertext.subarray(0, 16).equals(salt)).toBe(true);
        const key = (await segmentKey(segment, salt)).toString('hex');
        const count = Math.ceil(plaintext.length / CHUNK_SIZE);
        for (let chunk = 0; chunk < count; chunk += 1) {
          pairs.add(`${key} ${nonceByDoc(chunk, chunk === count - 1).toString('hex')}`);
          made += 1;
        }
      }
    }
    expect(pairs.size).toBe(made);
  });

  it('a sealer takes each place once and stops after the last chunk', () => {
    const object = newObject(dek, fields);
    const whole = Buffer.alloc(CHUNK_SIZE);
    const full = startSegment(object, 0);
    for (let i = 0; i < 64; i += 1) full.sealChunk(whole, false);
    expect(() => full.sealChunk(whole, false)).toThrow(RangeError);
    const ended = startSegment(object, 0);
    ended.sealChunk(Buffer.alloc(1), true);
    expect(() => ended.sealChunk(Buffer.alloc(1), true)).toThrow(RangeError);
    const closed = startSegment(object, 0);
    closed.close();
    expect(() => closed.sealChunk(whole, false)).toThrow(RangeError);
  });

  it('an unfinished chunk, an oversized one, and a wrong segment are refused', () => {
    const object = newObject(dek, fields);
    const sealer = startSegment(object, 0);
    expect(() => sealer.sealChunk(Buffer.alloc(CHUNK_SIZE - 1), false)).toThrow(RangeError);
    expect(() => sealer.sealChunk(Buffer.alloc(CHUNK_SIZE + 1), false)).toThrow(RangeError);
    expect(() => sealer.sealChunk(Buffer.alloc(CHUNK_SIZE + 1), true)).toThrow(RangeError);
    for (const segment of [-1, 10_000, 0.5]) expect(() => startSegment(object, segment)).toThrow(RangeError);
    expect(() => sealSegment(object, 0, Buffer.alloc(1), false)).toThrow(RangeError);
    expect(() => sealSegment(object, 0, Buffer.alloc(SEGMENT_SIZE + 1), true)).toThrow(RangeError);
  });
});

describe('K3.5: what a store could serve instead', () => {
  const object = newObject(dek, fields);
  const made = storeIn(object, pattern(CHUNK_SIZE + 7, 6));
  const chunk = made.stored.subarray(160, 160 + 262_160);
  const salt = made.salts[0]!;
  const place = { segment: 0, chunk: 0, final: false };

  it('the right chunk at the right place opens', () => {
    expect(openChunk(object, salt, place, chunk).equals(made.plaintext.subarray(0, CHUNK_SIZE))).toBe(true);
  });

  it.each([
    ['another segment', { ...place, segment: 1 }],
    ['another chunk', { ...place, chunk: 1 }],
    ['the end of the object', { ...place, final: true }],
    ['a negative segment', { ...place, segment: -1 }],
    ['a segment past the last', { ...place, segment: 10_000 }],
    ['a chunk past the last', { ...place, chunk: 64 }],
    ['half a chunk number', { ...place, chunk: 0.5 }],
  ])('it is refused as %s', (_, position) => {
    expect(() => openChunk(object, salt, position, chunk)).toThrow(EnvelopeRejected);
  });

  it('an old sealing of the same segment is refused under today’s salt, and a wrong salt too', () => {
    const again = storeIn(object, made.plaintext);
    expect(() => openChunk(object, again.salts[0]!, place, chunk)).toThrow(EnvelopeRejected);
    expect(() => openChunk(object, salt.subarray(1), place, chunk)).toThrow(EnvelopeRejected);
  });

  it('a chunk that is too long, too short or without a tag is refused', () => {
    const end = { segment: 0, chunk: 1, final: true };
    const last = made.stored.subarray(160 + 262_160);
    expect(openChunk(object, salt, end, last).length).toBe(7);
    for (const size of [0, 15, 16, 22]) {
      expect(() => openChunk(object, salt, end, last.subarray(0, size))).toThrow(EnvelopeRejected);
    }
    expect(() => openChunk(object, salt, end, Buffer.alloc(262_161))).toThrow(EnvelopeRejected);
    expect(() => openChunk(object, salt, place, chunk.subarray(1))).toThrow(EnvelopeRejected);
  });
});
