/**
 * What an export will hold (custody-log L9), fixed before its first byte: size, entries, parts, proofs of the
 * whole. Refuses what cannot become a package that verifies.
 */
import { canonical } from '../crypto/canonical.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { Entry } from './entry.ts';
import type { ExportReader, ExportRequest, StoredEntry } from './export-reader.ts';
import { checkScope, hasPeriod, type Run, runOf } from './export-scope.ts';
import { LogError } from './log-error.ts';
import { formatMapProof, verifyMapProof } from './map-proof.ts';
import { parseEntry } from './parse-entry.ts';
import { consistencyProof, frontierHashes, inclusionProof } from './tree-proof.ts';

/** Entries in every part but the last. */
export const partEntries = 500;

/** An export with everything known that its first members state. */
export interface ExportPlan {
  readonly request: ExportRequest;
  readonly origin: string;
  readonly size: number;
  readonly madeAt: number;
  readonly seal: Uint8Array;
  /** Positions in the log, or in the subject's chain counted from 0. */
  readonly run: Run;
  readonly rows: () => AsyncIterable<StoredEntry>;
}

async function readOne(reader: ExportReader, seq: number): Promise<{ bytes: Uint8Array; entry: Entry }> {
  for await (const { bytes } of reader.entries(seq, seq + 1)) return { bytes, entry: parseEntry(bytes) };
  throw new LogError('export', `Entry ${seq} is missing.`);
}

/** How many entries the subject has under the seal. */
function countOf(request: ExportRequest, id: string, seal: Entry): number {
  const { mapProof } = request;
  const root = Buffer.from(String(seal.facts.map), 'hex');
  const found = mapProof && mapProof.id === id ? verifyMapProof(mapProof, root) : undefined;
  if (found === undefined || found === 'absent') {
    throw new LogError('export', 'The map proof does not show the subject under the seal.');
  }
  return found.count;
}

async function subjectRun(
  request: ExportRequest,
  id: string,
  count: number,
  reader: ExportReader,
): Promise<Run> {
  if (!hasPeriod(request.scope)) return { first: 0, end: count };
  const { from, to } = request.scope;
  return runOf(
    count,
    await reader.chainCountBefore(id, from, count),
    await reader.chainCountBefore(id, to, count),
  );
}

async function logRun(request: ExportRequest, size: number, reader: ExportReader): Promise<Run> {
  if (!hasPeriod(request.scope)) return { first: 0, end: size };
  const { from, to } = request.scope;
  return runOf(size, await reader.countBefore(from, size), await reader.countBefore(to, size));
}

/** Checks the request against checkpoint, seal and map proof, and fixes the entries. Throws `LogError`. */
export async function planExport(request: ExportRequest, reader: ExportReader): Promise<ExportPlan> {
  const { scope } = request;
  checkScope(scope, request.disclose);
  const { origin, size } = readCheckpoint(request.checkpoint).checkpoint;
  if (request.made > size - 2) throw new LogError('export', 'The checkpoint does not cover the export.');
  const seal = await readOne(reader, size - 1);
  if (seal.entry.kind !== 'seal')
    throw new LogError('export', 'The last entry under a checkpoint is a seal.');
  const { entry: made } = await readOne(reader, request.made);
  if (made.kind !== 'log.exported') throw new LogError('export', 'An export begins with its own entry.');
  const plan = { request, origin, size, madeAt: made.at, seal: seal.bytes };
  if (scope.kind !== 'subject') {
    const run = await logRun(request, size, reader);
    return { ...plan, run, rows: () => reader.entries(run.first, run.end) };
  }
  const run = await subjectRun(request, scope.id, countOf(request, scope.id, seal.entry), reader);
  return { ...plan, run, rows: () => reader.chain(scope.id, run.first + 1, run.end) };
}

/** A proof's hashes as they stand in the package's JSON. */
export const hexes = (hashes: readonly Uint8Array[]): string[] =>
  hashes.map((one) => Buffer.from(one).toString('hex'));

/** The members before keys and parts: export.json, checkpoint, seal, seal.proof and map.json or range.json. */
export async function describeExport(
  plan: ExportPlan,
  reader: ExportReader,
): Promise<readonly { readonly name: string; readonly content: Uint8Array }[]> {
  const { request, origin, size, seal, run } = plan;
  const json = (name: string, value: unknown) => ({ name, content: Buffer.from(canonical(value), 'utf8') });
  const entries = run.end - run.first;
  const files = [
    json('export.json', {
      disclose: request.disclose,
      entries,
      format: 'custos-export/1',
      made: request.made,
      origin,
      parts: Math.ceil(entries / partEntries),
      scope: request.scope,
      size,
    }),
    { name: 'checkpoint', content: Buffer.from(request.checkpoint, 'utf8') },
    { name: 'seal', content: seal },
    json('seal.proof', { path: hexes(await inclusionProof(size - 1, size, reader.nodes)), seq: size - 1 }),
  ];
  if (request.mapProof && request.scope.kind === 'subject') {
    files.push({ name: 'map.json', content: Buffer.from(formatMapProof(request.mapProof), 'utf8') });
    return files;
  }
  const consistency = await consistencyProof(run.end, size, reader.nodes);
  const frontier = await frontierHashes(run.first, reader.nodes);
  files.push(
    json('range.json', {
      consistency: hexes(consistency),
      end: run.end,
      first: run.first,
      frontier: hexes(frontier),
    }),
  );
  return files;
}
