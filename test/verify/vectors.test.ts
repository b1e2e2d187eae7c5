/** The public vectors and the worked example, on the verifier's own code (L12, L3.6). */
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/verify/base64.ts';
import { bytesOf, hashFromHex, toHex } from '../../src/verify/bytes.ts';
import { parseCheckpoint } from '../../src/verify/checkpoint.ts';
import { cosignatureTime } from '../../src/verify/cosignature.ts';
import { readEntry } from '../../src/verify/entry.ts';
import { Malformed } from '../../src/verify/findings.ts';
import { Frontier } from '../../src/verify/frontier.ts';
import { answerMapProof, emptyMapHash, mapKey, parseMapProof } from '../../src/verify/map.ts';
import { parseNote, parseVerifierKey, signedBy } from '../../src/verify/note.ts';
import { fillsQuorum, parsePolicy } from '../../src/verify/policy.ts';
import { SubjectMap } from '../../src/verify/subject-map.ts';
import { SubjectTable } from '../../src/verify/subject-table.ts';
import { leafHashHex, nodeHash, verifyConsistency, verifyInclusion } from '../../src/verify/tree.ts';
import { origin, TestKey } from './build-package.ts';
import { primitives, trust } from './check.ts';
import { hasVectors, vectorFiles, vectorJson, vectorText } from './vectors.ts';

const hash = (text: string): Uint8Array => Buffer.from(text, 'base64');

describe.skipIf(!hasVectors('merkle'))('merkle', () => {
  it('L12: all 98 inclusion probes are judged as published, indices read as whole numbers of any size', () => {
    const files = vectorFiles('merkle/testdata/inclusion').filter((file) => file.endsWith('.json'));
    const seen = files.map((file) => {
      const text = vectorText(file);
      const vector = JSON.parse(text) as {
        root: string;
        leafHash: string;
        proof: string[] | null;
        wantErr: boolean;
      };
      const whole = (name: string): bigint => BigInt(new RegExp(`"${name}": *([0-9]+)`).exec(text)![1]!);
      const path = (vector.proof ?? []).map(hash);
      const found = verifyInclusion(
        primitives,
        whole('leafIdx'),
        whole('treeSize'),
        hash(vector.leafHash),
        path,
        hash(vector.root),
      );
      expect(found, file).toBe(!vector.wantErr);
      return whole('leafIdx');
    });
    expect(files).toHaveLength(98);
    expect(seen.filter((index) => index === 18_446_744_073_709_551_615n)).toHaveLength(2);
  });

  it('L12: all 98 consistency probes are judged as published', () => {
    const files = vectorFiles('merkle/testdata/consistency').filter((file) => file.endsWith('.json'));
    for (const file of files) {
      const text = vectorText(file);
      const vector = JSON.parse(text) as {
        root1: string;
        root2: string;
        proof: string[] | null;
        wantErr: boolean;
      };
      const whole = (name: string): bigint => BigInt(new RegExp(`"${name}": *([0-9]+)`).exec(text)![1]!);
      const path = (vector.proof ?? []).map(hash);
      const found = verifyConsistency(
        primitives,
        whole('size1'),
        whole('size2'),
        hash(vector.root1),
        hash(vector.root2),
        path,
      );
      expect(found, file).toBe(!vector.wantErr);
    }
    expect(files).toHaveLength(98);
  });
});

describe.skipIf(!hasVectors('ct-argon2020'))('ct-argon2020', () => {
  const head = hasVectors('ct-argon2020')
    ? vectorJson<{ tree_size: number; sha256_root_hash: string }>('ct-argon2020/sth.json')
    : { tree_size: 0, sha256_root_hash: '' };

  it('L12: leaf 10,000 is proved in a tree of 961,984,013, and not at another place', () => {
    const { leaf_index, audit_path } = vectorJson<{ leaf_index: number; audit_path: string[] }>(
      'ct-argon2020/proof.json',
    );
    const { entries } = vectorJson<{ entries: { leaf_input: string }[] }>('ct-argon2020/entries.json');
    const leaf = hashFromHex(leafHashHex(primitives, hash(entries[0]!.leaf_input)))!;
    expect(audit_path).toHaveLength(30);
    const root = hash(head.sha256_root_hash);
    const holds = (index: number): boolean =>
      verifyInclusion(primitives, index, head.tree_size, leaf, audit_path.map(hash), root);
    expect(holds(leaf_index)).toBe(true);
    expect(holds(leaf_index + 1)).toBe(false);
    expect(holds(leaf_index + 2 ** 32)).toBe(false);
  });

  it('L12: 3,654,490 leaves are the beginning of 961,984,013', () => {
    const old = vectorJson<{ tree_size: number; sha256_root_hash: string }>('ct-argon2020/old-root.json');
    const { consistency } = vectorJson<{ consistency: string[] }>('ct-argon2020/consistency.json');
    expect(consistency).toHaveLength(30);
    const holds = (size: number): boolean =>
      verifyConsistency(
        primitives,
        size,
        head.tree_size,
        hash(old.sha256_root_hash),
        hash(head.sha256_root_hash),
        consistency.map(hash),
      );
    expect(holds(old.tree_size)).toBe(true);
    expect(holds(old.tree_size + 1)).toBe(false);
  });
});

