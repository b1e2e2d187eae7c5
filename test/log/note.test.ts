import { describe, expect, test } from 'vitest';
import { decodeBase64 } from '../../src/log/base64.ts';
import {
  formatCheckpoint,
  formatReceipt,
  parseCheckpoint,
  readCheckpoint,
  signCheckpoint,
} from '../../src/log/checkpoint.ts';
import { LogError } from '../../src/log/log-error.ts';
import { signManifest } from '../../src/log/manifest.ts';
import { formatNote, formatSignature, parseNote, signText, verifyNote } from '../../src/log/note.ts';
import { formatVkey, noteKey, parseVkey } from '../../src/log/note-key.ts';
import { keyRotationText, sealDue, sealFacts, sealIdleMs, sealWithinMs } from '../../src/log/seal.ts';
import { leafHash } from '../../src/log/tree.ts';
import { origin, seedKey, signer, verifyEd25519 } from './example.ts';
import { readVector, testVectors } from './vectors.ts';

const notes = () => JSON.parse(readVector('notes/notes.json').toString('utf8'));
const root = Buffer.alloc(32, 9);
const other = seedKey(Buffer.alloc(32, 2), origin);
const witness = seedKey(Buffer.alloc(32, 3), 'witness.example');

/** A cosignature v1 line of the witness, as C2SP tlog-cosignature has it. */
function cosign(text: string, time: bigint) {
  const key = noteKey('witness.example', 4, witness.key.publicKey);
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(time);
  const signature = Buffer.concat([
    stamp,
    witness.sign(Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)),
  ]);
  return { key, signature: { name: key.name, keyId: key.keyId, signature } };
}

