/** Watching a recording through the service against nginx serving the plaintext; seeks; and many paced viewers at once. */

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { contest, type Figure, percentile, rate } from './figure.ts';
import { startNginx } from './nginx.ts';
import { type BenchNode, benchNode, drain } from './node.ts';

const readers = 8;
const seeks = 40;
const span = 64 * 1024;

/** p50 and p99, ms, of random 64 KiB ranges by eight readers at once. */
async function seekTimes(
  url: string,
  size: number,
  headers: Record<string, string>,
): Promise<[number, number]> {
  const times: number[] = [];
  const reader = async (): Promise<void> => {
    for (let seek = 0; seek < seeks; seek += 1) {
      const from = Math.floor(Math.random() * (size - span));
      const began = performance.now();
      await drain(url, { ...headers, range: `bytes=${from}-${from + span - 1}` });
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  return [percentile(times, 0.5), percentile(times, 0.99)];
}

/** Bench names: watch-folder, seek-p50, seek-p99. */
export async function watchFigures(folder: string, file: string): Promise<Figure[]> {
  const { size } = await stat(file);
  const nginx = await startNginx(dirname(file));
  const node: BenchNode = await benchNode(join(folder, 'watch'));
  try {
    const viewing = await node.watchable(file);
    const headers = node.requester.headers();
    const plain = `${nginx?.url ?? node.url}/${basename(file)}`;
    if (!nginx) return [];
    const figures = [
      await contest({
        name: 'watch-folder',
        unit: 'MB/s',
        peer: 'nginx, the plaintext file',
        goal: '≥ 0.5×',
        ours: async () => {
          const url = await viewing();
          return rate(size, () => drain(url, headers));
        },
        theirs: () => rate(size, () => drain(plain)),
      }),
    ];
    for (const [at, name] of [
      [0, 'seek-p50'],
      [1, 'seek-p99'],
    ] as const) {
      const times = async (where: string, own: Record<string, string>) =>
        (await seekTimes(where, size, own))[at];
      const unit = 'ms, 8 readers, 64 KiB';
      const ours = async () => times(await viewing(), headers);
      figures.push(
        await contest({ name, unit, peer: 'nginx, the same ranges', ours, theirs: () => times(plain, {}) }),
      );
    }
    return figures;
  } finally {
    await node.stop();
    await nginx?.stop();
  }
}
