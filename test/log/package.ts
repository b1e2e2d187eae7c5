/** A log with everything an export meets, a reader over it, and a reader of the package's bytes for the tests. */
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { signCheckpoint } from '../../src/log/checkpoint.ts';
import type { Disclosure, ExportReader, ExportRequest, Rotation } from '../../src/log/export-reader.ts';
import type { ExportScope } from '../../src/log/export-scope.ts';
import { bucketOf, SubjectMap } from '../../src/log/map.ts';
import { type MapMember, mapKey } from '../../src/log/map-hash.ts';
import { proveSubject } from '../../src/log/map-proof.ts';
import { formatVkey } from '../../src/log/note-key.ts';
import { keyRotationText, sealFacts } from '../../src/log/seal.ts';
import { TileWriter } from '../../src/log/tile.ts';
import { nodesFromTiles } from '../../src/log/tile-nodes.ts';
import { Frontier } from '../../src/log/tree.ts';
import { item, origin, person, seedKey, signer, subject, TestLog } from './example.ts';

export const nextSigner = seedKey(Buffer.alloc(32, 2), origin);
export const stamps = ['one', 'two', 'three', 'four'].map((name) => Buffer.from(`token ${name}`));

/** A log that grows, seals itself, changes its key and answers an export. */
export class ExportedLog {
  readonly log = new TestLog();
  readonly rotations: Rotation[] = [];
  readonly disclosures: Disclosure[] = [];
  signer = signer;
  epoch = 0;
  #seal: { leaf: Uint8Array; seq: number } | undefined;

  constructor() {
    const facts = { epoch: 0, vkey: formatVkey(signer.key) };
    this.log.add({ kind: 'log.opened', actor: 'system:init', at: 1_000_000, facts });
  }

  get size(): number {
    return this.log.entries.length;
  }

  /** One entry about the item at `at`, with a private reason that can be disclosed. */
  open(at: number, reason: unknown = `reason ${at}`): number {
    const salt = Buffer.alloc(32, this.size % 251);
    const draft = { kind: 'item.opened', actor: person, at, subjects: [person, item] };
    const { entry } = this.log.add({ ...draft, private: { reason: { value: reason, salt } } });
    this.disclosures.push({ seq: entry.seq, name: 'reason', value: reason, salt });
    return entry.seq;
  }

  /** One entry with two private fields. */
  tell(at: number): void {
    const salt = Buffer.alloc(32, 7);
    const fields = {
      note: { value: 'n', salt },
      address: { value: 'a', salt },
      reason: { value: 'r', salt },
    };
    const draft = { kind: 'item.told', actor: person, at, subjects: [person, item], private: fields };
    const { seq } = this.log.add(draft).entry;
    for (const [name, { value }] of Object.entries(fields)) this.disclosures.push({ seq, name, value, salt });
  }

  /** An entry about something else. */
  other(at: number, n: number): void {
    this.log.add({ kind: 'item.counted', at, subjects: [subject('item', 1000 + n)], facts: { n } });
  }

  erase(seq: number, at: number): void {
    this.disclosures.splice(
      this.disclosures.findIndex((one) => one.seq === seq && one.name === 'reason'),
      1,
    );
    const facts = { basis: 'law', targets: [{ names: ['reason'], seq }] };
    this.log.add({ kind: 'erased', actor: person, at, subjects: [person, item], facts });
  }

  members(): MapMember[] {
    return [...this.log.heads]
      .map(([id, head]) => ({ key: mapKey(id), count: head.n, head: head.leaf }))
      .sort((a, b) => Buffer.compare(a.key, b.key));
  }