interface Notes {
  valid: { name: string; vkeys: string[]; note: string; wantVerified: string[] }[];
  invalid: { name: string; vkeys: string[]; note: string }[];
  signDeterministic: { text: string; wantSignatureLine: string };
  vkeys: { valid: string[]; invalid: { k: string; why: string }[] };
  checkpointBody: {
    valid: { text: string; origin: string; size: number }[];
    invalid: { text: string; why: string }[];
  };
  witnessPolicyKeys: Record<'wit1' | 'wit2' | 'wit3', { vkey: string; skey: string }>;
  cosignatureTimestamp: { sigBase64: string; wantUnix: number };
}

describe.skipIf(!hasVectors('notes'))('notes', () => {
  const notes = hasVectors('notes')
    ? vectorJson<Notes>('notes/notes.json')
    : ({ valid: [], invalid: [] } as unknown as Notes);

  it('L12: valid notes verify under exactly the keys that signed them', () => {
    for (const { vkeys, note, wantVerified } of notes.valid) {
      const keys = vkeys.map((text) => parseVerifierKey(primitives, text));
      const read = parseNote(bytesOf(note));
      const signers = keys
        .filter((key) => signedBy(primitives, read, key) === 'valid')
        .map((key) => key.name);
      expect(signers).toEqual(wantVerified);
    }
  });

  it('L12: invalid notes are refused or signed by no known key', () => {
    for (const { name, vkeys, note } of notes.invalid) {
      let isGood: boolean;
      try {
        const read = parseNote(bytesOf(note));
        isGood = vkeys.some(
          (text) => signedBy(primitives, read, parseVerifierKey(primitives, text)) === 'valid',
        );
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
        isGood = false;
      }
      expect(isGood, name).toBe(false);
    }
  });

  it('L12: verifier keys are taken in their one spelling, and every mangled byte or substring is refused', () => {
    for (const text of notes.vkeys.valid) expect(parseVerifierKey(primitives, text).text).toBe(text);
    for (const { k, why } of notes.vkeys.invalid)
      expect(() => parseVerifierKey(primitives, k), why).toThrow(Malformed);
    const [good = ''] = notes.vkeys.valid;
    for (let at = 0; at < good.length; at += 1) {
      const mangled = good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ 1) + good.slice(at + 1);
      expect(() => parseVerifierKey(primitives, mangled)).toThrow(Malformed);
      expect(() => parseVerifierKey(primitives, good.slice(0, at))).toThrow(Malformed);
      if (at > 0) expect(() => parseVerifierKey(primitives, good.slice(at))).toThrow(Malformed);
    }
  });

  it('L12: checkpoint texts are three lines with a plain size and strict base64', () => {
    for (const { text, origin: name, size } of notes.checkpointBody.valid)
      expect(parseCheckpoint(text)).toMatchObject({ origin: name, size });
    for (const { text, why } of notes.checkpointBody.invalid)
      expect(() => parseCheckpoint(text), why).toThrow(Malformed);
  });

  it('L12: the time of a cosignature is read from its eight bytes after the key id', () => {
    const { sigBase64, wantUnix } = notes.cosignatureTimestamp;
    expect(cosignatureTime(hash(sigBase64).subarray(4))).toBe(wantUnix);
  });

  it('L12: a quorum over groups of the published witness keys counts organisations, not keys', () => {
    // The published keys are of type 0x01; a policy wants 0x04, under which the same key has another id.
    const witnesses = (['wit1', 'wit2', 'wit3'] as const).map((name) => {
      const { key } = parseVerifierKey(primitives, notes.witnessPolicyKeys[name].vkey);
      const data = Buffer.concat([Buffer.from([4]), key]);
      const id = primitives.sha256Hex(Buffer.concat([Buffer.from(`${name}\n`), data])).slice(0, 8);
      return `witness ${name} ${name}+${id}+${encodeBase64(data)}`;
    });
    const policy = parsePolicy(
      primitives,
      bytesOf(
        `log ${new TestKey(1).vkey}\n${witnesses.join('\n')}\ngroup east any wit1 wit2\ngroup west any wit3\ngroup both all east west\nquorum both\n`,
      ),
    );
    expect(fillsQuorum(policy, new Set(['wit1', 'wit2']))).toBe(false);
    expect(fillsQuorum(policy, new Set(['wit2', 'wit3']))).toBe(true);
  });
});

