/**
 * Builds logs and packages for the verifier's tests, naively and by the definitions (L2, L3, L5, L9), sharing no code
 * with the server or the verifier. Everything can be bent: that is what it is for.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign as nodeSign } from 'node:crypto';
import canonicalize from 'canonicalize';

export const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
export const jcs = (value: unknown): string => canonicalize(value) as string;
export const byte = (...values: number[]): Buffer => Buffer.from(values);
const u64 = (value: number): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
};

export const origin = 'custos.example/00112233445566778899aabbccddeeff';
export const zeros = '0'.repeat(64);
export const uuid = (n: number): string => `01935f4e-7c00-7000-8000-${n.toString(16).padStart(12, '0')}`;
export const item = (n: number): string => `item:${uuid(n)}`;
export const person = (n: number): string => `person:${uuid(n)}`;
export const start = 1_795_500_000_000;

/** A signing key from a one-byte seed. */
export class TestKey {
  readonly name: string;
  readonly type: number;
  readonly raw: Buffer;
  readonly id: Buffer;
  readonly vkey: string;
  readonly #private;

  constructor(seed: number, name = origin, type = 1) {
    const der = Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, seed),
    ]);
    this.#private = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.raw = createPublicKey(this.#private).export({ format: 'der', type: 'spki' }).subarray(-32);
    this.name = name;
    this.type = type;
    this.id = sha256(`${name}\n`, byte(type), this.raw).subarray(0, 4);
    this.vkey = `${name}+${this.id.toString('hex')}+${Buffer.concat([byte(type), this.raw]).toString('base64')}`;
  }

  sign(message: string): Buffer {
    return nodeSign(null, Buffer.from(message), this.#private);
  }

  /** A note signature line over `text`. */
  line(text: string): string {
    return `— ${this.name} ${Buffer.concat([this.id, this.sign(text)]).toString('base64')}\n`;
  }

  /** A cosignature line over `text` at `seconds`. */
  cosign(text: string, seconds: number): string {
    const signature = this.sign(`cosignature/v1\ntime ${seconds}\n${text}`);
    return `— ${this.name} ${Buffer.concat([this.id, u64(seconds), signature]).toString('base64')}\n`;
  }
}

export interface Stored {
  readonly bytes: Buffer;
  readonly leaf: Buffer;
  readonly values: Record<string, { value: unknown; salt: Buffer }>;
}

export interface EntryShape {
  actor: string;
  at: number;
  facts: Record<string, unknown>;
  kind: string;
  origin: string;
  private: Record<string, string>;
  seq: number;
  subjects: { id: string; n: number; prev: string }[];
  v: number;
}

interface Change {
  readonly epoch: number;
  readonly seq: number;
  readonly size: number;
  readonly note: string;
}

export class TestLog {
  readonly origin: string;
  readonly entries: Stored[] = [];
  readonly shapes: EntryShape[] = [];
  readonly keys: TestKey[];
  readonly rotations: Change[] = [];
  readonly heads = new Map<string, { n: number; leaf: string }>();
  at = start;
  #lastSeal: { leaf: string; seq: number } | undefined;
  #nodes = new Map<string, Buffer>();

  constructor(key = new TestKey(1), name = origin) {
    this.origin = name;
    this.keys = [key];
    this.add('log.opened', [], { epoch: 0, vkey: key.vkey }, {}, 'system:init');
  }

  get key(): TestKey {
    return this.keys.at(-1)!;
  }

  get size(): number {
    return this.entries.length;
  }

  commit(seq: number, name: string, value: unknown, salt: Buffer): string {
    return createHmac('sha256', salt)
      .update(jcs(['custos-private-v1', this.origin, seq, name, value]))
      .digest('hex');
  }

