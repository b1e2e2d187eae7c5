/** One part of an export package (custody-log L9): up to 500 entries, their proofs and what is disclosed of them. */
import { canonical } from '../crypto/canonical.ts';
import { disclosedLine, sortDisclosures } from './disclosed.ts';
import type { ViewedEntry } from './entries-csv.ts';
import type { LogValue } from './entry.ts';
import { checkValue } from './entry-schema.ts';
import { type ExportPlan, hexes, partEntries } from './export-plan.ts';
import type { ExportReader, StoredEntry } from './export-reader.ts';
import { LogError } from './log-error.ts';
import { parseEntry } from './parse-entry.ts';
import { leafHash } from './tree.ts';
import { inclusionProof, type NodeReader } from './tree-proof.ts';

/** A part, whole in memory. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly rows: readonly ViewedEntry[];
  /** Content of `.entries`. */
  readonly entries: Buffer;
  /** Content of `.disclosed`. */
  readonly disclosed: Buffer;
}

const lineFeed = Buffer.of(0x0a);

async function readPart(
  number: number,
  stored: readonly StoredEntry[],
  plan: ExportPlan,
  reader: ExportReader,
): Promise<Part> {
  const seqs = stored.map(({ seq }) => seq);
  const given = plan.request.disclose === 'none' ? [] : await reader.disclosures(seqs);
  const bySeq = sortDisclosures(seqs, given);
  const lines: string[] = [];
  const rows = stored.map(({ seq, bytes }): ViewedEntry => {
    const entry = parseEntry(bytes);
    if (entry.seq !== seq) throw new LogError('export', `Entry ${seq} is stored under another number.`);
    const disclosed = new Map<string, LogValue>();
    for (const one of bySeq.get(seq) ?? []) {
      checkValue(one.value);
      lines.push(disclosedLine(entry, one));
      disclosed.set(one.name, one.value);
    }
    return { entry, leaf: leafHash(bytes), disclosed };
  });
  const entries = Buffer.concat(stored.flatMap(({ bytes }) => [bytes, lineFeed]));
  return { number, rows, entries, disclosed: Buffer.from(lines.join(''), 'utf8') };
}

/** The parts of the plan, one at a time. Throws `LogError` if the reader gives more or fewer entries than planned. */
export async function* readParts(
  plan: ExportPlan,
  reader: ExportReader,
): AsyncGenerator<Part, void, undefined> {
  const planned = plan.run.end - plan.run.first;
  let number = 0;
  let count = 0;
  let batch: StoredEntry[] = [];
  for await (const row of plan.rows()) {
    count += 1;
    batch.push(row);
    if (batch.length < partEntries) continue;
    number += 1;
    yield await readPart(number, batch, plan, reader);
    batch = [];
  }
  if (batch.length > 0) yield await readPart(number + 1, batch, plan, reader);
  if (count !== planned) throw new LogError('export', 'The log gave more or fewer entries than planned.');
}

/** The members of one part, in order. */
export async function partFiles(
  part: Part,
  plan: ExportPlan,
  nodes: NodeReader,
): Promise<readonly { readonly name: string; readonly content: Uint8Array }[]> {
  const stem = `part/${part.number.toString().padStart(6, '0')}`;
  const files = [
    { name: `${stem}.entries`, content: part.entries },
    { name: `${stem}.disclosed`, content: part.disclosed },
  ];
  if (plan.request.scope.kind !== 'subject') return files;
  const lines: string[] = [];
  for (const { entry } of part.rows) {
    const path = await inclusionProof(entry.seq, plan.size, nodes);
    lines.push(`${canonical({ path: hexes(path), seq: entry.seq })}\n`);
  }
  return [{ name: `${stem}.proofs`, content: Buffer.from(lines.join(''), 'utf8') }, ...files];
}
