/** Kills, full disks and a log that cannot be written (reliability.md P1, P3, P4, P16; custody-log A5, J1, J3). */
import { execFileSync, spawn } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { insert } from '../../src/acts/ports/tables.ts';
import { createLog } from '../../src/store/create-log.ts';
import type { LogState } from '../../src/store/log-worker.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { fact, type Place, sqlite, unitRow, withStore } from './parts.ts';

const file = (place: Place): string => place.config.url.slice('sqlite:'.length);
const act = (store: Store) =>
  store.ledger.exclusively(async () =>
    store.ledger.commit({
      expected: await store.ledger.head(),
      entries: [fact()],
      writes: [insert('unit', unitRow('u'))],
    }),
  );
const writing = (store: Store) =>
  expect.poll(() => store.ledger.state.log, { timeout: 10_000, interval: 20 }).toBe('writing');

interface Acknowledged {
  readonly name: string;
  readonly seq: number;
  readonly leaf: string;
}

/** Runs the writer until it has acknowledged `count` acts, then kills it at once. */
async function runAndKill(place: Place, round: number, count: number): Promise<Acknowledged[]> {
  const { url, origin, seed, appendKeys, headPath } = place.config;
  const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
  const given = { url, origin, headPath, seed: hex(seed), key: hex(appendKeys[1]), round: String(round) };
  const script = new URL('./kill-worker.ts', import.meta.url).pathname;
  const argument = Buffer.from(JSON.stringify(given)).toString('base64');
  const child = spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The writer ended by itself.')));
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.split('\n').length > count) {
        child.removeAllListeners('exit');
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }
    });
  });
  return said
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [name = '', seq = '', leaf = ''] = line.split(' ');
      return { name, seq: Number(seq), leaf };
    });
}

describe('P1, J1: killed at any moment', () => {
  test('nothing acknowledged is lost, nothing is half done, and the log starts within 5 s', async () => {
    const place = await sqlite.place();
    const acknowledged: Acknowledged[] = [];
    try {
      for (const [round, count] of [3, 17, 40, 8].entries()) {
        acknowledged.push(...(await runAndKill(place, round, count)));
        const began = performance.now();
        const store = await openStore(place.config);
        expect(performance.now() - began).toBeLessThan(5_000);
        for (const { name, seq, leaf } of acknowledged) {
          expect((await store.ledger.entry(seq)).leaf).toBe(leaf);
          expect((await store.reads.one('unit', { name }))?.createdSeq).toBe(seq);
        }
        await store.ledger.seal();
        for (const { createdSeq } of await store.reads.all('unit', {})) await store.ledger.entry(createdSeq);
        await store.close();
      }
    } finally {
      await place.remove();
    }
  });
});

