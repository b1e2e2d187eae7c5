/**
 * An exclusive lock between processes of one host, as a file that names its holder (K2.3).
 * A lock whose holder has died is taken over; one of a living process, or of another host, never is. The file
 * appears with its content in one step (`link`), so that there is no half-written lock.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, open, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { readIfThere } from './durable.ts';

/** Thrown when a lock stays with a living process for longer than a caller can wait. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
  constructor(path: string, holder: string) {
    super(`The lock ${path} is held: ${holder}`);
  }
}

/** How long to wait for a living holder, and how often to look, in milliseconds. */
export type LockPatience = { readonly wait: number; readonly pause: number };

const PATIENCE: LockPatience = { wait: 10_000, pause: 10 };

type Holder = {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  readonly started: string;
};

/** Runs `task` while holding the lock file at `path`. Throws `LockHeld` when it cannot be had in time. */
export async function withLock<T>(
  path: string,
  task: () => Promise<T>,
  patience: LockPatience = PATIENCE,
): Promise<T> {
  await acquire(path, patience);
  try {
    return await task();
  } finally {
    await unlink(path);
  }
}

async function acquire(path: string, patience: LockPatience): Promise<void> {
  const started = performance.now();
  while (!(await claim(path))) {
    const holder = readHolder(path);
    if (isDead(holder)) {
      await removeStale(path, holder, patience);
    } else if (performance.now() - started >= patience.wait) {
      throw new LockHeld(path, holder);
    } else {
      await pause(patience.pause);
    }
  }
}

/** Makes the lock ours in one step, or returns false when there is one already. */
async function claim(path: string): Promise<boolean> {
  const beside = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(self()));
    await link(beside, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await file.close();
    await unlink(beside);
  }
}

/**
 * Removes a dead holder's lock. Only one process at a time may do so, or a second one could remove the lock that
 * the first has just taken: hence a lock for the removal, which is taken in the same way.
 */
async function removeStale(path: string, holder: string, patience: LockPatience): Promise<void> {
  await withLock(
    `${path}.stale`,
    async () => {
      if (readHolder(path) === holder) await unlink(path);
    },
    patience,
  );
}

/** What the lock says; something that names nobody when it has just been given back. */
function readHolder(path: string): string {
  return String(readIfThere(path));
}

function self(): Holder {
  return { host: hostname(), boot: bootId(), pid: process.pid, started: startOf(process.pid) };
}

/** True when the holder named in a lock cannot be running any more. */
function isDead(text: string): boolean {
  const holder = parseHolder(text);
  if (holder === undefined || holder.host !== hostname()) return false;
  return holder.boot !== bootId() || !isRunning(holder.pid) || startOf(holder.pid) !== holder.started;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { host, boot, pid, started } = JSON.parse(text) as Holder;
    return { host, boot, pid, started };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process began, as the kernel counts it; the same empty word where the system does not say. */
function startOf(pid: number): string {
  const stat = kernelText(`/proc/${pid}/stat`);
  // The second field is the name in brackets and may hold anything; the 22nd is the start time.
  return String(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

function bootId(): string {
  return kernelText('/proc/sys/kernel/random/boot_id').trim();
}

function kernelText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
