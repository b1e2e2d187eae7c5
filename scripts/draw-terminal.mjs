/**
 * Draws what a terminal showed as an SVG that follows the reader's light or dark colours and loads no font:
 *
 *   npm run --silent demo -- --once > docs/pictures/chain.txt
 *   node scripts/draw-terminal.mjs docs/pictures/chain.txt docs/pictures/chain.svg '$ npm run demo -- --once'
 *
 * The text is drawn as it was captured: nothing is added to it but the prompt.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [from, to, prompt] = process.argv.slice(2);
if (!from || !to || !prompt) {
  console.error('usage: node scripts/draw-terminal.mjs TEXT SVG PROMPT');
  process.exit(2);
}

const size = 14;
const advance = 8.43;
const leading = 22;
const pad = 20;
const bar = 36;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const span = (kind, text) => `<tspan class="${kind}">${escaped(text)}</tspan>`;

/** `ok`, its time and its words in three colours; any other line as it is. */
function coloured(line) {
  const [, ok, time, words] = /^(ok)(\s+\d+ ms)(\s+.*)$/.exec(line) ?? [];
  return ok ? span('ok', ok) + span('dim', time) + escaped(words) : span('end', line);
}

const lines = readFileSync(from, 'utf8').trimEnd().split('\n');
const columns = Math.max(prompt.length, ...lines.map((line) => line.length));
const width = Math.ceil(2 * pad + columns * advance);
const height = bar + pad + (lines.length + 1) * leading + pad / 2;
const text = (at, inner) =>
  `  <text x="${pad}" y="${bar + pad + at * leading}" xml:space="preserve">${inner}</text>`;

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">${escaped(`${prompt}: ${lines.at(-1)}`)}</title>
  <style>
    text { font: ${size}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
    .box { fill: #ffffff; stroke: #d0d7de; } .bar { fill: #f6f8fa; } .line { stroke: #d0d7de; } .dot { fill: #c4ccd4; }
    .ok { fill: #1a7f37; font-weight: 600; } .dim { fill: #59636e; } .end { fill: #0550ae; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .box { fill: #0d1117; stroke: #3d444d; } .bar { fill: #151b23; } .line { stroke: #3d444d; } .dot { fill: #3d444d; }
      .ok { fill: #3fb950; } .dim { fill: #9198a1; } .end { fill: #79c0ff; }
    }
  </style>
  <rect class="box" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
  <path class="bar" d="M1 ${bar}V9a8 8 0 0 1 8-8h${width - 18}a8 8 0 0 1 8 8v${bar - 9}z"/>
  <path class="line" d="M1 ${bar}.5h${width - 2}"/>
  <circle class="dot" cx="20" cy="18.5" r="5"/><circle class="dot" cx="38" cy="18.5" r="5"/><circle class="dot" cx="56" cy="18.5" r="5"/>
${[span('dim', prompt), ...lines.map(coloured)].map((inner, at) => text(at + 0.4, inner)).join('\n')}
</svg>
`;
writeFileSync(to, svg);
