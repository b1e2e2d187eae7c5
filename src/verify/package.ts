/**
 * Verifies one export package, fed in pieces (custody-log L9, L10). Reads each byte once and keeps no part of it
 * longer than needed; trusts nothing in it but what the pinned key vouches for.
 */
import { type Cosigned, cosignedBy } from './cosignature.ts';
import { CsvTable } from './csv.ts';
import { readDisclosure, readLeafProof } from './documents.ts';
import { maxEntryBytes } from './entry.ts';
import { type Check, Findings, Malformed, Stop } from './findings.ts';
import { type Divergence, type KnownNote, KnownNotes, type KnownResult } from './known.ts';
import { LineReader } from './lines.ts';
import { type MemberKind, MemberOrder } from './member-order.ts';
import { faults, limits, mostDisclosed, mostInPart } from './member-rules.ts';
import { signedBy } from './note.ts';
import { memberText, Opening, readManifest } from './opening.ts';
import { RangePlacement } from './placement.ts';
import { fillsQuorum, type Policy } from './policy.ts';
import type { Primitives, RunningHash } from './primitives.ts';
import { type Readers, type StartFarChains, settleHead, startReaders } from './readers.ts';
import { checkStampName } from './stamps.ts';
import { SubjectPlacement } from './subject-placement.ts';
import { type Member, type MemberSink, TarReader } from './tar.ts';

export interface VerifyOptions {
  readonly policy: Policy;
  readonly known: readonly KnownNote[];
  /** The verifier's clock, ms UTC. */
  readonly now: number;
  /** How to start a second thread; without it one does all. */
  readonly startFarChains?: StartFarChains;
}

/** All that a run found; `report.ts` turns it into a verdict. */
export interface Outcome {
  readonly findings: Findings;
  readonly opening: Opening;
  /** What read the entries; absent if the head of the package did not hold. */
  readonly entries: Readers | undefined;
  readonly stamps: number;
  readonly known: readonly KnownResult[];
  readonly divergence?: Divergence;
  /** What each witness of the trust file said, by its name there. */
  readonly cosigned: ReadonlyMap<string, Cosigned>;
  readonly isWitnessed: boolean;
}

