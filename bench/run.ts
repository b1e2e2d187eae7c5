/**
 * `npm run bench [-- --json FILE] [--only NAME] [--mib 256]`: every figure as a ratio against a peer in the same run,
 * beside the machine it was measured on. Nothing here asserts; what falls short stands in bench/RESULTS.md with why.
 */
import { rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { videoOf } from './draw-video.ts';
import type { Figure } from './figure.ts';
import { logFigures } from './log.ts';
import { describeMachine, workFolder } from './machine.ts';
import { pacedFigures } from './paced.ts';
import { storeFigures } from './store.ts';
import { watchFigures } from './watch.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string' },
    mib: { type: 'string', default: '256' },
  },
});

const folder = workFolder();
const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);

function line(figure: Figure): string {
  const { name, value, unit, peer, peerValue, ratio, runs, spread, goal } = figure;
  const wanted = goal === '' ? '' : `, goal ${goal}`;
  return `${name.padEnd(18)} ${number(ratio).padStart(7)}×   ${number(value)} ${unit}; ${number(peerValue)}: ${peer} (${runs} runs, spread ${Math.round(spread * 100)} %${wanted})`;
}

try {
  for (const words of describeMachine(folder)) console.log(words);
  const file = await videoOf(Number(values.mib));
  const groups: Record<string, () => Promise<Figure[]>> = {
    log: () => logFigures(folder),
    watch: () => watchFigures(folder, file),
    store: () => storeFigures(folder, file),
    paced: async () => pacedFigures(folder, await videoOf(16, 8)),
  };
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(groups)) {
    if (values.only && values.only !== name) continue;
    for (const figure of await measure()) {
      figures.push(figure);
      console.log(line(figure));
    }
  }
  if (values.json) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
