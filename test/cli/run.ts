/** Runs the command line as an operator does: real processes in a temporary folder, with nothing of this machine's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = join(import.meta.dirname, '../../src/cli/custos.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Here {
  readonly folder: string;
  /** Runs one command to its end. */
  custos(
    args: readonly string[],
    more?: { readonly env?: NodeJS.ProcessEnv; readonly input?: string },
  ): Promise<Ran>;
  /** The same, parsed from `--json`; throws with its words unless it ended in 0. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a command, read by its members
  json(args: readonly string[]): Promise<any>;
  /** Starts the service; resolves once it listens. */
  start(args?: readonly string[]): Promise<Running>;
  remove(): void;
}

export interface Running {
  readonly url: string;
  readonly healthUrl: string;
  readonly lines: readonly string[];
  /** Sends a signal and resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(CUSTOS_|NODE_OPTIONS|VITEST|UV_)/.test(name),
  );
  return { ...Object.fromEntries(own), LANG: 'C.UTF-8', ...more };
};

export function newHere(): Here {
  const folder = mkdtempSync(join(tmpdir(), 'custos-cli-'));
  const launch = (args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess =>
    spawn(process.execPath, [program, ...args], { cwd: folder, env: environment(env), stdio: 'pipe' });

  const custos: Here['custos'] = (args, { env, input = '' } = {}) =>
    new Promise((resolve) => {
      const child = launch(args, env);
      const told = { stdout: '', stderr: '' };
      child.stdout?.on('data', (text: Buffer) => (told.stdout += text.toString()));
      child.stderr?.on('data', (text: Buffer) => (told.stderr += text.toString()));
      child.stdin?.end(input);
      child.once('close', (code) => resolve({ code, ...told }));
    });

  return {
    folder,
    custos,
    async json(args) {
      const ran = await custos(['--json', ...args]);
      if (ran.code !== 0) throw new Error(`custos ${args.join(' ')}: ${ran.code}\n${ran.stderr}`);
      return JSON.parse(ran.stdout);
    },
    async start(args = []) {
      const child = launch(['start', ...args]);
      const gone = new Promise<number | null>((resolve) => child.once('close', resolve));
      const lines: string[] = [];
      let words = '';
      child.stderr?.on('data', (text: Buffer) => (words += text.toString()));
      const listening = new Promise<RegExpExecArray>((resolve) => {
        if (!child.stdout) return;
        createInterface({ input: child.stdout }).on('line', (line) => {
          lines.push(line);
          const found = /"url":"([^"]+)","healthUrl":"([^"]+)".*"msg":"started"/.exec(line);
          if (found) resolve(found);
        });
      });
      const first = await Promise.race([listening, gone]);
      if (typeof first === 'number' || first === null) throw new Error(`The service did not start: ${words}`);
      const [, url = '', healthUrl = ''] = first;
      return {
        url,
        healthUrl,
        lines,
        end(signal = 'SIGTERM') {
          child.kill(signal);
          return gone;
        },
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
