/**
 * The chains of a full log kept by a second thread (custody-log L11, hint: two threads). Here links and seals become
 * records on a lane; there `Chains` checks them as it would here, and its findings come back when the entries end.
 */
import { hexInto, toHex } from './bytes.ts';
import { type ChainKeeper, Chains } from './chains.ts';
import type { Entry } from './entry.ts';
import { type Failure, Findings, Stop } from './findings.ts';
import { LaneReader, LaneWriter } from './lane.ts';
import type { Hashes } from './primitives.ts';
import { SubjectMap } from './subject-map.ts';
import { SubjectTable } from './subject-table.ts';

/** A record: kind and length of the id, two numbers, two hashes, the id. */
const kindAt = 0;
const lengthAt = 1;
const seqAt = 8;
const countAt = 16;
const firstHashAt = 24;
const secondHashAt = 56;
const idAt = 88;
const link = 1;
const seal = 2;

interface Answer {
  readonly size: number;
  readonly failures: readonly Failure[];
}

export class FarChains implements ChainKeeper {
  readonly #findings: Findings;
  readonly #lane: LaneWriter;
  size = 0;

  /** Somebody must run `keepFarChains` at the other end of `lane`. */
  constructor(findings: Findings, lane: SharedArrayBuffer) {
    this.#findings = findings;
    this.#lane = new LaneWriter(lane);
  }

  add(entry: Entry, leaf: Uint8Array): void {
    const { bytes, numbers } = this.#lane;
    for (const { id, n, prev } of entry.subjects) {
      const place = this.#lane.next();
      bytes[place + kindAt] = link;
      bytes[place + lengthAt] = id.length;
      numbers[(place + seqAt) / 8] = entry.seq;
      numbers[(place + countAt) / 8] = n;
      hexInto(prev, bytes, place + firstHashAt);
      bytes.set(leaf, place + secondHashAt);
      for (let index = 0; index < id.length; index += 1) bytes[place + idAt + index] = id.charCodeAt(index);
    }
  }

  seal(seq: number, keys: number, map: string): void {
    const { bytes, numbers } = this.#lane;
    const place = this.#lane.next();
    bytes[place + kindAt] = seal;
    numbers[(place + seqAt) / 8] = seq;
    numbers[(place + countAt) / 8] = keys;
    hexInto(map, bytes, place + firstHashAt);
  }

  finish(): void {
    const { size, failures } = JSON.parse(this.#lane.end()) as Answer;
    this.size = size;
    for (const failure of failures) this.#findings.fail(failure);
  }
}

/** Runs the other end of `lane` until the entries end, and answers with what it found. */
export function keepFarChains(hashes: Hashes, lane: SharedArrayBuffer): void {
  const reader = new LaneReader(lane);
  const findings = new Findings();
  const table = new SubjectTable(hashes, true);
  const chains = new Chains(findings, table, 'whole', new SubjectMap(hashes, table));
  const { bytes, numbers } = reader;
  let isStopped = false;
  reader.each((place) => {
    if (isStopped) return;
    const seq = numbers[(place + seqAt) / 8] ?? 0;
    const count = numbers[(place + countAt) / 8] ?? 0;
    try {
      if (bytes[place + kindAt] === seal) chains.seal(seq, count, toHex(bytes, place + firstHashAt, 32));
      else
        chains.link(seq, {
          n: count,
          bytes,
          idAt: place + idAt,
          idLength: bytes[place + lengthAt] ?? 0,
          prevAt: place + firstHashAt,
          leafAt: place + secondHashAt,
        });
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      isStopped = true;
    }
  });
  const answer: Answer = { size: chains.size, failures: findings.failures };
  reader.answer(JSON.stringify(answer));
}