describe('L5.2: signed notes', () => {
  test('L5.2: a note by two keys reads back and verifies under each', () => {
    const note = signCheckpoint({ origin, size: 7, root }, [signer, other]);
    const { note: parsed, checkpoint } = readCheckpoint(note);
    expect(checkpoint).toEqual({ origin, size: 7, root });
    expect(formatNote(parsed)).toBe(note);
    const both = verifyNote(parsed, [signer.key, other.key], verifyEd25519);
    expect(both.map(({ key }) => key)).toEqual([signer.key, other.key]);
    expect(verifyNote(parsed, [other.key], verifyEd25519).length).toBe(1);
    expect(verifyNote(parsed, [], verifyEd25519)).toEqual([]);
  });

  test('L7.3: a witness’s cosignature verifies with its time, and as type 0x04 only', () => {
    const text = formatCheckpoint({ origin, size: 7, root });
    const { key, signature } = cosign(text, 1727964367n);
    const note = parseNote(
      formatNote({ text, signatures: [signText(text, signer.key, signer.sign), signature] }),
    );
    expect(verifyNote(note, [signer.key, key], verifyEd25519)).toEqual([
      { key: signer.key, time: undefined },
      { key, time: 1727964367 },
    ]);
    const asText = { ...key, type: 1 as const };
    expect(() => verifyNote(note, [asText], verifyEd25519)).toThrow(LogError);
    const asWitness = { ...signer.key, type: 4 as const };
    expect(() => verifyNote(note, [asWitness], verifyEd25519)).toThrow(LogError);
    const late = { ...signature, signature: Buffer.from(signature.signature) };
    late.signature.writeUInt8(1, 0);
    expect(() => verifyNote({ text, signatures: [late] }, [key], verifyEd25519)).toThrow(LogError);
    expect(() => signText(text, key, witness.sign)).toThrow(LogError);
  });

  test('L13 E2: another key under the same name and key id does not verify, and a known key signs once', () => {
    const text = formatCheckpoint({ origin, size: 7, root });
    const one = signText(text, signer.key, signer.sign);
    const forged = { ...signer.key, publicKey: other.key.publicKey };
    expect(() => verifyNote({ text, signatures: [one] }, [forged], verifyEd25519)).toThrow(LogError);
    expect(() => verifyNote({ text, signatures: [one, one] }, [signer.key], verifyEd25519)).toThrow(LogError);
    expect(() => signText(text, signer.key, () => Buffer.alloc(63))).toThrow(LogError);
    expect(() => signCheckpoint({ origin, size: 7, root }, [witness])).toThrow(LogError);
  });

  test('L13 G2: a note that is spelled otherwise is refused', () => {
    const good = signCheckpoint({ origin, size: 7, root }, [signer]);
    const line = good.split('\n').at(-2)!;
    expect(() => parseNote(good)).not.toThrow();
    const spelled = [
      good.replaceAll('\n', '\r\n'),
      good.replace('\n7\n', '\n7\t\n'),
      good.slice(0, -1),
      `${good}\n`,
      `${good}x\n`,
      good.replace('\n\n', '\n'),
      good.replace(`${line}\n`, ''),
      good.replace('— ', '- '),
      good.replace('— ', '—  '),
      good.replace(`— ${origin}`, '— a+b'),
      good.replace(`— ${origin}`, '— a\u00a0b'),
      good.replace(/=\n$/, '\n'),
      good.replace(/.(?==\n$)/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
      good.replace(/=\n$/, '= \n'),
      good.replace(line, '— x AAAA'),
      good.replace(origin, '\ud800'),
      good + `${line}\n`.repeat(100),
      '',
    ];
    for (const one of spelled) expect(() => parseNote(one), JSON.stringify(one)).toThrow(LogError);
    expect(parseNote(good + `${line}\n`.repeat(99)).signatures.length).toBe(100);
    expect(() => formatNote({ text: 'no final newline', signatures: [] })).toThrow(LogError);
  });

  test('L5.2: a checkpoint has three lines, a plain size and a root of 32 bytes', () => {
    const text = formatCheckpoint({ origin, size: 7, root });
    expect(parseCheckpoint(text)).toEqual({ origin, size: 7, root });
    const spelled = [
      `${text}extension\n`,
      text.slice(0, -1),
      text.replace('\n7\n', '\n07\n'),
      text.replace('\n7\n', '\n+7\n'),
      text.replace('\n7\n', '\n7.0\n'),
      text.replace('\n7\n', '\n9007199254740992\n'),
      text.replace('\n7\n', '\n99999999999999999\n'),
      text.replace(origin, ''),
      text.replace('CQk=', 'CQk'),
      `${origin}\n7\nYmFuYW5hcw==\n`,
      '',
    ];
    for (const one of spelled) expect(() => parseCheckpoint(one), JSON.stringify(one)).toThrow(LogError);
  });

  test('L13 E2: a manifest never passes for a checkpoint', () => {
    const note = signManifest(origin, 4, [{ sha256: 'ab', size: 3, name: 'seal' }], signer);
    expect(() => readCheckpoint(note)).toThrow(LogError);
    const parsed = parseNote(note);
    expect(parsed.text).toBe(`custos-manifest/v1\n${origin}\n4\nab 3 seal\n`);
    expect(verifyNote(parsed, [signer.key], verifyEd25519).length).toBe(1);
    expect(() => signManifest(origin, 4, [], witness)).toThrow(LogError);
  });

  test('L9: a receipt is a C2SP tlog-proof', () => {
    const hash = Buffer.alloc(32, 1);
    expect(formatReceipt(5, [hash, hash], 'NOTE\n')).toBe(
      `c2sp.org/tlog-proof@v1\nindex 5\n${`${hash.toString('base64')}\n`.repeat(2)}\nNOTE\n`,
    );
  });

  test('L6: a key name is one word, a key 32 bytes', () => {
    for (const name of ['', 'a b', 'a+b', 'a\u2003b', 'a\u0007', '\ud800']) {
      expect(() => noteKey(name, 1, root), name).toThrow(LogError);
    }
    expect(() => noteKey('a', 1, root.subarray(1))).toThrow(LogError);
    expect(parseVkey(formatVkey(signer.key))).toEqual(signer.key);
    expect(parseVkey(formatVkey(noteKey('w', 4, root)))).toEqual(noteKey('w', 4, root));
    for (const vkey of ['', 'a', 'a+b', 'a+00000000+', 'a+00000000+AQ=='])
      expect(() => parseVkey(vkey)).toThrow(LogError);
  });

  test('L5.1: base64 is read strictly', () => {
    expect(decodeBase64('AQI=')).toEqual(Buffer.from([1, 2]));
    for (const text of ['AQI', 'AQJ=', 'AQ I=', 'AQI=\n', 'AQ-_', 'AQI==', '='])
      expect(() => decodeBase64(text)).toThrow(LogError);
  });
});

describe('L12: public vectors of notes', () => {
  testVectors('L12: notes: valid ones verify, invalid ones do not', () => {
    const { valid, invalid, signDeterministic } = notes();
    for (const { note, vkeys, wantVerified, name } of valid) {
      const found = verifyNote(parseNote(note), vkeys.map(parseVkey), verifyEd25519);
      expect(
        found.map(({ key }) => key.name),
        name,
      ).toEqual(wantVerified);
    }
    for (const { note, vkeys, name } of invalid) {
      const speaks = () => verifyNote(parseNote(note), vkeys.map(parseVkey), verifyEd25519).length > 0;
      if (name === 'no-known-key') expect(speaks()).toBe(false);
      else expect(speaks, name).toThrow(LogError);
    }
    const { skey, text, wantSignatureLine } = signDeterministic;
    const [, , name, , ...encoded] = skey.split('+');
    const key = seedKey(Buffer.from(encoded.join('+'), 'base64').subarray(1), name);
    expect(formatSignature(signText(text, key.key, key.sign)).trimEnd()).toBe(wantSignatureLine.trimEnd());
  });

  testVectors('L12: vkeys: every mangled byte and every substring of a valid one is refused', () => {
    const { valid, invalid } = notes().vkeys;
    for (const vkey of valid) expect(formatVkey(parseVkey(vkey))).toBe(vkey);
    for (const { k, why } of invalid) expect(() => parseVkey(k), why).toThrow(LogError);
    const [vkey] = valid;
    for (let at = 0; at < vkey.length; at += 1) {
      const mangled = vkey.slice(0, at) + String.fromCharCode(vkey.charCodeAt(at) ^ 1) + vkey.slice(at + 1);
      expect(() => parseVkey(mangled), mangled).toThrow(LogError);
      for (let to = at; to <= vkey.length; to += 1) {
        if (to - at < vkey.length) expect(() => parseVkey(vkey.slice(at, to))).toThrow(LogError);
      }
    }
  });

  testVectors(
    'L12: checkpoint texts; a root that is no SHA-256 value is refused though the line is well formed',
    () => {
      const { valid, invalid } = notes().checkpointBody;
      for (const { text, origin: log, size, rootIsLeafHashOf } of valid) {
        if (rootIsLeafHashOf === undefined) {
          expect(() => parseCheckpoint(text)).toThrow(/32 bytes/);
          continue;
        }
        expect(parseCheckpoint(text)).toEqual({
          origin: log,
          size,
          root: leafHash(Buffer.from(rootIsLeafHashOf)),
        });
      }
      for (const { text, why } of invalid) expect(() => parseCheckpoint(text), why).toThrow(LogError);
    },
  );

  testVectors('L12: 16 of 16 published checkpoints read and verify', () => {
    const key = parseVkey(notes().tesseraLog.vkey);
    for (let size = 0; size <= 15; size += 1) {
      const { note, checkpoint } = readCheckpoint(
        readVector('tessera-log', `checkpoint.${size}`).toString('utf8'),
      );
      expect(checkpoint.size).toBe(size);
      expect(verifyNote(note, [key], verifyEd25519).map((one) => one.key.name)).toEqual([
        'example.com/log/testdata',
      ]);
    }
  });
});

describe('L5.1: seals', () => {
  test('L5.1: the facts name previous seal and token only where there are any', () => {
    const base = { epoch: 2, keys: 5, map: root };
    const hex = root.toString('hex');
    expect(sealFacts(base)).toEqual({ epoch: 2, keys: 5, map: hex });
    expect(sealFacts({ ...base, prev: { leaf: root, seq: 4 }, stamp: { sha256: root, size: 5 } })).toEqual({
      epoch: 2,
      keys: 5,
      map: hex,
      prev: { leaf: hex, seq: 4 },
      stamp: { sha256: hex, size: 5 },
    });
  });

  test('L5.1: a seal is due 500 ms after the first unsealed entry, and every 15 minutes when idle', () => {
    expect([sealWithinMs, sealIdleMs]).toEqual([500, 900_000]);
    const due = (now: number, unsealedSince?: number) => sealDue({ now, lastSealAt: 0, unsealedSince });
    expect(due(899_999)).toBe(false);
    expect(due(900_000)).toBe(true);
    expect(due(1499, 1000)).toBe(false);
    expect(due(1500, 1000)).toBe(true);
  });

  test('L6: the text that a new key signs', () => {
    expect(keyRotationText('o', 3, 'v')).toBe('custos-key/v1\no\n3\nv\n');
  });
});