  async #checkpoint(signers: (typeof signer)[], at: number): Promise<string> {
    const map = await SubjectMap.build(this.members());
    const facts = sealFacts({ epoch: this.epoch, keys: map.keys, map: map.root(), prev: this.#seal });
    const { leaf, entry } = this.log.add({ kind: 'seal', actor: 'system:log', at, facts });
    this.#seal = { leaf, seq: entry.seq };
    const frontier = new Frontier();
    for (const one of this.log.entries) frontier.append(one.leaf);
    return signCheckpoint({ origin, size: this.size, root: frontier.root() }, signers);
  }

  async seal(at: number): Promise<string> {
    return this.#checkpoint([this.signer], at);
  }

  async rotate(at: number): Promise<void> {
    const vkey = formatVkey(nextSigner.key);
    const text = keyRotationText(origin, this.epoch + 1, vkey);
    const sig = Buffer.from(nextSigner.sign(Buffer.from(text))).toString('hex');
    const { entry, bytes } = this.log.add({
      kind: 'key.rotated',
      at,
      facts: { epoch: this.epoch + 1, sig, vkey },
    });
    const checkpoint = await this.#checkpoint([signer, nextSigner], at);
    this.epoch += 1;
    this.signer = nextSigner;
    this.rotations.push({ epoch: this.epoch, checkpoint, seq: entry.seq, bytes });
  }

  /** The export's own entry, the seal over it, and the request. */
  async request(scope: ExportScope, disclose: ExportRequest['disclose'], at: number): Promise<ExportRequest> {
    const subjects = scope.kind === 'subject' ? [scope.id] : [];
    const facts = { scope: scope.kind, disclose };
    const made = this.log.add({ kind: 'log.exported', at, subjects, facts }).entry.seq;
    const checkpoint = await this.seal(at);
    const map = await SubjectMap.build(this.members());
    const read = (bucket: number) => this.members().filter(({ key }) => bucketOf(key) === bucket);
    const mapProof = scope.kind === 'subject' ? await proveSubject(scope.id, map, read) : undefined;
    return { scope, disclose, made, checkpoint, signer: this.signer, mapProof };
  }

  reader(): ExportReader {
    const rows = () => this.log.entries.map(({ entry, bytes }) => ({ seq: entry.seq, bytes, entry }));
    const chainOf = (id: string) => rows().filter(({ entry }) => entry.subjects.some((one) => one.id === id));
    const writer = new TileWriter(0, []);
    const tiles = new Map<string, Buffer>();
    for (const { leaf } of this.log.entries) {
      for (const { level, index, hashes } of writer.append(leaf)) tiles.set(`${level}/${index}`, hashes);
    }
    for (const { level, index, hashes } of writer.partials()) tiles.set(`${level}/${index}`, hashes);
    const { disclosures, rotations } = this;
    return {
      async *entries(first, end) {
        yield* rows().slice(first, end);
      },
      async *chain(id, first, last) {
        yield* chainOf(id).slice(first - 1, last);
      },
      countBefore: async (time, size) =>
        rows()
          .slice(0, size)
          .filter(({ entry }) => entry.at < time).length,
      chainCountBefore: async (id, time, count) =>
        chainOf(id)
          .slice(0, count)
          .filter(({ entry }) => entry.at < time).length,
      disclosures: async (seqs) => disclosures.filter(({ seq }) => seqs.includes(seq)).toReversed(),
      async *rotations() {
        yield* rotations;
      },
      async *stamps() {
        yield* stamps;
      },
      nodes: nodesFromTiles((level, index) => tiles.get(`${level}/${index}`) ?? Buffer.alloc(0)),
    };
  }
}

/** All of a stream, as one buffer. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** The files of an archive, in order, with mtime in seconds. */
export async function unpack(
  tar: Buffer,
): Promise<{ name: string; content: Buffer; mtime: number; type: string }[]> {
  const files: { name: string; content: Buffer; mtime: number; type: string }[] = [];
  const stream = extract();
  stream.end(tar);
  for await (const entry of stream) {
    const { name, mtime, type } = entry.header;
    files.push({
      name,
      mtime: Number(mtime) / 1000,
      type: String(type),
      content: await collect(Readable.from(entry)),
    });
  }
  return files;
}
