/** What a figure means nothing without: processor, versions, load, and how fast the disk under the data is (custody-log L11). */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile } from './figure.ts';

const tmpfs = 0x01021994;

/** ms of 200 times 4 KiB written and synced in `folder`: p50 and p99, and how many a second. */
export function fsyncOf(folder: string): {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
} {
  const path = join(mkdtempSync(join(folder, 'custos-fsync-')), 'file');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let write = 0; write < 200; write += 1) {
    const began = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    times.push(performance.now() - began);
  }
  closeSync(file);
  rmSync(join(path, '..'), { recursive: true });
  const total = times.reduce((sum, time) => sum + time, 0);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), perSecond: 200_000 / total };
}

/** True where what is synced survives nothing: then no durable figure is printed. */
export const isMemory = (folder: string): boolean => statfsSync(folder).type === tmpfs;

export const workFolder = (): string => mkdtempSync(join(tmpdir(), 'custos-bench-'));

export function describeMachine(folder: string): string[] {
  const [cpu] = cpus();
  const { p50, p99 } = fsyncOf(folder);
  const disk = isMemory(folder)
    ? 'memory file system: durable figures are left out'
    : `fsync of 4 KiB p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  return [
    `${cpus().length} × ${cpu?.model ?? 'unknown'}, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
    `node ${process.version}, SQLite and OpenSSL ${process.versions.openssl}`,
    disk,
  ];
}
