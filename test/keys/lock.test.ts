import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LockHeld, withLock } from '../../src/keys/lock.ts';
import { temporaryFolder } from './folders.ts';

const short = { wait: 30, pause: 5 };
const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const startOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
};

describe('K2.3: one writer at a time', () => {
  it('names its holder while it is held, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.lock');
    await withLock(path, async () => {
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
        host: hostname(),
        boot: bootId(),
        pid: process.pid,
        started: startOf(process.pid),
      });
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tasks never overlap, also when one fails', async () => {
    const path = join(temporaryFolder(), 'a.lock');
    let inside = 0;
    let most = 0;
    const task = async (fail: boolean) => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      if (fail) throw new Error('failed');
    };
    const results = await Promise.allSettled(
      [1, 0, 1, 0, 0].map((fail) => withLock(path, () => task(fail === 1))),
    );
    expect(most).toBe(1);
    expect(results.map((result) => result.status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('a living process keeps its lock', async () => {
    const path = join(temporaryFolder(), 'a.lock');
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const pid = child.pid!;
    writeFileSync(path, JSON.stringify({ host: hostname(), boot: bootId(), pid, started: startOf(pid) }));
    await expect(withLock(path, async () => {}, short)).rejects.toThrow(LockHeld);
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
    expect(await withLock(path, async () => 'mine', short)).toBe('mine');
    expect(existsSync(path)).toBe(false);
  });

  const dead = spawnSync(process.execPath, ['-e', '0']).pid;
  it.each([
    ['a process that has ended', () => ({ host: hostname(), boot: bootId(), pid: dead, started: '1' })],
    [
      'its number, now another process',
      () => ({ host: hostname(), boot: bootId(), pid: process.pid, started: '1' }),
    ],
    [
      'the time before the last boot',
      () => ({ host: hostname(), boot: 'x', pid: process.pid, started: '1' }),
    ],
  ])('a lock of %s is taken over', async (_, holder) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.lock'), JSON.stringify(holder()));
    // A process died while it was removing the dead lock.
    writeFileSync(join(folder, 'a.lock.stale'), JSON.stringify(holder()));
    expect(await withLock(join(folder, 'a.lock'), async () => 'mine', short)).toBe('mine');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('many who find the same dead lock get it one after another', async () => {
    const path = join(temporaryFolder(), 'a.lock');
    writeFileSync(path, JSON.stringify({ host: hostname(), boot: 'x', pid: 1, started: '1' }));
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        withLock(path, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
  });

  it.each([
    ['of another host', JSON.stringify({ host: 'elsewhere', boot: 'x', pid: 1, started: '1' })],
    ['that says nothing', 'not json'],
  ])('a lock %s is left alone, and named', async (_, text) => {
    const path = join(temporaryFolder(), 'a.lock');
    writeFileSync(path, text);
    await expect(withLock(path, async () => {}, short)).rejects.toThrow(text);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('a lock that cannot be read as one is waited for, not broken', async () => {
    const path = join(temporaryFolder(), 'a.lock');
    symlinkSync('nowhere', path);
    await expect(withLock(path, async () => {}, short)).rejects.toThrow(LockHeld);
  });

  it('a folder that is not there is an error', async () => {
    await expect(withLock(join(temporaryFolder(), 'none', 'a.lock'), async () => {})).rejects.toThrow(
      'ENOENT',
    );
  });

  it('a folder that goes away meanwhile is an error', async () => {
    const folder = temporaryFolder();
    const locked = withLock(join(folder, 'a.lock'), async () => {}).catch((error: unknown) => error);
    while (readdirSync(folder).length === 0) await new Promise((resolve) => setImmediate(resolve));
    rmSync(folder, { recursive: true });
    expect(String(await locked)).toContain('ENOENT');
  });

  it('a name that cannot be a lock is an error', async () => {
    const path = join(temporaryFolder(), 'x'.repeat(240));
    await expect(withLock(path, async () => {})).rejects.toThrow('ENAMETOOLONG');
  });
});
