/**
 * Starting and stopping real servers for tests, the demo and the bench: own folder, free ports, ended by recorded
 * process id and never by name.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);
const ADMIN_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** A server cannot be started here; `install` says what is missing. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

/** The full path of a program in PATH, the administrators' folders or `more`; undefined when there is none. */
export function findProgram(name: string, more: readonly string[] = []): string | undefined {
  const folders = [...more, ...(process.env.PATH ?? '').split(delimiter), ...ADMIN_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** As {@link findProgram}, or throws {@link Missing} with what to install. */
export function needProgram(name: string, install: string, more: readonly string[] = []): string {
  const found = findProgram(name, more);
  if (found === undefined) throw new Missing(install);
  return found;
}

/** Runs to the end, within `seconds`; answers what it printed. */
export async function run(program: string, args: readonly string[], seconds = 30): Promise<string> {
  const { stdout } = await execFileAsync(program, args, { timeout: seconds * 1000, killSignal: 'SIGKILL' });
  return stdout;
}

/** A folder of mode 0700 under the system's temporary folder, short enough for a socket's path. */
export function makeFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `custos-${name}-`));
}

/** TCP ports on 127.0.0.1 that were free just now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Children that stop with this process, also when it ends in a hurry. */
export class Children {
  readonly #folder: string;
  readonly #running: ChildProcess[] = [];
  readonly #onExit = () => {
    for (const child of this.#running) child.kill('SIGKILL');
  };

  constructor(folder: string) {
    this.#folder = folder;
    process.once('exit', this.#onExit);
  }

  /** Starts a server in the foreground. */
  start(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.on('error', () => undefined);
    this.#running.push(child);
    return child;
  }

  /** Ends them, newest first, waits until they are gone, and removes the folder. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    for (const child of this.#running.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await gone;
    }
    process.off('exit', this.#onExit);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Asks every 20 ms until it holds, at most `seconds`; throws with the name of what was waited for. */
export async function until(what: string, holds: () => Promise<boolean>, seconds = 30): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`${what} did not start within ${seconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