interface Group {
  publicKey: { pk: string };
  tests: { tcId: number; msg: string; sig: string; result: string }[];
}
interface MacGroup {
  tagSize: number;
  tests: { tcId: number; key: string; msg: string; tag: string; result: string }[];
}

describe.skipIf(!hasVectors('wycheproof'))('wycheproof', () => {
  it('L12: all 151 Ed25519 signatures are judged as published', () => {
    const { testGroups } = vectorJson<{ testGroups: Group[] }>('wycheproof/ed25519_test.json');
    let count = 0;
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, msg, sig, result } of tests) {
        const found = primitives.ed25519Verify(
          Buffer.from(sig, 'hex'),
          Buffer.from(msg, 'hex'),
          Buffer.from(publicKey.pk, 'hex'),
        );
        expect(found, `${tcId}`).toBe(result === 'valid');
        count += 1;
      }
    }
    expect(count).toBe(151);
  });

  it('L12: every HMAC-SHA256 with a 256-bit tag is judged as published', () => {
    const { testGroups } = vectorJson<{ testGroups: MacGroup[] }>('wycheproof/hmac_sha256_test.json');
    const whole = testGroups.filter((group) => group.tagSize === 256).flatMap((group) => group.tests);
    expect(whole.length).toBeGreaterThan(50);
    for (const { tcId, key, msg, tag, result } of whole) {
      const found = toHex(primitives.hmacSha256(Buffer.from(key, 'hex'), Buffer.from(msg, 'hex')));
      expect(found === tag, `${tcId}`).toBe(result === 'valid');
    }
  });
});

describe.skipIf(!hasVectors('cctv-ed25519'))('cctv-ed25519', () => {
  it('L12: with the key check exactly one of the 914 edge cases is accepted, number 305', () => {
    const cases = vectorJson<{ number: number; key: string; sig: string; msg: string }[]>(
      'cctv-ed25519/ed25519vectors.json',
    );
    expect(cases).toHaveLength(914);
    const taken = cases.filter(({ key, sig, msg }) => {
      const bytes = Buffer.from(key, 'hex');
      return (
        primitives.ed25519KeyIsSound(bytes) &&
        primitives.ed25519Verify(Buffer.from(sig, 'hex'), bytesOf(msg), bytes)
      );
    });
    expect(taken.map((one) => one.number)).toEqual([305]);
  });
});

