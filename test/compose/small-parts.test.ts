/** Small parts of a node: clock, ids, first-run file, and the lines of the application log. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { nodeLog } from '../../src/compose/app-log.ts';
import { systemChance } from '../../src/compose/chance.ts';
import { systemClock } from '../../src/compose/clock.ts';
import { firstRunToken, tokenFile, writeToken } from '../../src/compose/first-run.ts';
import { readConfig } from '../../src/config.ts';
import { uuidv7 } from '../../src/domain/ids.ts';
import { newMetrics } from '../../src/health/metrics.ts';

const start = Date.UTC(2026, 10, 24);

test('R45–R47: effective time never falls below the mark, whatever the wall clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e11, max: 1e11 }), { maxLength: 20 }), (jumps) => {
      const at = { wall: start, monotonic: 5_000 };
      const clock = systemClock({ wall: () => at.wall, monotonic: () => at.monotonic });
      let mark = start;
      for (const jump of jumps) {
        at.wall += jump;
        at.monotonic += 1;
        const { now } = clock.judge(mark);
        expect(now).toBeGreaterThanOrEqual(mark);
        mark = now;
      }
      // A leap is never believed: the mark has moved by what the monotonic clock says and 60 s at each look at most.
      expect(mark).toBeLessThanOrEqual(start + jumps.length + 60_000);
    }),
  );
});

test('R46: 2 s back is read as the mark, 2 s and 1 ms is a fault that passes when the clock is right again', () => {
  const at = { wall: start, monotonic: 0 };
  const clock = systemClock({ wall: () => at.wall, monotonic: () => at.monotonic });
  at.wall = start - 2_000;
  expect(clock.judge(start)).toMatchObject({ now: start, fault: null });
  at.wall = start - 2_001;
  expect(clock.judge(start)).toMatchObject({ now: start, fault: { kind: 'behind', by: 2_001 } });
  at.wall = start + 1;
  expect(clock.judge(start)).toMatchObject({ now: start + 1, fault: null });
});

test('L2.4: ids are UUIDv7 of their moment, and no two are alike', () => {
  const before = Date.now();
  const ids = Array.from({ length: 1_000 }, () => systemChance.id());
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) {
    expect(id).toMatch(uuidv7);
    const at = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  }
});

test('X68: the first-run token admits for an hour, from a file of mode 0600, until it is spent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'custos-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { config } = readConfig({}, { 'keys.folder': folder });
  let now = start;
  const first = firstRunToken(config, () => now);
  expect([await first.admits(''), await first.admits('x')]).toEqual([false, false]);
  const { token, until } = writeToken(config, now);
  expect([until - start, await first.admits(token), await first.admits(`${token}x`)]).toEqual([
    3_600_000,
    true,
    false,
  ]);
  expect(await first.admits('')).toBe(false);
  chmodSync(tokenFile(config), 0o640);
  expect(await first.admits(token)).toBe(false);
  chmodSync(tokenFile(config), 0o600);
  now = until - 1;
  expect(await first.admits(token)).toBe(true);
  now = until;
  expect(await first.admits(token)).toBe(false);
  now = start;
  first.spend();
  expect(await first.admits(token)).toBe(false);
  writeFileSync(tokenFile(config), 'custos-first-run-1::9999999999999\n', { mode: 0o600 });
  expect(await first.admits('')).toBe(false);
});

test('P18: a line of the application log has the fixed fields and nothing else that a caller hands in', () => {
  const lines: Record<string, unknown>[] = [];
  const log = nodeLog(newMetrics(), (line) => lines.push(JSON.parse(line)));
  const request = {
    ...{
      requestId: 'r',
      route: '/api/v1/items/{id}',
      method: 'GET',
      status: 200,
      ms: 3,
      bytes: 9,
      person: 'p',
    },
    title: '东门',
    cookie: 'secret',
  };
  log.request(request);
  log.fault(new Error('broken'), 'r2');
  expect(Object.keys(lines[0] ?? {}).sort()).toEqual([
    'bytes',
    'level',
    'method',
    'ms',
    'msg',
    'person',
    'requestId',
    'route',
    'status',
    'time',
  ]);
  expect(lines[1]).toMatchObject({ level: 'error', requestId: 'r2', fault: 'Error' });
});
