/**
 * A node as an operator runs it: `custos start` in a process of its own, on free ports of loopback. So what is measured
 * of it (memory, processor time) is the service's alone, and it can be ended as roughly as a power cut does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface OwnNode {
  readonly url: string;
  readonly pid: number;
  /** Most resident memory so far, MB; undefined where the system does not tell (it does on Linux). */
  mostMemory(): number | undefined;
  /** Asks the service to end, and resolves when it has. Rejects when it ended badly. */
  stop(): Promise<void>;
  /** SIGKILL: nothing is finished, nothing is signed. Resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface NodeWish {
  /** Where the process runs; a configuration file of this folder counts. */
  readonly folder: string;
  /** `section.key` → value, as of `--set`. */
  readonly flags: Readonly<Record<string, string>>;
  /** For the runtime itself, as `--cpu-prof`. */
  readonly runtime?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the service and resolves once it takes connections. Rejects with its own words when it does not start. */
export async function startOwnNode({ folder, flags, runtime = [], env }: NodeWish): Promise<OwnNode> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`../custos.${extension}`, import.meta.url));
  const settings = Object.entries(flags).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const child = spawn(process.execPath, [...runtime, program, ...settings, 'start'], {
    cwd: folder,
    // As bin/custos starts it.
    env: { MALLOC_ARENA_MAX: '2', ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  const gone = new Promise<number | null>((resolve) => child.once('close', resolve));
  void gone.then(() => process.off('exit', onExit));
  const { url, pid } = await started(child, gone);
  return {
    url,
    pid,
    mostMemory: () => mostMemory(pid),
    async stop() {
      child.kill('SIGTERM');
      const code = await gone;
      if (code !== 0) throw new Error(`The service ended in ${code}.`);
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function started(
  child: ChildProcess,
  gone: Promise<number | null>,
): Promise<{ url: string; pid: number }> {
  const words: string[] = [];
  const { stdout, stderr, pid } = child;
  if (!stdout || !stderr || pid === undefined) throw new Error('The service could not be started.');
  stderr.on('data', (text: Buffer) => {
    words.push(text.toString());
    if (words.length > 20) words.shift();
  });
  const url = new Promise<string>((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const found = /"url":"(http[^"]+)".*"msg":"started"/.exec(line)?.[1];
      if (found) resolve(found);
    });
  });
  const first = await Promise.race([url, gone]);
  if (typeof first === 'string') return { url: first, pid };
  throw new Error(`The service did not start: ${words.join('').trim()}`);
}

function mostMemory(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined;
  }
}