  /** Appends an entry; `bend` may change it before it is stored. */
  add(
    kind: string,
    subjects: string[],
    facts: Record<string, unknown> = {},
    values: Record<string, unknown> = {},
    actor = subjects.find((id) => id.startsWith('person:')) ?? 'system:log',
    bend: (entry: EntryShape) => void = () => {},
  ): number {
    const seq = this.size;
    this.at += 250;
    const kept: Stored['values'] = {};
    const commitments: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) {
      const salt = sha256(`${seq} ${name}`);
      kept[name] = { value, salt };
      commitments[name] = this.commit(seq, name, value, salt);
    }
    const links = [...subjects].sort().map((id) => {
      const head = this.heads.get(id);
      return { id, n: (head?.n ?? 0) + 1, prev: head?.leaf ?? zeros };
    });
    const entry: EntryShape = {
      actor,
      at: this.at,
      facts,
      kind,
      origin: this.origin,
      private: commitments,
      seq,
      subjects: links,
      v: 1,
    };
    bend(entry);
    this.store(entry, Buffer.from(jcs(entry)), kept);
    return seq;
  }

  /** Stores exact bytes as the next entry. */
  store(entry: EntryShape, bytes: Buffer, values: Stored['values'] = {}): void {
    const leaf = sha256(byte(0), bytes);
    for (const { id, n } of entry.subjects) this.heads.set(id, { n, leaf: leaf.toString('hex') });
    this.entries.push({ bytes, leaf, values });
    this.shapes.push(entry);
    if (entry.kind === 'seal') this.#lastSeal = { leaf: leaf.toString('hex'), seq: entry.seq };
  }

  /** Seals with the epoch whose key signs; `bend` may change the facts. */
  seal(bend: (facts: Record<string, unknown>) => void = () => {}, epoch = this.keys.length - 1): number {
    const facts: Record<string, unknown> = {
      epoch,
      keys: this.heads.size,
      map: mapRoot(this.heads).toString('hex'),
    };
    if (this.#lastSeal !== undefined) facts.prev = this.#lastSeal;
    bend(facts);
    return this.add('seal', [], facts, {}, 'system:log');
  }

  /** Changes the key by the rules of L6: entry, seal of the old epoch, R with both signatures. */
  rotate(next: TestKey): void {
    const old = this.key;
    const epoch = this.keys.length;
    const sig = next.sign(`custos-key/v1\n${this.origin}\n${epoch}\n${next.vkey}\n`).toString('hex');
    const seq = this.add('key.rotated', [person(99), person(98)], { epoch, sig, vkey: next.vkey });
    this.seal(undefined, epoch - 1);
    const text = this.text();
    this.rotations.push({
      epoch,
      seq,
      size: this.size,
      note: `${text}\n${old.line(text)}${next.line(text)}`,
    });
    this.keys.push(next);
  }

  /** RFC 6962 MTH over leaves `from` … `to` − 1. */
  root(to = this.size, from = 0): Buffer {
    if (to === from) return sha256('');
    if (to - from === 1) return this.entries[from]!.leaf;
    const name = `${from} ${to}`;
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const middle = from + split(to - from);
    const node = sha256(byte(1), this.root(middle, from), this.root(to, middle));
    this.#nodes.set(name, node);
    return node;
  }

  /** RFC 6962 PATH. */
  path(index: number, to = this.size, from = 0): Buffer[] {
    if (to - from === 1) return [];
    const middle = from + split(to - from);
    return index < middle
      ? [...this.path(index, middle, from), this.root(to, middle)]
      : [...this.path(index, to, middle), this.root(middle, from)];
  }

  /** RFC 6962 PROOF. */
  consistency(first: number, size = this.size): Buffer[] {
    const sub = (m: number, from: number, to: number, isWhole: boolean): Buffer[] => {
      if (m === to - from) return isWhole ? [] : [this.root(to, from)];
      const k = split(to - from);
      return m <= k
        ? [...sub(m, from, from + k, isWhole), this.root(to, from + k)]
        : [...sub(m - k, from + k, to, false), this.root(from + k, from)];
    };
    return first === size ? [] : sub(first, 0, size, true);
  }

  text(size = this.size): string {
    return `${this.origin}\n${size}\n${this.root(size).toString('base64')}\n`;
  }

  note(size = this.size, keys = [this.key]): string {
    const text = this.text(size);
    return `${text}\n${keys.map((key) => key.line(text)).join('')}`;
  }
}

/** The largest power of two below `n`. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

type Heads = ReadonlyMap<string, { n: number; leaf: string }>;
const bit = (key: Buffer, depth: number): number => (key[Math.floor(depth / 8)]! >> (7 - (depth % 8))) & 1;

function mapLeaves(heads: Heads): { key: Buffer; hash: Buffer }[] {
  return [...heads].map(([id, { n, leaf }]) => {
    const key = sha256(id);
    return { key, hash: sha256(byte(0x11), key, u64(n), Buffer.from(leaf, 'hex')) };
  });
}

function mapNode(set: { key: Buffer; hash: Buffer }[], depth: number): Buffer {
  if (set.length === 0) return sha256(byte(0x10));
  if (set.length === 1) return set[0]!.hash;
  const sides = [0, 1].map((side) => set.filter(({ key }) => bit(key, depth) === side));
  return sha256(byte(0x12), mapNode(sides[0]!, depth + 1), mapNode(sides[1]!, depth + 1));
}

/** L3.3 by its definition. */
export function mapRoot(heads: Heads): Buffer {
  return mapNode(mapLeaves(heads), 0);
}

/** `map.json` as an object (L3.4). */
export function mapProof(heads: Heads, id: string): Record<string, unknown> {
  const key = sha256(id);
  let set = mapLeaves(heads);
  const siblings: string[] = [];
  for (let depth = 0; set.length > 1; depth += 1) {
    const other = set.filter((one) => bit(one.key, depth) !== bit(key, depth));
    siblings.push(mapNode(other, depth + 1).toString('hex'));
    set = set.filter((one) => bit(one.key, depth) === bit(key, depth));
  }
  const found = set[0];
  if (found === undefined) return { id, siblings };
  const [, head] = [...heads].find(([name]) => sha256(name).equals(found.key))!;
  return { id, leaf: { count: head.n, head: head.leaf, key: found.key.toString('hex') }, siblings };
}
