/**
 * Writes the list of misuse cases (X) and invariants (I) that have tests into docs/rules.md, from the titles. Run it
 * after adding such a test; test/arch/clauses.test.ts refuses a list that names what is not there.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const page = 'docs/rules.md';
const heading = '## Misuse cases and invariants with tests';
const title =
  /\b(?:it|test|describe)(?:\.[a-zA-Z]+(?:\([^()]*\))?)*\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g;
const ids = /\b([XI])(\d+)(?:[–-]\1(\d+))?(?!\d)/g;

const found = new Map();
for (const name of readdirSync('test', { recursive: true, encoding: 'utf8' }).sort()) {
  if (!name.endsWith('.ts')) continue;
  for (const [, one, two, three] of readFileSync(`test/${name}`, 'utf8').matchAll(title)) {
    for (const [, letter, from, to] of (one ?? two ?? three ?? '').matchAll(ids)) {
      for (let number = Number(from); number <= Number(to ?? from); number += 1) {
        const id = `${letter}${number}`;
        found.set(id, (found.get(id) ?? new Set()).add(`test/${name}`));
      }
    }
  }
}
const rank = (id) => (id.startsWith('X') ? 0 : 1_000) + Number(id.slice(1));
const rows = [...found.keys()]
  .sort((a, b) => rank(a) - rank(b))
  .map((id) => `| ${id} | ${[...found.get(id)].map((file) => `\`${file}\``).join(' ')} |`);
const list = [
  heading,
  '',
  'Listed from the titles by `node scripts/list-proofs.mjs`. An id that is not here has no test that carries it.',
  '',
  '| id | tests |',
  '|---|---|',
  ...rows,
  '',
];
const [rules] = readFileSync(page, 'utf8').split(heading);
writeFileSync(page, `${rules.trimEnd()}\n\n${list.join('\n')}`);
