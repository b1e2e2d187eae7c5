/**
 * The export package (custody-log L9, docs/formats/export-package.md): its members in their order, each made when
 * it is asked for. Nothing is spooled: at most one part is in memory, and the CSV is rendered twice, once to learn
 * its size and once to be written. Throws rather than finish a package that would not verify.
 */
import { createHash } from 'node:crypto';
import { canonical } from '../crypto/canonical.ts';
import { sha256Hex } from '../crypto/digest.ts';
import { readCheckpoint } from './checkpoint.ts';
import { OpenFields } from './disclosed.ts';
import { csvHeader, csvLine, type ViewedEntry } from './entries-csv.ts';
import { type Part, partFiles, readParts } from './export-part.ts';
import { describeExport, type ExportPlan, hexes, planExport } from './export-plan.ts';
import type { ExportReader, ExportRequest } from './export-reader.ts';
import { LogError } from './log-error.ts';
import { type ManifestLine, signManifest } from './manifest.ts';
import { consistencyProof, inclusionProof } from './tree-proof.ts';
import { type Member, packUstar } from './ustar.ts';

/** A member that is whole in memory. */
interface SmallFile {
  readonly name: string;
  readonly content: Uint8Array;
}

async function* keyFiles(plan: ExportPlan, reader: ExportReader): AsyncGenerator<SmallFile, void, undefined> {
  for await (const { epoch, checkpoint, seq, bytes } of reader.rotations()) {
    const { size } = readCheckpoint(checkpoint).checkpoint;
    const text = canonical({
      checkpoint,
      consistency: hexes(await consistencyProof(size, plan.size, reader.nodes)),
      entry: Buffer.from(bytes).toString('utf8'),
      path: hexes(await inclusionProof(seq, size, reader.nodes)),
      seq,
    });
    yield { name: `keys/${epoch}.json`, content: Buffer.from(text, 'utf8') };
  }
}

async function* stampFiles(reader: ExportReader): AsyncGenerator<SmallFile, void, undefined> {
  const tokens = new Map<string, Uint8Array>();
  for await (const token of reader.stamps()) tokens.set(sha256Hex(token), token);
  for (const [sha256, content] of [...tokens].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    yield { name: `stamps/${sha256}.tst`, content };
  }
}

async function* csvChunks(parts: AsyncIterable<Part>): AsyncGenerator<Uint8Array, void, undefined> {
  yield csvHeader();
  for await (const part of parts) yield Buffer.concat(part.rows.map(csvLine));
}

/** Counts and hashes what passes. */
class Tally {
  readonly #hash = createHash('sha256');
  size = 0;

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.size += chunk.length;
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }
}

/** Passes chunks on and throws at the end if they are not what was promised (a value erased meanwhile). */
async function* asPromised(
  chunks: AsyncIterable<Uint8Array>,
  promised: ManifestLine,
): AsyncGenerator<Uint8Array, void, undefined> {
  const tally = new Tally();
  for await (const chunk of chunks) {
    tally.add(chunk);
    yield chunk;
  }
  if (tally.size !== promised.size || tally.sha256() !== promised.sha256) {
    throw new LogError('export', 'Private values changed while the package was written.');
  }
}

async function* viewedRows(parts: AsyncIterable<Part>): AsyncGenerator<ViewedEntry, void, undefined> {
  for await (const part of parts) yield* part.rows;
}

/** The members of `plan` in order, the manifest last. A member's content must be read before the next is taken. */
async function* members(plan: ExportPlan, reader: ExportReader): AsyncGenerator<Member, void, undefined> {
  const { request } = plan;
  const lines: ManifestLine[] = [];
  const member = ({ name, content }: SmallFile): Member => {
    lines.push({ sha256: sha256Hex(content), size: content.length, name });
    return { name, size: content.length, content: [content] };
  };
  for (const file of await describeExport(plan, reader)) yield member(file);
  for await (const file of keyFiles(plan, reader)) yield member(file);
  for await (const file of stampFiles(reader)) yield member(file);

  const csv = new Tally();
  csv.add(csvHeader());
  const open = new OpenFields();
  for await (const part of readParts(plan, reader)) {
    for (const file of await partFiles(part, plan, reader.nodes)) yield member(file);
    for (const row of part.rows) {
      csv.add(csvLine(row));
      open.follow(row);
    }
  }
  if (request.disclose === 'all') open.close();

  const view: ManifestLine = { sha256: csv.sha256(), size: csv.size, name: 'views/entries.csv' };
  lines.push(view);
  yield { ...view, content: asPromised(csvChunks(readParts(plan, reader)), view) };
  if (request.report) {
    const content = await request.report(viewedRows(readParts(plan, reader)));
    yield member({ name: 'views/report.pdf', content });
  }
  const manifest = signManifest(plan.origin, request.made, lines, request.signer);
  yield member({ name: 'manifest', content: Buffer.from(manifest, 'utf8') });
}

/** The members of a package in order. Throws `LogError` before the first if scope, checkpoint or map proof do not fit. */
export async function* exportMembers(
  request: ExportRequest,
  reader: ExportReader,
): AsyncGenerator<Member, void, undefined> {
  yield* members(await planExport(request, reader), reader);
}

/** The bytes of the `.custos.tar`, streamed; an error on the way leaves a package without end and manifest. */
export async function* exportPackage(
  request: ExportRequest,
  reader: ExportReader,
): AsyncGenerator<Uint8Array, void, undefined> {
  const plan = await planExport(request, reader);
  yield* packUstar(members(plan, reader), Math.floor(plan.madeAt / 1000));
}