export class PackageVerifier implements MemberSink {
  readonly #primitives: Primitives;
  readonly #options: VerifyOptions;
  readonly #findings = new Findings();
  readonly #tar: TarReader;
  readonly #order = new MemberOrder();
  readonly #opening: Opening;
  readonly #known: KnownNotes;
  readonly #table: CsvTable;
  readonly #cosigned = new Map<string, Cosigned>();
  #comparison: { readonly results: readonly KnownResult[]; readonly divergence?: Divergence } = {
    results: [],
  };
  #member: { readonly member: Member; readonly kind: MemberKind } | undefined;
  #hash: RunningHash | undefined;
  #small: Uint8Array = new Uint8Array(0);
  #filled = 0;
  #lines: LineReader | undefined;
  #mtime: number | undefined;
  #manifest: string[] = [];
  #stamps = 0;
  #inPart = 0;
  #isStopped = false;
  #entries: Readers | undefined;

  constructor(primitives: Primitives, options: VerifyOptions) {
    this.#primitives = primitives;
    this.#options = options;
    this.#tar = new TarReader(this);
    this.#opening = new Opening(primitives, options.policy.log);
    this.#known = new KnownNotes(primitives, options.known);
    this.#table = new CsvTable(primitives);
  }

  /** Takes the next bytes of the file. False once nothing further can change the verdict: reading may stop. */
  push(bytes: Uint8Array): boolean {
    if (!this.#isStopped) this.#guard(() => this.#tar.push(bytes), ['container', 'CONTAINER_FORM']);
    return !this.#isStopped;
  }

  /** Says that the file ended; gives what was found. */
  end(): Outcome {
    if (!this.#isStopped) this.#guard(() => this.#finish(), ['container', 'CONTAINER_BREAKS_OFF']);
    this.#compareKnown();
    const { policy } = this.#options;
    const counted = [...this.#cosigned].filter(([, said]) => said.state === 'counted').map(([name]) => name);
    return {
      findings: this.#findings,
      opening: this.#opening,
      entries: this.#entries,
      stamps: this.#stamps,
      known: this.#comparison.results,
      ...(this.#comparison.divergence === undefined ? {} : { divergence: this.#comparison.divergence }),
      cosigned: this.#cosigned,
      isWitnessed: fillsQuorum(policy, new Set(counted)),
    };
  }

  /** Runs `step`; a malformed text becomes a failure of `fault` and ends the run. */
  #guard(step: () => void, [check, code]: readonly [Check, string]): void {
    try {
      try {
        step();
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        const file = this.#member?.member.name;
        throw this.#findings.stop({
          check,
          code,
          words: error.message,
          ...(file === undefined ? {} : { file }),
        });
      }
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      this.#isStopped = true;
    }
  }

  open(member: Member): void {
    const { name, size, mtime } = member;
    const kind = this.#order.next(name);
    if (kind === undefined)
      throw this.#findings.stop({
        check: 'container',
        code: 'CONTAINER_ORDER',
        words: 'a member that does not belong here',
        file: name,
      });
    this.#mtime ??= mtime;
    if (size > limits[kind] || mtime !== this.#mtime)
      throw this.#findings.stop({
        check: 'container',
        code: 'CONTAINER_MEMBER',
        words: 'a member with a size or time that no package has',
        file: name,
      });
    this.#member = { member, kind };
    if (kind === 'csv') this.#entries?.run.finish();
    this.#hash = this.#primitives.sha256Running();
    this.#lines = undefined;
    this.#filled = 0;
    if (Number.isFinite(limits[kind])) this.#small = new Uint8Array(size);
    else if (kind === 'proofs' || kind === 'entries' || kind === 'disclosed') this.#openLines(kind, name);
  }

  #openLines(kind: 'proofs' | 'entries' | 'disclosed', file: string): void {
    const { run, disclosures, placement } = this.#startEntries();
    if (kind === 'proofs') {
      this.#lines = new LineReader(8192, (line) => {
        if (placement instanceof SubjectPlacement) placement.proof(readLeafProof(memberText(line)));
      });
    } else if (kind === 'entries') {
      this.#inPart = 0;
      this.#lines = new LineReader(maxEntryBytes, (line) => {
        this.#inPart += 1;
        if (this.#inPart > mostInPart) throw new Malformed(`a part of over ${mostInPart} entries`);
        run.add(line, file);
      });
    } else {
      this.#lines = new LineReader(mostDisclosed, (line) =>
        disclosures.disclose(readDisclosure(memberText(line))),
      );
    }
  }

  data(bytes: Uint8Array): void {
    const kind = this.#member?.kind;
    this.#hash?.update(bytes);
    if (this.#lines !== undefined && kind !== undefined) {
      const lines = this.#lines;
      this.#within(kind, () => lines.push(bytes));
    } else if (kind !== undefined && Number.isFinite(limits[kind])) {
      this.#small.set(bytes, this.#filled);
      this.#filled += bytes.length;
    }
  }

  /** Runs `step`; a malformed text becomes the failure of its kind of member. */
  #within(kind: MemberKind, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      const [check, code] = faults[kind];
      const file = this.#member?.member.name ?? '';
      throw this.#findings.stop({ check, code, words: error.message, file });
    }
  }

  close(): void {
    const open = this.#member;
    const sha256 = this.#hash?.digestHex() ?? '';
    if (open === undefined) return;
    const { kind, member } = open;
    this.#within(kind, () => {
      this.#lines?.end();
      this.#closeMember(kind, member, sha256);
    });
    if (kind !== 'manifest') this.#manifest.push(`${sha256} ${member.size} ${member.name}\n`);
    this.#member = undefined;
  }

  #closeMember(kind: MemberKind, member: Member, sha256: string): void {
    const opening = this.#opening;
    if (kind === 'export') this.#order.promise(opening.takeExport(memberText(this.#small)));
    else if (kind === 'checkpoint') opening.takeCheckpoint(this.#small);
    else if (kind === 'seal') opening.takeSeal(this.#small);
    else if (kind === 'seal-proof') opening.takeSealProof(memberText(this.#small));
    else if (kind === 'map') opening.takeMap(memberText(this.#small));
    else if (kind === 'range') opening.takeRange(memberText(this.#small));
    else if (kind === 'key') opening.takeKey(memberText(this.#small), this.#order.epochs);
    else if (kind === 'stamp') this.#closeStamp(member.name, sha256);
    else if (kind === 'entries') this.#closeEntries();
    else if (kind === 'disclosed') this.#entries?.disclosures.endPart();
    else if (kind === 'csv') this.#closeTable(member, sha256);
    else if (kind === 'manifest') this.#closeManifest();
  }

  #closeStamp(name: string, sha256: string): void {
    checkStampName(this.#findings, name, sha256);
    this.#stamps += 1;
  }

  #closeEntries(): void {
    const placement = this.#entries?.placement;
    if (placement instanceof SubjectPlacement) placement.endPart();
    if (this.#inPart === 0) throw new Malformed('a part without entries');
  }

  #closeTable(member: Member, sha256: string): void {
    const wanted = this.#table.finish();
    if (wanted.size !== member.size || wanted.sha256 !== sha256)
      this.#findings.fail({
        check: 'csv',
        code: 'CSV_DIFFERS',
        words: 'the table does not say what the entries say',
        file: member.name,
      });
    this.#findings.finish('csv');
  }

  #closeManifest(): void {
    const { document, history } = this.#opening;
    const head = `custos-manifest/v1\n${document?.origin ?? ''}\n${document?.made ?? ''}\n`;
    const note = readManifest(this.#small, head + this.#manifest.join(''));
    const isSigned = history?.signers.some((epoch) => {
      const key = history.keys[epoch];
      return key !== undefined && signedBy(this.#primitives, note, key) === 'valid';
    });
    if (isSigned !== true) throw new Malformed('the manifest is not signed by the key of the checkpoint');
    this.#findings.finish('manifest');
  }

  #startEntries(): Readers {
    if (this.#entries !== undefined) return this.#entries;
    const findings = this.#findings;
    const primitives = this.#primitives;
    const opening = this.#opening;
    const history = settleHead(findings, opening);
    this.#checkCosignatures();
    this.#entries = startReaders({
      primitives,
      findings,
      opening,
      history,
      table: this.#table,
      wanted: this.#known.sizes,
      startFarChains: this.#options.startFarChains,
    });
    return this.#entries;
  }

  #checkCosignatures(): void {
    const { policy, now } = this.#options;
    const { note } = this.#opening;
    if (note === undefined) return;
    for (const [name, key] of policy.witnesses) {
      const said = cosignedBy(this.#primitives, note, key, now);
      this.#cosigned.set(name, said);
      if (said.state === 'false')
        this.#findings.fail({
          check: 'cosignatures',
          code: 'COSIGNATURE_FALSE',
          words: `the cosignature of ${name} does not hold`,
          file: 'checkpoint',
        });
    }
    this.#findings.finish('cosignatures');
  }

  #finish(): void {
    this.#member = undefined;
    this.#tar.end();
    if (!this.#order.isComplete) throw new Malformed('members are missing');
    const run = this.#entries?.run;
    if (run?.madeAt !== undefined && run.madeAt !== this.#mtime)
      this.#findings.fail({
        check: 'container',
        code: 'CONTAINER_TIME',
        words: 'the members do not bear the time of the export',
      });
    this.#findings.finish('container');
    this.#findings.finish('stamps');
  }

  #compareKnown(): void {
    const { checkpoint, note, noteBytes, keys } = this.#opening;
    if (checkpoint === undefined || note === undefined || noteBytes === undefined) return;
    const placement = this.#entries?.placement;
    const isProved =
      this.#findings.result('tree') === 'passed' && this.#findings.result('checkpoint') === 'passed';
    const roots =
      isProved && placement instanceof RangePlacement ? placement.roots : new Map<number, Uint8Array>();
    this.#comparison = this.#known.compare({ keys, bytes: noteBytes, note, checkpoint, roots });
  }
}
