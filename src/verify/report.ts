/**
 * From what was found to a verdict (custody-log L10.2), its exit code, and the report as data. The order is DIVERGED,
 * INVALID, then SIGNED < ANCHORED < WITNESSED.
 */
import { bytesOf, toHex } from './bytes.ts';
import { type Check, checks, type Failure } from './findings.ts';
import type { KnownResult } from './known.ts';
import type { VerifierKey } from './note.ts';
import type { Outcome, VerifyOptions } from './package.ts';
import type { Primitives } from './primitives.ts';
import { isAnchored } from './stamps.ts';

export type Verdict = 'INVALID' | 'SIGNED' | 'ANCHORED' | 'WITNESSED' | 'DIVERGED';
export type Requirement = 'signed' | 'anchored' | 'witnessed';

export interface Demands {
  readonly require: Requirement;
  readonly maxAgeHours?: number;
}

interface CheckResult {
  readonly check: Check;
  readonly words: string;
  readonly result: 'passed' | 'failed' | 'not reached' | 'not in this scope';
}

export interface Report {
  readonly format: 'custos-report/1';
  readonly verdict: Verdict;
  /** 0, 3, 5 or 6 (L10.2). */
  readonly exit: number;
  /** Why a verdict that stands is not enough: empty with exit 0. */
  readonly unmet: readonly string[];
  readonly origin: string;
  readonly size?: number;
  readonly root?: string;
  readonly scope?: unknown;
  readonly entries: number;
  readonly seals: number;
  readonly subjects: number;
  readonly privateFields: { readonly disclosed: number; readonly erased: number; readonly withheld: number };
  readonly withholds?: string;
  /** Times as the log states them, ms UTC. */
  readonly times: {
    readonly first?: number;
    readonly last?: number;
    readonly seal?: number;
    readonly ageHours?: number;
  };
  readonly pinnedKey: { readonly vkey: string; readonly fingerprint: string; readonly epoch?: number };
  readonly signingKey?: { readonly vkey: string; readonly fingerprint: string; readonly epoch: number };
  readonly isAnchored: boolean;
  readonly isWitnessed: boolean;
  readonly quorum: string;
  readonly witnesses: readonly { readonly name: string; readonly state: string; readonly seconds?: number }[];
  readonly stampsPassedOver: number;
  readonly known: readonly KnownResult[];
  readonly divergence?: string;
  readonly checks: readonly CheckResult[];
  readonly failures: readonly Failure[];
}

const ranks: Readonly<Record<Requirement, number>> = { signed: 0, anchored: 1, witnessed: 2 };

/** SHA-256 of the 32 bytes of the key, 64 hex: the same on paper, in a QR code and here. */
function keyFingerprint(primitives: Primitives, key: VerifierKey): string {
  return primitives.sha256Hex(key.key);
}

function verdictOf(outcome: Outcome): Verdict {
  const { findings } = outcome;
  if (outcome.divergence !== undefined) return 'DIVERGED';
  const isWhole = applicable(outcome).every((check) => findings.done.has(check));
  if (findings.failures.length > 0 || !isWhole) return 'INVALID';
  if (outcome.isWitnessed) return 'WITNESSED';
  return isAnchored ? 'ANCHORED' : 'SIGNED';
}

/** The checks that the scope of the package calls for; all while the scope is unknown. */
function applicable(outcome: Outcome): Check[] {
  const kind = outcome.opening.document?.scope.kind;
  const names = Object.keys(checks) as Check[];
  if (kind === undefined) return names;
  return names.filter((check) =>
    check === 'map' ? kind === 'subject' : check === 'seals' ? kind !== 'subject' : true,
  );
}

