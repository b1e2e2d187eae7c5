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
const byte = (...values: number[]): Buffer => Buffer.from(values);
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

export interface Member {
  name: string;
  bytes: Buffer;
}

export interface Scope {
  kind: 'full' | 'period' | 'subject';
  id?: string;
  from?: number;
  to?: number;
}

export interface PackageOptions {
  readonly scope: Scope;
  readonly disclose?: 'none' | 'listed' | 'all';
  /** Fields to disclose with `listed`, and to leave out with `all`: `<seq>/<name>`. */
  readonly fields?: readonly string[];
  readonly partSize?: number;
  /** Extra signature lines on the checkpoint. */
  readonly cosigners?: (text: string) => string;
  readonly signers?: readonly TestKey[];
  readonly manifestKey?: TestKey;
  /** Entries instead of those the scope gives. */
  readonly pick?: (seqs: number[]) => number[];
  /** Members as they go into the archive, manifest not yet among them. */
  readonly bend?: (members: Member[]) => Member[] | undefined;
  /** `export.json` before it is written. */
  readonly promise?: (document: Record<string, unknown>) => void;
  readonly mtime?: number;
  readonly made?: number;
}

const hex = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('hex'));

/** Adds the `log.exported` entry and its seal, as an export does (L9). */
export function logExport(log: TestLog, scope: Scope): number {
  const subjects = [person(7), ...(scope.id === undefined ? [] : [scope.id])];
  const made = log.add('log.exported', [...new Set(subjects)], { scope: scope.kind }, {}, person(7));
  log.seal();
  return made;
}

function chosen(log: TestLog, scope: Scope): number[] {
  const all = log.shapes.filter(
    (entry) => scope.kind !== 'subject' || entry.subjects.some((link) => link.id === scope.id),
  );
  if (scope.from === undefined || scope.to === undefined) return all.map((entry) => entry.seq);
  const { from, to } = scope;
  const i = all.filter((entry) => entry.at < from).length;
  const j = all.filter((entry) => entry.at < to).length;
  return all.slice(Math.max(0, i - 1), Math.min(all.length, j + 1)).map((entry) => entry.seq);
}

function quote(text: string): string {
  const inert = text.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${(/^[=+\-@\t\r＝＋－＠]/.test(inert) ? `'${inert}` : inert).replaceAll('"', '""')}"`;
}

export interface Line {
  name: string;
  salt: string;
  seq: number;
  value: unknown;
}

export function renderTable(log: TestLog, seqs: readonly number[], lines: readonly Line[]): Buffer {
  const rows = seqs.map((seq) => {
    const entry = log.shapes[seq]!;
    const own = lines.filter((line) => line.seq === seq).map((line) => [line.name, line.value]);
    return [
      String(seq),
      new Date(entry.at).toISOString(),
      entry.kind,
      entry.actor,
      entry.subjects.map((link) => `${link.id}#${link.n}`).join(' '),
      jcs(entry.facts),
      Object.keys(entry.private).sort().join(' '),
      own.length === 0 ? '' : jcs(Object.fromEntries(own)),
      log.entries[seq]!.leaf.toString('hex'),
    ];
  });
  const head = ['seq', 'time', 'kind', 'actor', 'subjects', 'facts', 'private', 'disclosed', 'leaf'];
  return Buffer.from(`\ufeff${[head, ...rows].map((row) => `${row.map(quote).join(',')}\r\n`).join('')}`);
}

