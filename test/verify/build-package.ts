/** Packages made by the format's own words (custody-log L9), independent of what makes and reads them in the service. */
import { byte, item, jcs, mapProof, origin, person, sha256, TestKey, TestLog } from './test-log.ts';

export * from './test-log.ts';

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
