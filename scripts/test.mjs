/**
 * `npm test`: every test, counted from the runner's own report. The last line is what CI reads. Arguments are
 * handed to vitest (`npm test -- test/log`).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'custos-test-'));
const report = join(folder, 'report.json');
const runner = spawn(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, UV_THREADPOOL_SIZE: '8' } },
);

const notRun = new Set();
let line = '';
runner.stdout.setEncoding('utf8');
runner.stdout.on('data', (text) => {
  process.stdout.write(text);
  line += text;
  const lines = line.split('\n');
  line = lines.pop() ?? '';
  for (const whole of lines) {
    const at = whole.indexOf('NOT RUN: ');
    if (at >= 0) notRun.add(whole.slice(at));
  }
});

runner.on('close', (status) => {
  let counts = {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numFailedTestSuites: 0,
  };
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    console.error('custos: the test runner left no report');
  }
  rmSync(folder, { recursive: true, force: true });
  for (const reason of notRun) console.log(reason);
  // A file that could not even be loaded holds no test, and is a failure all the same.
  const failed = counts.numFailedTests || (status === 0 ? 0 : Math.max(1, counts.numFailedTestSuites));
  const skipped = counts.numPendingTests + counts.numTodoTests;
  console.log(`total: ${counts.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(status === 0 && counts.numPassedTests > 0 ? 0 : 1);
});