function disclosedLines(log: TestLog, seqs: readonly number[], options: PackageOptions): Line[] {
  const { disclose = 'all', fields = [] } = options;
  if (disclose === 'none') return [];
  return seqs.flatMap((seq) =>
    Object.entries(log.entries[seq]!.values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(([name]) => fields.includes(`${seq}/${name}`) === (disclose === 'listed'))
      .map(([name, { value, salt }]) => ({ name, salt: salt.toString('hex'), seq, value })),
  );
}

export function rangeDocument(log: TestLog, first: number, end: number): Record<string, unknown> {
  const frontier: Buffer[] = [];
  for (let at = 0, rest = first; rest > 0; ) {
    let size = 1;
    while (size * 2 <= rest) size *= 2;
    frontier.push(log.root(at + size, at));
    at += size;
    rest -= size;
  }
  return { consistency: hex(log.consistency(end)), end, first, frontier: hex(frontier) };
}

function headMembers(
  log: TestLog,
  options: PackageOptions,
  seqs: readonly number[],
  parts: number,
): Member[] {
  const { scope, disclose = 'all' } = options;
  const { size } = log;
  const made = options.made ?? log.shapes.findLastIndex((entry) => entry.kind === 'log.exported');
  const document = {
    disclose,
    entries: seqs.length,
    format: 'custos-export/1',
    made,
    origin: log.origin,
    parts,
    scope,
    size,
  };
  options.promise?.(document);
  const json = (name: string, value: unknown): Member => ({ name, bytes: Buffer.from(jcs(value)) });
  const text = log.text();
  const note = `${text}\n${(options.signers ?? [log.key]).map((key) => key.line(text)).join('')}${options.cosigners?.(text) ?? ''}`;
  return [
    json('export.json', document),
    { name: 'checkpoint', bytes: Buffer.from(note) },
    { name: 'seal', bytes: log.entries[size - 1]!.bytes },
    json('seal.proof', { path: hex(log.path(size - 1)), seq: size - 1 }),
    scope.kind === 'subject'
      ? json('map.json', mapProof(log.heads, scope.id!))
      : json('range.json', rangeDocument(log, seqs[0]!, seqs.at(-1)! + 1)),
    ...log.rotations.map(({ epoch, seq, size: at, note: checkpoint }) =>
      json(`keys/${epoch}.json`, {
        checkpoint,
        consistency: hex(log.consistency(at)),
        entry: log.entries[seq]!.bytes.toString(),
        path: hex(log.path(seq, at)),
        seq,
      }),
    ),
  ];
}

/** All members but the manifest. */
export function packageMembers(log: TestLog, options: PackageOptions): Member[] {
  const { scope, partSize = 500 } = options;
  const seqs = (options.pick ?? ((all) => all))(chosen(log, scope));
  const lines = disclosedLines(log, seqs, options);
  const parts = Math.ceil(seqs.length / partSize);
  const members = headMembers(log, options, seqs, parts);
  for (let part = 0; part < parts; part += 1) {
    const own = seqs.slice(part * partSize, (part + 1) * partSize);
    const name = `part/${String(part + 1).padStart(6, '0')}`;
    const text = (values: unknown[]): Buffer =>
      Buffer.from(values.map((value) => `${jcs(value)}\n`).join(''));
    if (scope.kind === 'subject')
      members.push({
        name: `${name}.proofs`,
        bytes: text(own.map((seq) => ({ path: hex(log.path(seq)), seq }))),
      });
    members.push({
      name: `${name}.entries`,
      bytes: Buffer.concat(own.flatMap((seq) => [log.entries[seq]!.bytes, byte(10)])),
    });
    members.push({ name: `${name}.disclosed`, bytes: text(lines.filter((line) => own.includes(line.seq))) });
  }
  members.push({ name: 'views/entries.csv', bytes: renderTable(log, seqs, lines) });
  members.push({ name: 'views/report.pdf', bytes: Buffer.from('%PDF-1.7 for people') });
  return members;
}

export function manifestFor(log: TestLog, made: number, members: readonly Member[], key: TestKey): Member {
  const text = `custos-manifest/v1\n${log.origin}\n${made}\n${members
    .map(({ name, bytes }) => `${sha256(bytes).toString('hex')} ${bytes.length} ${name}\n`)
    .join('')}`;
  return { name: 'manifest', bytes: Buffer.from(`${text}\n${key.line(text)}`) };
}

export function header({ name, bytes }: Member, mtime: number, over: Record<number, string> = {}): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644', 100);
  block.write('0000000', 108);
  block.write('0000000', 116);
  block.write(bytes.length.toString(8).padStart(11, '0'), 124);
  block.write(mtime.toString(8).padStart(11, '0'), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write('0000000', 329);
  block.write('0000000', 337);
  for (const [at, text] of Object.entries(over)) block.write(text, Number(at), 'latin1');
  block.write(
    `${block
      .reduce((sum, value) => sum + value, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
}

export function archive(members: readonly Member[], mtime: number): Buffer {
  const blocks = members.flatMap((member) => [
    header(member, mtime),
    member.bytes,
    Buffer.alloc((512 - (member.bytes.length % 512)) % 512),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The whole package; the log must end with `log.exported` and a seal (see `logExport`). */
export function buildPackage(log: TestLog, options: PackageOptions): Buffer {
  const made = options.made ?? log.shapes.findLastIndex((entry) => entry.kind === 'log.exported');
  let members = packageMembers(log, options);
  members = options.bend?.(members) ?? members;
  members.push(manifestFor(log, made, members, options.manifestKey ?? log.key));
  return archive(members, options.mtime ?? Math.floor(log.shapes[made]!.at / 1000));
}

/** A log with some life in it: items, persons, private fields, an erasure, seals in between. */
export function livelyLog(entries = 24, key = new TestKey(1), name = origin): TestLog {
  const log = new TestLog(key, name);
  for (let index = 0; index < entries; index += 1) {
    const values = index % 3 === 0 ? { reason: `复核 ${index}`, device: { name: `d${index}` } } : {};
    log.add(
      'item.opened',
      [item(index % 4), person(10 + (index % 3))],
      { from: 0, to: index, note: 'é "x" \u202e=1' },
      values,
    );
    if (index % 5 === 4) log.seal();
  }
  log.seal();
  return log;
}
