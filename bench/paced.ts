/** How many paced viewers at 8 Mb/s run without a stall, against as many plain readers of nginx held to the same rate. */
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { benchNode } from './node.ts';

const bytesPerSecond = 1_000_000;
const seconds = 6;

/** True if a viewer that plays 8 Mb/s from one second after its start never waited for a byte. */
async function plays(url: string, headers: Record<string, string>): Promise<boolean> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false, headers }, resolve).once('error', reject).end();
  });
  const began = performance.now();
  let had = 0;
  for await (const piece of response) {
    const played = Math.max(0, (performance.now() - began) / 1000 - 1) * bytesPerSecond;
    if (played > had + bytesPerSecond / 4) return false;
    had += (piece as Buffer).length;
    if (had >= seconds * bytesPerSecond) break;
  }
  response.destroy();
  return true;
}

/** Bench name: paced-viewers. */
export async function pacedFigures(folder: string, file: string): Promise<Figure[]> {
  const node = await benchNode(join(folder, 'paced'), { 'viewing.aheadMs': '10000' });
  try {
    const viewing = await node.watchable(file);
    const headers = node.requester.headers();
    let most = 0;
    for (const viewers of [8, 16, 32, 60]) {
      const played = await Promise.all(
        Array.from({ length: viewers }, async () => plays(await viewing(), headers)),
      );
      if (!played.every(Boolean)) break;
      most = viewers;
    }
    const name = 'paced-viewers';
    const peer = 'the most that were tried';
    return [
      {
        name,
        value: most,
        unit: 'viewers without a stall',
        peer,
        peerValue: 60,
        ratio: most / 60,
        runs: 1,
        spread: 0,
        goal: '',
      },
    ];
  } finally {
    await node.stop();
  }
}
