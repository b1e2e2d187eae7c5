/**
 * One child process under limits (K7): no environment, no shell, bounded time, CPU, memory, output and no file of its
 * own; fed by a pipe, killed by its own process id. Nothing it prints leaves but through the caller's parser.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface ChildLimits {
  /** Wall clock, ms. */
  readonly time: number;
  /** Seconds of CPU, where `prlimit` is installed. */
  readonly cpu: number;
  /** Bytes of address space, where `prlimit` is installed. */
  readonly memory: number;
  /** Bytes of standard output. */
  readonly output: number;
}

export type ChildEnd =
  | { readonly ended: 'well' | 'badly'; readonly output: Buffer }
  | { readonly ended: 'missing' | 'too-long' | 'too-much' };

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'];

/** The full path of a tool in the system's folders; a path of the caller's own is taken as it is. */
export function findTool(name: string): string | undefined {
  if (name.startsWith('/')) return existsSync(name) ? name : undefined;
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Runs the tool to its end; `input` is fed only as fast as it is taken. Throws only when `input` does. */
export async function runChild(
  tool: string,
  args: readonly string[],
  input: AsyncIterable<Uint8Array>,
  limits: ChildLimits,
): Promise<ChildEnd> {
  const [program, ...words] = limited(tool, limits);
  if (program === undefined) return { ended: 'missing' };
  const child = spawn(program, [...words, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { LC_ALL: 'C' },
    cwd: '/',
  });
  let cut: 'too-long' | 'too-much' | undefined;
  const stop = (why?: typeof cut) => {
    cut ??= why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => stop('too-long'), limits.time);
  const pieces: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (piece: Buffer) => {
    size += piece.byteLength;
    if (size > limits.output) stop('too-much');
    else pieces.push(piece);
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  // A child that has seen enough closes its end; that is no fault.
  child.stdin.on('error', () => undefined);
  try {
    await feed(child.stdin, input, ended);
    const code = await ended;
    if (child.pid === undefined) return { ended: 'missing' };
    return cut === undefined
      ? { ended: code === 0 ? 'well' : 'badly', output: Buffer.concat(pieces) }
      : { ended: cut };
  } finally {
    clearTimeout(timer);
    stop();
  }
}

async function feed(
  pipe: NodeJS.WritableStream & { readonly writable: boolean },
  input: AsyncIterable<Uint8Array>,
  ended: Promise<unknown>,
): Promise<void> {
  for await (const piece of input) {
    if (!pipe.writable) break;
    if (!pipe.write(piece)) {
      let go = () => {};
      const drained = new Promise<void>((resolve) => {
        go = resolve;
        pipe.once('drain', go).once('close', go);
      });
      await Promise.race([drained, ended]);
      pipe.off('drain', go).off('close', go);
    }
  }
  pipe.end();
}

function limited(tool: string, { cpu, memory }: ChildLimits): string[] {
  const path = findTool(tool);
  if (path === undefined) return [];
  const prlimit = findTool('prlimit');
  if (prlimit === undefined) return [path];
  return [prlimit, `--cpu=${cpu}`, `--as=${memory}`, '--fsize=0', '--nofile=32', '--core=0', path];
}