describe('P3, P4, P16, J3: the log cannot be written', () => {
  test('P4, P16: on a full disk every act and fact is refused, reads go on, and after room is made it writes on', async () => {
    const place = await sqlite.place();
    const mount = join(place.folder, 'small');
    await mkdir(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]);
    } catch {
      await place.remove();
      console.warn('NOT RUN: a tmpfs needs root');
      return;
    }
    const config = {
      ...place.config,
      url: `sqlite:${join(mount, 'custos.db')}`,
      headPath: join(place.folder, 'small-head'),
      freeSpaceMark: 0,
    };
    try {
      await createLog(config, Date.now());
      const states: LogState['log'][] = [];
      const store = await openStore({ ...config, onLogState: ({ log }) => states.push(log) });
      await act(store);
      const { next } = await store.ledger.head();
      await writeFile(join(mount, 'filler'), Buffer.alloc(8 * 1024 * 1024)).catch(() => undefined);
      // What still fits into the log's own pages may be written; then nothing is.
      let refused = 0;
      let acknowledged = 0;
      for (let at = 0; at < 2_000 && refused < 200; at += 1) {
        await act(store).then(
          () => {
            acknowledged += 1;
          },
          (error: Error) => {
            expect(error.name).toBe('LogUnavailable');
            refused += 1;
          },
        );
        if (refused > 0)
          await store.ledger.append([fact()]).then(
            () => expect.unreachable(),
            () => undefined,
          );
      }
      expect(refused).toBe(200);
      expect(states).toContain('down');
      expect(await store.reads.count('unit', {})).toBe(acknowledged + 1);
      await rm(join(mount, 'filler'));
      await writing(store);
      const outcome = await act(store);
      expect(outcome).toMatchObject([{ seq: expect.any(Number) }]);
      expect((await store.ledger.head()).next).toBeGreaterThanOrEqual(next + acknowledged + 1);
      await store.ledger.seal();
      await store.close();
      await (await openStore(config)).close();
    } finally {
      execFileSync('umount', ['-l', mount]);
      await place.remove();
    }
  });

  test('P16: while another process holds the database locked, acts are refused and none is acknowledged; then it writes on', () =>
    withStore(sqlite, async (store, place) => {
      await act(store);
      const blocker = new Database(file(place));
      blocker.exec('begin immediate');
      const first = act(store);
      await expect(first).rejects.toMatchObject({ name: 'LogUnavailable' });
      await expect(act(store)).rejects.toMatchObject({ name: 'LogUnavailable' });
      blocker.exec('rollback');
      blocker.close();
      await writing(store);
      await act(store);
      expect(await store.reads.count('unit', {})).toBe(2);
    }));

  test('L4.6: below the free-space mark nothing is written, and what is there stays readable', () =>
    withStore(
      sqlite,
      async (store) => {
        await expect(act(store)).rejects.toThrow('space');
        await expect(store.ledger.append([fact()])).rejects.toMatchObject({ name: 'LogUnavailable' });
        expect((await store.ledger.entry(0)).leaf).toHaveLength(64);
        expect(store.ledger.state.log).toBe('writing');
      },
      { freeSpaceMark: Number.MAX_SAFE_INTEGER },
    ));

  test('L4.6, A5: a database that was put back while the service runs is noticed, and nothing is written any more', () =>
    withStore(sqlite, async (store, place) => {
      for (let at = 0; at < 5; at += 1) await act(store);
      await store.ledger.seal();
      await place.tamper('delete from log_entry where seq >= 4');
      await expect(act(store)).rejects.toMatchObject({ name: 'LogUnavailable' });
      await expect
        .poll(() => store.ledger.state, { timeout: 10_000 })
        .toMatchObject({ log: 'refused', code: 'LOG_ROLLED_BACK' });
    }));
});

describe('starts that are refused', () => {
  test('A5: an older database under a newer head: LOG_ROLLED_BACK', async () => {
    const place = await sqlite.place();
    try {
      const first = await openStore(place.config);
      await act(first);
      await first.ledger.seal();
      const old = join(place.folder, 'old.db');
      const { entries } = await first.backup(old);
      expect(entries).toBe((await first.ledger.head()).next);
      await act(first);
      await first.ledger.seal();
      await first.close();
      for (const ending of ['', '-wal', '-shm']) await rm(`${file(place)}${ending}`, { force: true });
      await copyFile(old, file(place));
      await expect(openStore(place.config)).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' });
    } finally {
      await place.remove();
    }
  });

  test('P6: an older binary refuses a database of a newer version, in words', async () => {
    const place = await sqlite.place();
    try {
      await place.tamper(
        'insert into __drizzle_migrations (hash, created_at) values (?, ?)',
        'later',
        9_999_999_999_999,
      );
      await expect(openStore(place.config)).rejects.toThrow('newer version of Custos');
    } finally {
      await place.remove();
    }
  });

  test('a database that is none is refused', async () => {
    const place = await sqlite.place();
    try {
      for (const ending of ['-wal', '-shm']) await rm(`${file(place)}${ending}`, { force: true });
      await writeFile(file(place), 'not a database, but long enough to be taken for one '.repeat(100));
      await expect(openStore(place.config)).rejects.toThrow();
    } finally {
      await place.remove();
    }
  });
});
