/**
 * Makes a fresh clone ready: runs before every npm script. Plain old Node, no imports but `node:`, because
 * it must run on whatever Node the machine has, before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const stamp = 'node_modules/.package-lock.json';
const fresh = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync('package-lock.json').mtimeMs;
if (!fresh) {
  console.error('custos: installing dependencies (once) …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

const pinned = 'node_modules/.bin/node';
const version = existsSync(pinned) ? String(spawnSync(pinned, ['--version']).stdout).trim() : process.version;
if (Number(/^v(\d+)/.exec(version)?.[1] ?? 0) < 24) {
  console.error(`custos: needs Node 24 or newer; found ${version}. On Linux x64 it brings its own.`);
  process.exit(1);
}
