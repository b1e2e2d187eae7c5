/** The store's threads end in order, whatever they were doing, and take nothing with them (reliability.md P1, P3). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { LogUnavailable } from '../../src/acts/ports/ledger.ts';
import { openStore } from '../../src/store/store.ts';
import { fact, type Place, sqlite } from './parts.ts';

const stores = Number(process.env.CUSTOS_TEST_STORES ?? 8);
const exits = Number(process.env.CUSTOS_TEST_EXITS ?? 3);

test('P1: stores closed in one process while they work lose nothing acknowledged, and no thread lives on', async () => {
  const place = await sqlite.place();
  let acknowledged = 0;
  try {
    for (let round = 0; round < stores; round += 1) {
      const store = await openStore({ ...place.config, sealAfterMs: 1 });
      const work = Array.from({ length: 20 }, async () => {
        try {
          acknowledged += (await store.ledger.append([fact()])).length;
        } catch (error) {
          expect(error).toBeInstanceOf(LogUnavailable);
        }
      });
      await work[round % work.length];
      await Promise.all([store.close(), store.close(), ...work]);
      expect(store.ledger.state.log).toBe('closed');
      await expect(store.ledger.append([fact()])).rejects.toBeInstanceOf(LogUnavailable);
      // The signer's lock and the log's are given back: an exclusive one is to be had at once.
      const db = new Database(place.config.url.slice('sqlite:'.length), { timeout: 0 });
      db.exec('begin exclusive; rollback');
      db.close();
    }
    const store = await openStore(place.config);
    const stored = await store.ledger.head();
    const [seals] = await place.tamper(
      'select count(*) as n from log_entry where bytes like \'%"kind":"seal"%\'',
    );
    expect(stored.next - Number(seals?.n)).toBeGreaterThanOrEqual(acknowledged);
    await store.close();
  } finally {
    await place.remove();
  }
});

/** A process of its own that writes `after` facts and exits while more are on their way. */
async function runAndExit(place: Place, after: number, flags: readonly string[] = []) {
  const { url, origin, seed, appendKeys, headPath } = place.config;
  const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
  const given = JSON.stringify({ url, origin, headPath, seed: hex(seed), key: hex(appendKeys[1]), after });
  const script = new URL('./exit-worker.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [...flags, script, given], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  return { status: await once(child, 'close'), said };
}

test('P1, P3: a process that exits in the middle of its work ends with its own status, and the log opens again', async () => {
  const place = await sqlite.place();
  try {
    let before = 0;
    for (let round = 0; round < exits; round += 1) {
      const after = 1 + round * 7;
      expect((await runAndExit(place, after)).status).toEqual([0, null]);
      const store = await openStore(place.config);
      const { next } = await store.ledger.head();
      expect(next).toBeGreaterThanOrEqual(before + after);
      before = next;
      await store.close();
    }
  } finally {
    await place.remove();
  }
});

test('P1: from the first thread on, no WebAssembly code is freed that another thread may be running', async () => {
  const place = await sqlite.place();
  try {
    const { status, said } = await runAndExit(place, 4, ['--trace-wasm-code-gc']);
    expect(status).toEqual([0, null]);
    const [, afterwards] = said.split('first thread\n');
    expect(afterwards).toContain('written');
    expect(afterwards).not.toContain('Triggering GC');
  } finally {
    await place.remove();
  }
});
