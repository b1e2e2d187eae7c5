import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Punctured } from '../../src/crypto/puncture.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openKeyring } from '../../src/keys/keyring.ts';
import { RootKey } from '../../src/keys/root.ts';
import { temporaryFolder } from './folders.ts';

const open = (folders: [string, ...string[]]) =>
  openKeyring({ root: new RootKey(new Secret(Buffer.alloc(32, 5))), folders });

/** Starts a worker and kills it as soon as it has acknowledged `count` things: a different instant each time. */
async function runUntilKilled(folders: string[], count: number): Promise<string[]> {
  const worker = join(import.meta.dirname, 'keyring-worker.ts');
  const child: ChildProcess = spawn(process.execPath, [worker, ...folders], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  // A line without its end was never acknowledged.
  return said.split('\n').slice(0, -1);
}

describe('K11: killed in the middle of work', () => {
  it('two processes on two replicas lose no acknowledged puncture and give no index twice', async () => {
    const folders: [string, string] = [temporaryFolder(), temporaryFolder()];
    const keyring = await open(folders);
    await keyring.create('people');
    const reserved: number[] = [];
    const punctured: number[] = [];
    let newest = 0;
    for (let round = 1; round <= 4; round += 1) {
      const said = await Promise.all([
        runUntilKilled(folders, 3 * round),
        runUntilKilled(folders, 4 * round + 1),
      ]);
      for (const line of said.flat()) {
        const [what, index, sequence = '0'] = line.split(' ');
        (what === 'reserved' ? reserved : punctured).push(Number(index));
        newest = Math.max(newest, Number(sequence));
      }
      const after = await open(folders);
      expect(after.sequence('people')).toBeGreaterThanOrEqual(newest);
      for (const index of punctured) expect(() => after.leaf('people', index)).toThrow(Punctured);
      reserved.push(await after.reserve('people'));
    }
    expect(punctured.length).toBeGreaterThan(8);
    expect(new Set(reserved).size).toBe(reserved.length);
  });
});