describe('worked example', () => {
  const U = '01935f4e-7c00-7000-8000-00000000000';
  const zeros = '0'.repeat(64);
  const texts = [
    `{"actor":"system:init","at":1795500000000,"facts":{"epoch":0,"vkey":"${origin}+2d697030+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"},"kind":"log.opened","origin":"${origin}","private":{},"seq":0,"subjects":[],"v":1}`,
    `{"actor":"person:${U}1","at":1795500000250,"facts":{"from":0,"to":1048576},"kind":"item.opened","origin":"${origin}","private":{"reason":"d9061e54f1d21d86c5fcc9123a67e823747184655e0337ffa257fe4709b05457"},"seq":1,"subjects":[{"id":"item:${U}2","n":1,"prev":"${zeros}"},{"id":"person:${U}1","n":1,"prev":"${zeros}"}],"v":1}`,
    `{"actor":"system:log","at":1795500000500,"facts":{"epoch":0,"keys":2,"map":"3ae85c004711695909dc0bc317536fcaa7e280e4836662a99e107e4fb2656d5b"},"kind":"seal","origin":"${origin}","private":{},"seq":2,"subjects":[],"v":1}`,
  ];
  const leaves = texts.map((text) => leafHashHex(primitives, bytesOf(text)));

  it('L3.6: entries, leaves, root and map are those of the worked example', () => {
    expect(texts.map((text) => bytesOf(text).length)).toEqual([293, 565, 257]);
    expect(leaves).toEqual([
      '9105bbe61c440e1edb5108f2d4ed0a506b758cc89ef0beb1bffc5bf8d277b190',
      '7dfc519c9a65f04eefac60a23fff413fda39ea2ae083529a90d5b3b342a21615',
      '91e38fc8da5db056a0b830eca59cf6df7b95bc45d15f59e9aed06e2ccd540984',
    ]);
    const frontier = new Frontier(primitives);
    for (const leaf of leaves) frontier.push(hashFromHex(leaf)!);
    expect(toHex(frontier.root())).toBe('7c548d2854e41e6fd4852e23fc0ae160e073868f0bb4601f0a9554f43cdf4084');
    const table = new SubjectTable(primitives, true);
    const map = new SubjectMap(primitives, table);
    for (const text of texts) {
      const read = readEntry(bytesOf(text));
      if (!('entry' in read)) throw new Error(read.words);
      for (const { id, n } of read.entry.subjects) {
        const index = table.place(id);
        table.setCount(index, n);
        table.heads(index).set(hashFromHex(leaves[1])!, table.offset(index));
        map.touch(index, true);
      }
    }
    expect(toHex(map.root())).toBe('3ae85c004711695909dc0bc317536fcaa7e280e4836662a99e107e4fb2656d5b');
    expect(toHex(emptyMapHash(primitives))).toBe(
      'c555eab45d08845ae9f10d452a99bfcb06f74a50b988fe7e48dd323789b88ee3',
    );
  });

  it('L3.4: the absence of item:U3 is proved by the item under the person', () => {
    const root = hashFromHex('3ae85c004711695909dc0bc317536fcaa7e280e4836662a99e107e4fb2656d5b')!;
    const siblings = ['9363e7fa83d9f8e212af8a9f8c3f38168625e2c7ea44b8ff9d82341a539efdbd'];
    const leaf = { count: 1, head: leaves[1], key: toHex(mapKey(primitives, `item:${U}2`)) };
    const proof = (id: string) => parseMapProof(JSON.stringify({ id, leaf, siblings }));
    expect(toHex(mapKey(primitives, `item:${U}3`)).slice(0, 8)).toBe('e19283dc');
    expect(answerMapProof(primitives, proof(`item:${U}3`), root)).toEqual({ state: 'absent' });
    expect(answerMapProof(primitives, proof(`item:${U}2`), root)).toMatchObject({
      state: 'present',
      count: 1,
    });
    expect(answerMapProof(primitives, proof(`person:${U}1`), root)).toEqual({ state: 'false' });
  });

  it('L3.6: the checkpoint of the worked example is signed by its key, and the salt opens its commitment', () => {
    const text = `${origin}\n3\nfFSNKFTkHm/UhS4j/ArhYOBzho8LtGAfCpVU9DzfQIQ=\n`;
    expect(toHex(decodeBase64('fFSNKFTkHm/UhS4j/ArhYOBzho8LtGAfCpVU9DzfQIQ=')!)).toBe(
      '7c548d2854e41e6fd4852e23fc0ae160e073868f0bb4601f0a9554f43cdf4084',
    );
    const line =
      '— O LWlwMC2lP019VMe+TJHTIpKoqeqbujHBNR+j1BuJolwkTiltClrAEQG5LidRRdTa7NTSsv6BzlMj7f2rZU5HIHR4vAE='.replace(
        'O',
        origin,
      );
    const { log } = parsePolicy(primitives, bytesOf(trust()));
    expect(signedBy(primitives, parseNote(bytesOf(`${text}\n${line}\n`)), log)).toBe('valid');
    const message = JSON.stringify(['custos-private-v1', origin, 1, 'reason', '复核 17']);
    expect(toHex(primitives.hmacSha256(new Uint8Array(32).fill(0xa5), bytesOf(message)))).toBe(
      'd9061e54f1d21d86c5fcc9123a67e823747184655e0337ffa257fe4709b05457',
    );
  });

  it('L3.1: a node is hashed with another first byte than a leaf', () => {
    const half = new Uint8Array(32);
    expect(toHex(nodeHash(primitives, half, half))).not.toBe(leafHashHex(primitives, new Uint8Array(64)));
  });
});
