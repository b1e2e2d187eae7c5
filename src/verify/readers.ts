/**
 * From the head of a package to what reads its entries (custody-log L10.2): the keys, the signers and the seal are
 * settled first; then tree, chains, seals and disclosures are set up for the package's scope.
 */
import { type ChainKeeper, Chains, type Reach } from './chains.ts';
import type { CsvTable } from './csv.ts';
import { Disclosures } from './disclosures.ts';
import { EntryRun } from './entry-run.ts';
import { FarChains } from './far-chains.ts';
import { type Check, type Findings, Malformed } from './findings.ts';
import type { KeyHistory } from './key-history.ts';
import { newLane } from './lane.ts';
import type { Opening } from './opening.ts';
import { type Placement, RangePlacement } from './placement.ts';
import type { Primitives } from './primitives.ts';
import { Seals } from './seals.ts';
import { SubjectMap } from './subject-map.ts';
import { SubjectPlacement } from './subject-placement.ts';
import { SubjectTable } from './subject-table.ts';

/** Starts what runs `keepFarChains` at the other end of the lane. */
export type StartFarChains = (lane: SharedArrayBuffer) => void;

/** From so many entries on a second thread gains more than its start costs. */
const manyEntries = 5_000;

/** What reads the entries, once the head of the package is settled. */
export interface Readers {
  readonly run: EntryRun;
  readonly seals: Seals | undefined;
  readonly disclosures: Disclosures;
  readonly chains: ChainKeeper;
  readonly placement: Placement;
}

function attempt<T>(findings: Findings, check: Check, code: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw findings.stop({ check, code, words: error.message });
  }
}

/** Checks keys, signers and the seal's epoch; throws `Stop` if one of them does not hold. */
export function settleHead(findings: Findings, opening: Opening): KeyHistory {
  const history = attempt(findings, 'keys', 'KEY_ROTATION', () => opening.settle());
  findings.finish('keys');
  attempt(findings, 'checkpoint', 'CHECKPOINT_SIGNATURE', () => opening.checkSigners(history));
  findings.finish('checkpoint');
  attempt(findings, 'seal', 'SEAL_EPOCH', () => opening.checkSealEpoch(history));
  findings.finish('seal');
  return history;
}

interface ReaderGround {
  readonly primitives: Primitives;
  readonly findings: Findings;
  readonly opening: Opening;
  readonly history: KeyHistory;
  readonly table: CsvTable;
  /** Sizes, ascending, at which the entries' own root is to be kept. */
  readonly wanted: readonly number[];
  /** Starts a second thread that keeps the chains; without it they are kept here. */
  readonly startFarChains?: StartFarChains | undefined;
}

function nearChains(primitives: Primitives, findings: Findings, reach: Reach): ChainKeeper {
  const table = new SubjectTable(primitives, reach === 'whole');
  return new Chains(
    findings,
    table,
    reach,
    reach === 'whole' ? new SubjectMap(primitives, table) : undefined,
  );
}

function farChains(findings: Findings, start: StartFarChains): ChainKeeper {
  const lane = newLane();
  start(lane);
  return new FarChains(findings, lane);
}

/** Sets up what reads the entries; throws `Stop` if the head is not complete or the map proof does not hold. */
export function startReaders(ground: ReaderGround): Readers {
  const { primitives, findings, opening, history, table, wanted } = ground;
  const { document, checkpoint, note, seal, range, rotations } = opening;
  if (document === undefined || checkpoint === undefined || note === undefined || seal === undefined)
    throw findings.stop({
      check: 'container',
      code: 'CONTAINER_ORDER',
      words: 'the head of the package is not complete',
    });
  const place = { primitives, findings, document, checkpoint };
  const placement =
    range === undefined
      ? new SubjectPlacement(
          place,
          attempt(findings, 'map', 'MAP_PROOF', () => opening.answerMap()),
        )
      : new RangePlacement(place, range, wanted);
  const isWhole = range?.first === 0;
  const reach = range === undefined ? 'sparse' : isWhole ? 'whole' : 'window';
  const chains =
    isWhole && ground.startFarChains !== undefined && document.entries >= manyEntries
      ? farChains(findings, ground.startFarChains)
      : nearChains(primitives, findings, reach);
  const seals =
    range === undefined
      ? undefined
      : new Seals({
          primitives,
          findings,
          history,
          rotations,
          note,
          first: range.first,
          chains,
        });
  const disclosures = new Disclosures(primitives, findings, table, document.disclose, document.origin);
  const run = new EntryRun({
    primitives,
    findings,
    document,
    sealAt: seal.at,
    placement,
    chains,
    seals,
    disclosures,
  });
  return { run, seals, disclosures, chains, placement };
}