function unmetDemands(
  outcome: Outcome,
  demands: Demands,
  verdict: Verdict,
  ageHours: number | undefined,
): string[] {
  const unmet: string[] = [];
  const rank = verdict === 'WITNESSED' ? 2 : verdict === 'ANCHORED' ? 1 : 0;
  if (rank < ranks[demands.require]) unmet.push(`required: ${demands.require}`);
  for (const { file, state, words } of outcome.known) {
    if (state === 'not comparable') unmet.push(`${file} cannot be compared: ${words}`);
  }
  const { maxAgeHours } = demands;
  if (maxAgeHours !== undefined && (ageHours === undefined || ageHours > maxAgeHours))
    unmet.push(`the last seal is older than ${maxAgeHours} hours`);
  return unmet;
}

function exitOf(verdict: Verdict, unmet: readonly string[]): number {
  if (verdict === 'DIVERGED') return 6;
  if (verdict === 'INVALID') return 3;
  return unmet.length > 0 ? 5 : 0;
}

function checkResults(outcome: Outcome): CheckResult[] {
  const asked = new Set(applicable(outcome));
  return (Object.keys(checks) as Check[]).map((check) => ({
    check,
    words: checks[check],
    result: asked.has(check) ? outcome.findings.result(check) : 'not in this scope',
  }));
}

/** The report on `outcome`. */
export function reportOn(
  primitives: Primitives,
  outcome: Outcome,
  options: VerifyOptions,
  demands: Demands,
): Report {
  const { opening, entries, findings } = outcome;
  const run = entries?.run;
  const { policy, now } = options;
  const { checkpoint, seal, history, document } = opening;
  const ageHours = seal === undefined ? undefined : Math.round((now - seal.at) / 36_000) / 100;
  const verdict = verdictOf(outcome);
  const unmet = unmetDemands(outcome, demands, verdict, ageHours);
  const signing = opening.lastKey;
  return {
    format: 'custos-report/1',
    verdict,
    exit: exitOf(verdict, unmet),
    unmet,
    origin: policy.log.name,
    ...(checkpoint === undefined ? {} : { size: checkpoint.size, root: toHex(checkpoint.root) }),
    ...(document === undefined ? {} : { scope: document.scope, withholds: document.disclose }),
    entries: run?.count ?? 0,
    seals: entries?.seals?.count ?? 0,
    subjects: entries?.chains.size ?? 0,
    privateFields: entries?.disclosures.counts ?? { disclosed: 0, erased: 0, withheld: 0 },
    times: {
      ...(run === undefined || run.count === 0 ? {} : { first: run.firstAt, last: run.lastAt }),
      ...(seal === undefined || ageHours === undefined ? {} : { seal: seal.at, ageHours }),
    },
    pinnedKey: {
      vkey: policy.log.text,
      fingerprint: keyFingerprint(primitives, policy.log),
      ...(history === undefined ? {} : { epoch: history.pinned }),
    },
    ...(signing === undefined || history === undefined
      ? {}
      : {
          signingKey: {
            vkey: signing.text,
            fingerprint: keyFingerprint(primitives, signing),
            epoch: history.keys.length - 1,
          },
        }),
    isAnchored,
    isWitnessed: outcome.isWitnessed,
    quorum: policy.quorum,
    witnesses: [...outcome.cosigned].map(([name, said]) => ({ name, ...said })),
    stampsPassedOver: outcome.stamps,
    known: outcome.known,
    ...(outcome.divergence === undefined ? {} : { divergence: outcome.divergence.words }),
    checks: checkResults(outcome),
    failures: findings.failures,
  };
}

/** The two notes of a divergence as files to keep. */
export function evidenceOf(outcome: Outcome): { readonly name: string; readonly bytes: Uint8Array }[] {
  const { divergence, opening } = outcome;
  if (divergence === undefined) return [];
  const words = `${opening.document?.origin ?? ''}\n${divergence.words}\n`;
  return [
    { name: `size-${divergence.size}-known.note`, bytes: divergence.known },
    { name: `size-${divergence.size}-package.note`, bytes: divergence.other },
    { name: 'why.txt', bytes: bytesOf(words) },
  ];
}
