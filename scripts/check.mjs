/** `npm run check`: format, lint, layers, types, dead code and the fast tests, each named with its time. */
import { spawn } from 'node:child_process';

const steps = [
  ['format, lint, layers', 'node_modules/.bin/biome', ['ci', '--error-on-warnings', '.']],
  ['types', 'node_modules/.bin/tsc', ['--noEmit']],
  ['dead code', 'node_modules/.bin/knip', ['--no-progress']],
  ['fast tests', 'node_modules/.bin/vitest', ['run', '--project', 'pure', '--reporter=dot']],
];

function run([name, command, args]) {
  const began = Date.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('close', (status) => {
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (status !== 0) console.log(output.slice(-20_000));
      resolve(status === 0);
    });
  });
}

const first = await Promise.all(steps.slice(0, 2).map(run));
const second = await Promise.all(steps.slice(2).map(run));
process.exit([...first, ...second].every(Boolean) ? 0 : 1);
