/** Runs the verifier over a package held in memory. */
import { nodePrimitives } from '../../src/verify/node.ts';
import { type Outcome, PackageVerifier } from '../../src/verify/package.ts';
import { parsePolicy } from '../../src/verify/policy.ts';
import { type Demands, type Report, reportOn } from '../../src/verify/report.ts';
import { start, TestKey } from './build-package.ts';

export const primitives = await nodePrimitives();
export const now = start + 3_600_000;

export interface Checked {
  readonly report: Report;
  readonly outcome: Outcome;
  /** The code of the first failure. */
  readonly code: string | undefined;
}

export interface CheckOptions {
  readonly policy?: string;
  readonly known?: readonly string[];
  readonly demands?: Demands;
  readonly now?: number;
  /** Size of the pieces that the file comes in. */
  readonly piece?: number;
}

export const trust = (key = new TestKey(1)): string => `log ${key.vkey}\nquorum none\n`;

export function check(bytes: Uint8Array, options: CheckOptions = {}): Checked {
  const policy = parsePolicy(primitives, Buffer.from(options.policy ?? trust()));
  const known = (options.known ?? []).map((note, index) => ({
    file: `known-${index}`,
    bytes: Buffer.from(note),
  }));
  const settings = { policy, known, now: options.now ?? now };
  const verifier = new PackageVerifier(primitives, settings);
  const piece = options.piece ?? 65_536;
  for (let at = 0; at < bytes.length; at += piece) {
    if (!verifier.push(bytes.subarray(at, at + piece))) break;
  }
  const outcome = verifier.end();
  const report = reportOn(primitives, outcome, settings, options.demands ?? { require: 'signed' });
  return { report, outcome, code: report.failures[0]?.code };
}
