/**
 * `custos verify FILE --trust POLICY …` (custody-log L10.1). Writes nothing but evidence of a divergence and opens no
 * connection. Exit codes: 0 as required, 1 cannot read, 2 usage or trust file, 3 INVALID, 5 not enough, 6 DIVERGED.
 */
import { Malformed } from './findings.ts';
import type { KnownNote } from './known.ts';
import { english } from './limits.ts';
import {
  farThreads,
  fileBytes,
  keepMemorySmall,
  language,
  nodePrimitives,
  smallFile,
  wallClock,
  writeEvidence,
} from './node.ts';
import { type Outcome, PackageVerifier } from './package.ts';
import { type Policy, parsePolicy } from './policy.ts';
import type { Primitives } from './primitives.ts';
import { type Demands, evidenceOf, type Requirement, reportOn } from './report.ts';
import { reportText } from './report-text.ts';

export interface CommandStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const usage =
  'usage: custos verify FILE --trust POLICY [--known NOTE]… [--require signed|anchored|witnessed]\n' +
  '                     [--max-age HOURS] [--evidence DIR] [--json]\n';

/** Ends the command with this exit code and these words. */
class Exit extends Error {
  override readonly name = 'Exit';
  readonly code: number;
  constructor(code: number, words: string) {
    super(words);
    this.code = code;
  }
}

interface Request {
  readonly file: string;
  readonly trust: string;
  readonly known: readonly string[];
  readonly evidence: string;
  readonly json: boolean;
  readonly demands: Demands;
}

const withValue = ['--trust', '--tsa', '--known', '--require', '--max-age', '--evidence'];

function sortArguments(argv: readonly string[]): { files: string[]; options: Map<string, string[]> } {
  const files: string[] = [];
  const options = new Map<string, string[]>();
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-')) {
      files.push(word);
    } else if (word === '--json') {
      options.set(word, ['']);
    } else {
      const value = argv[index + 1];
      if (!withValue.includes(word) || value === undefined)
        throw new Exit(2, `unknown or incomplete: ${word}`);
      if (word !== '--known' && options.has(word)) throw new Exit(2, `given twice: ${word}`);
      options.set(word, [...(options.get(word) ?? []), value]);
      index += 1;
    }
  }
  return { files, options };
}

function readRequirement(text: string): Requirement {
  if (text === 'signed' || text === 'anchored' || text === 'witnessed') return text;
  throw new Exit(2, '--require is signed, anchored or witnessed');
}

function readRequest(argv: readonly string[]): Request {
  const { files, options } = sortArguments(argv);
  const [file] = files;
  const [trust] = options.get('--trust') ?? [];
  if (file === undefined || files.length !== 1) throw new Exit(2, 'exactly one file is verified at a time');
  if (trust === undefined) throw new Exit(2, 'no trust file: a key found in a package is never trusted');
  if (options.has('--tsa'))
    throw new Exit(
      2,
      'time-stamp tokens are not supported by this build: leave out --tsa, they are then passed over',
    );
  const [age] = options.get('--max-age') ?? [];
  if (age !== undefined && !/^[0-9]{1,9}(?:\.[0-9]{1,3})?$/.test(age))
    throw new Exit(2, '--max-age is a number of hours');
  return {
    file,
    trust,
    known: options.get('--known') ?? [],
    evidence: options.get('--evidence')?.[0] ?? 'custos-evidence',
    json: options.has('--json'),
    demands: {
      require: readRequirement(options.get('--require')?.[0] ?? 'signed'),
      ...(age === undefined ? {} : { maxAgeHours: Number(age) }),
    },
  };
}

async function readTrust(primitives: Primitives, path: string): Promise<Policy> {
  let bytes: Uint8Array;
  try {
    bytes = await smallFile(path);
  } catch {
    throw new Exit(2, `no trust file at ${path}`);
  }
  try {
    return parsePolicy(primitives, bytes);
  } catch (error) {
    if (error instanceof Malformed) throw new Exit(2, `bad trust file ${path}: ${error.message}`);
    throw error;
  }
}

async function readKnown(paths: readonly string[]): Promise<KnownNote[]> {
  const notes: KnownNote[] = [];
  for (const file of paths) {
    try {
      notes.push({ file, bytes: await smallFile(file) });
    } catch {
      throw new Exit(1, `cannot read ${file}`);
    }
  }
  return notes;
}

async function feed(verifier: PackageVerifier, file: string): Promise<void> {
  try {
    for await (const bytes of fileBytes(file)) {
      if (!verifier.push(bytes)) return;
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new Exit(1, `cannot read ${file}`);
    throw error;
  }
}

async function verifyRequest(request: Request, streams: CommandStreams): Promise<number> {
  keepMemorySmall();
  const primitives = await nodePrimitives();
  const policy = await readTrust(primitives, request.trust);
  const options = { policy, known: await readKnown(request.known), now: wallClock() };
  const threads = farThreads();
  const verifier = new PackageVerifier(primitives, { ...options, startFarChains: threads.start });
  let outcome: Outcome;
  try {
    await feed(verifier, request.file);
    outcome = verifier.end();
  } finally {
    await threads.stop();
  }
  const report = reportOn(primitives, outcome, options, request.demands);
  if (request.json)
    streams.stdout.write(`${JSON.stringify({ ...report, limits: english.limits }, null, 2)}\n`);
  else streams.stdout.write(reportText(report, language()));
  const evidence = evidenceOf(outcome);
  if (evidence.length > 0) {
    try {
      for (const path of await writeEvidence(request.evidence, evidence))
        streams.stderr.write(`evidence: ${path}\n`);
    } catch {
      streams.stderr.write(`the evidence could not be written to ${request.evidence}\n`);
    }
  }
  return report.exit;
}

/** Runs the command with the arguments after `verify`; resolves to the exit code and never rejects for what a file holds. */
export async function verifyCommand(argv: readonly string[], streams: CommandStreams): Promise<number> {
  try {
    return await verifyRequest(readRequest(argv), streams);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    streams.stderr.write(`${error.message}\n${error.code === 2 ? usage : ''}`);
    return error.code;
  }
}
