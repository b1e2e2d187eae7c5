/** Attacks on the stored log, as far as the store itself sees them (custody-log L13: A1–A5, J4). */
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { LogRefused } from '../../src/acts/ports/ledger.ts';
import { leafHash } from '../../src/log/tree.ts';
import { HeadFile } from '../../src/store/head-file.ts';
import { openStore } from '../../src/store/store.ts';
import { type Engine, fact, type Place, withStore } from '../store/parts.ts';

/** The code with which the log refuses to open. */
async function startCode(place: Place): Promise<string> {
  try {
    await (await openStore(place.config)).close();
    return 'started';
  } catch (error) {
    if (error instanceof LogRefused) return error.code;
    throw error;
  }
}

const flipped = (bytes: unknown): Buffer => {
  const copy = Buffer.from(bytes as Uint8Array);
  copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
  return copy;
};

async function flip(place: Place, table: string, column: string, where: string): Promise<void> {
  const [row] = await place.tamper(`select ${column} as value from ${table} where ${where}`);
  await place.tamper(`update ${table} set ${column} = ? where ${where}`, flipped(row?.value));
}

/** A signed log of 302 entries and one tail entry, closed. */
async function closedLog(engine: Engine, use: (place: Place) => Promise<void>): Promise<void> {
  await withStore(
    engine,
    async (store, place) => {
      await store.ledger.append(Array.from({ length: 299 }, () => fact()));
      await store.ledger.seal();
      await store.ledger.append([fact()]);
      await store.close();
      await use(place);
    },
    { sealAfterMs: 3_600_000 },
  );
}

/** Changes the store while it runs; it must refuse to seal and stop for good. */
async function stopsSealing(
  engine: Engine,
  attack: (place: Place, tail: number) => Promise<void>,
): Promise<void> {
  await withStore(
    engine,
    async (store, place) => {
      const [receipt] = await store.ledger.append([fact()]);
      const head = await new HeadFile(place.config.headPath).read();
      await attack(place, receipt?.seq ?? 0);
      await expect(store.ledger.seal()).rejects.toThrow();
      expect(store.ledger.state).toMatchObject({ log: 'refused', code: 'LOG_BROKEN' });
      await expect(store.ledger.append([fact()])).rejects.toMatchObject({ name: 'LogUnavailable' });
      expect(await new HeadFile(place.config.headPath).read()).toBe(head);
    },
    { sealAfterMs: 3_600_000 },
  );
}

export function storeAttacks(engine: Engine): void {
  describe(`${engine.name}: attacks`, () => {
    test.each([
      ['an entry byte', 'log_entry', 'bytes', 'seq = TAIL'],
      ['a leaf', 'log_entry', 'leaf', 'seq = TAIL'],
      ['a mac', 'log_entry', 'mac', 'seq = TAIL'],
      ['a subject head', 'log_subject', 'head', 'sid = 1'],
    ])(
      'A1: %s changed before signing is never signed, and the service stops',
      async (_, table, column, where) => {
        await stopsSealing(engine, (place, tail) =>
          flip(place, table, column, where.replace('TAIL', String(tail))),
        );
      },
    );

    test('A1: a link changed before signing is never signed, and the service stops', async () => {
      await stopsSealing(engine, async (place, tail) => {
        await place.tamper('update log_link set n = n + 5 where seq = ?', tail);
      });
    });

    test('A4: an entry put in by someone without the append key is never signed', async () => {
      await stopsSealing(engine, async (place, tail) => {
        const [row] = await place.tamper('select bytes, mac from log_entry where seq = ?', tail);
        const text = Buffer.from(row?.bytes as Uint8Array).toString('utf8');
        const forged = Buffer.from(text.replace(`"seq":${tail}`, `"seq":${tail + 1}`));
        await place.tamper(
          'insert into log_entry (seq, bytes, leaf, mac) values (?, ?, ?, ?)',
          tail + 1,
          forged,
          leafHash(forged),
          row?.mac,
        );
      });
    });

    test('an untouched log starts', () =>
      closedLog(engine, async (place) => expect(await startCode(place)).toBe('started')));

    test.each([
      ['A1: an entry byte in the signed part', 'log_entry', 'bytes', 'seq = 7'],
      ['A1: a mac in the tail', 'log_entry', 'mac', 'seq = 302'],
      ['A1: a subject head', 'log_subject', 'head', 'sid = 1'],
      ['A1: a tile', 'log_tile', 'hashes', 'level = 0 and idx = 0'],
    ])('%s changed: no start, LOG_BROKEN', (_, table, column, where) =>
      closedLog(engine, async (place) => {
        await flip(place, table, column, where);
        expect(await startCode(place)).toBe('LOG_BROKEN');
      }),
    );

    test('A2: an entry changed with its leaf and tile made anew: no start, LOG_DIVERGED', () =>
      closedLog(engine, async (place) => {
        const [row] = await place.tamper('select bytes from log_entry where seq = 7');
        const forged = Buffer.from(
          Buffer.from(row?.bytes as Uint8Array)
            .toString('utf8')
            .replace('"from":1', '"from":2'),
        );
        await place.tamper(
          'update log_entry set bytes = ?, leaf = ? where seq = 7',
          forged,
          leafHash(forged),
        );
        await place.tamper('delete from log_tile');
        expect(await startCode(place)).toBe('LOG_DIVERGED');
      }));

    test('A3: the signed tail deleted: no start, LOG_ROLLED_BACK', () =>
      closedLog(engine, async (place) => {
        await place.tamper('delete from log_entry where seq >= 290');
        expect(await startCode(place)).toBe('LOG_ROLLED_BACK');
      }));

    test('A3: an entry deleted from the middle, two swapped, one renumbered: no start', () =>
      closedLog(engine, async (place) => {
        await place.tamper('update log_entry set seq = -1 where seq = 5');
        expect(await startCode(place)).toMatch(/^LOG_/);
        await place.tamper('update log_entry set seq = 5 where seq = 6');
        await place.tamper('update log_entry set seq = 6 where seq = -1');
        expect(await startCode(place)).toBe('LOG_BROKEN');
        await place.tamper('update log_entry set seq = -1 where seq = 5');
        await place.tamper('update log_entry set seq = 5 where seq = 6');
        await place.tamper('update log_entry set seq = 6 where seq = -1');
        expect(await startCode(place)).toBe('started');
      }));

    test('L5.4: without its signed head, or with one of another key, no log starts', () =>
      closedLog(engine, async (place) => {
        const path = place.config.headPath;
        await copyFile(path, `${path}.kept`);
        await rm(path);
        expect(await startCode(place)).toBe('LOG_HEAD_MISSING');
        await writeFile(path, 'custos.test/x\n3\n');
        expect(await startCode(place)).toBe('LOG_BROKEN');
        await copyFile(`${path}.kept`, path);
        const stranger = { ...place, config: { ...place.config, seed: new Uint8Array(32).fill(9) } };
        expect(await startCode(stranger)).toBe('LOG_BROKEN');
      }));

    test('L5.3, J4: a head that someone else replaced is never overwritten; this signer stops', () =>
      withStore(
        engine,
        async (store, place) => {
          await store.ledger.append([fact()]);
          const note = await new HeadFile(place.config.headPath).read();
          await writeFile(place.config.headPath, `${note}\n`);
          await expect(store.ledger.seal()).rejects.toThrow();
          expect(store.ledger.state).toMatchObject({ log: 'refused' });
          expect(await new HeadFile(place.config.headPath).read()).toBe(`${note}\n`);
        },
        { sealAfterMs: 3_600_000 },
      ));
  });
}
