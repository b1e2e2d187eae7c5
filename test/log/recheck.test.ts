import { describe, expect, test } from 'vitest';
import type { CompletedEntry } from '../../src/log/entry.ts';
import { LogError } from '../../src/log/log-error.ts';
import { entryMac, verifyEntryMac } from '../../src/log/mac.ts';
import { type Recheck, type RememberedState, recheck, type StoredRow } from '../../src/log/recheck.ts';
import { Frontier, leafHash } from '../../src/log/tree.ts';
import { item, origin, person, subject, TestLog } from './example.ts';

const appendKey = Buffer.alloc(32, 0x42);
const keys = (number: number) => (number === 1 ? appendKey : undefined);
const start: RememberedState = { frontier: new Frontier(), at: 0, seal: undefined };

const row = (seq: number, bytes: Uint8Array): StoredRow => {
  const leaf = leafHash(bytes);
  return { seq, bytes, leaf, mac: entryMac(1, appendKey, seq, leaf) };
};
const rowOf = (entry: CompletedEntry) => row(entry.entry.seq, entry.bytes);

function sample() {
  const log = new TestLog();
  log.add({ kind: 'log.opened', at: 1000, facts: { epoch: 0, vkey: 'v' } });
  log.add({ kind: 'item.opened', actor: person, at: 1000, subjects: [person, item] });
  const seal = log.add({ kind: 'seal', at: 1000, facts: { epoch: 0, keys: 2, map: 'm' } });
  log.add({ kind: 'item.closed', actor: person, at: 1200, subjects: [person, item] });
  log.add({
    kind: 'seal',
    at: 1300,
    facts: { epoch: 0, keys: 2, map: 'm', prev: { leaf: seal.leaf.toString('hex'), seq: 2 } },
  });
  return log;
}

const run = (rows: Iterable<StoredRow>, from = start, headOf = (_id: string): undefined => undefined) =>
  recheck(rows, from, { origin, keys, headOf });
const fault = (seq: number, reason: string): Recheck => ({ ok: false, seq, reason }) as Recheck;

describe('L5.2: what is signed was read back and recomputed', () => {
  test('L5.2: an untouched run gives tree, time, seal and heads; a second run goes on from them', async () => {
    const log = sample();
    const rows = log.entries.map(rowOf);
    const frontier = new Frontier();
    for (const { leaf } of log.entries) frontier.append(leaf);
    const all = await run(rows);
    if (!all.ok) throw new Error(all.reason);
    expect(all.state.frontier.root()).toEqual(frontier.root());
    expect(all.state.at).toBe(1300);
    expect(all.state.seal).toEqual({ seq: 4, leaf: log.entries[4]!.leaf });
    expect(all.entries).toBe(5);
    expect(Object.fromEntries(all.heads)).toEqual(Object.fromEntries(log.heads));

    const first = await run(rows.slice(0, 3));
    if (!first.ok) throw new Error(first.reason);
    const second = await recheck(rows.slice(3), first.state, {
      origin,
      keys,
      headOf: (id) => first.heads.get(id),
    });
    if (!second.ok) throw new Error(second.reason);
    expect(second.state.frontier.root()).toEqual(frontier.root());
    expect(second.entries).toBe(2);
    expect(second.before).toEqual(first.heads);
    expect([...first.before]).toEqual([
      [item, undefined],
      [person, undefined],
    ]);
    expect(first.state.frontier.size).toBe(3);
    expect(start.frontier.size).toBe(0);
  });

  test('L13 A1: a flipped bit in bytes, leaf or mac ends the run at its entry', async () => {
    const rows = sample().entries.map(rowOf);
    for (let seq = 0; seq < rows.length; seq += 1) {
      for (const [part, reason] of [
        ['bytes', 'leaf'],
        ['leaf', 'leaf'],
        ['mac', 'mac'],
      ] as const) {
        const flipped = Buffer.from(rows[seq]![part]);
        flipped.writeUInt8(flipped.readUInt8(9) ^ 4, 9);
        expect(await run(rows.with(seq, { ...rows[seq]!, [part]: flipped }))).toEqual(fault(seq, reason));
      }
    }
  });

  test('L13 A2: recomputed leaf hashes do not help without the append key', async () => {
    const rows = sample().entries.map(rowOf);
    const bytes = Buffer.from(Buffer.from(rows[1]!.bytes).toString().replace('item.opened', 'item.shewed'));
    const leaf = leafHash(bytes);
    expect(await run(rows.with(1, { ...rows[1]!, bytes, leaf }))).toEqual(fault(1, 'mac'));
    const otherKey = entryMac(1, Buffer.alloc(32, 7), 1, leaf);
    expect(await run(rows.with(1, { seq: 1, bytes, leaf, mac: otherKey }))).toEqual(fault(1, 'mac'));
    const unknownNumber = entryMac(2, appendKey, 1, leaf);
    expect(await run(rows.with(1, { seq: 1, bytes, leaf, mac: unknownNumber }))).toEqual(fault(1, 'mac'));
  });

  test('L13 A3: deleted, swapped, renumbered or repeated rows end the run', async () => {
    const rows = sample().entries.map(rowOf);
    expect(await run(rows.toSpliced(1, 1))).toEqual(fault(1, 'seq'));
    expect(await run(rows.with(0, rows[1]!).with(1, rows[0]!))).toEqual(fault(0, 'seq'));
    expect(await run(rows.toSpliced(1, 0, rows[0]!))).toEqual(fault(1, 'seq'));
    expect(await run(rows.toSpliced(1, 2, { ...rows[2]!, seq: 1 }))).toEqual(fault(1, 'mac'));
    expect(await run(rows.toSpliced(1, 2, row(1, rows[2]!.bytes)))).toEqual(fault(1, 'seq'));
  });

  test('L5.2: even a holder of the append key cannot bring in a bad entry, origin, time, chain or seal', async () => {
    const log = sample();
    const rows = log.entries.map(rowOf);
    const text = (seq: number) => log.entries[seq]!.bytes.toString('utf8');
    const swap = (seq: number, from: string, to: string) => {
      expect(text(seq)).toContain(from);
      return run(rows.with(seq, row(seq, Buffer.from(text(seq).replace(from, to)))));
    };
    expect(await swap(1, '"v":1', '"v":2')).toEqual(fault(1, 'entry'));
    expect(await swap(1, origin, origin.replace('00112233', '11112233'))).toEqual(fault(1, 'origin'));
    expect(await swap(3, '"at":1200', '"at":999')).toEqual(fault(3, 'at'));
    expect(await swap(3, '"n":2', '"n":3')).toEqual(fault(3, 'chain'));
    expect(await swap(3, log.entries[1]!.leaf.toString('hex'), '1'.repeat(64))).toEqual(fault(3, 'chain'));
    expect(await swap(1, `"id":"${item}"`, `"id":"${subject('group', 1)}"`)).toEqual(fault(3, 'chain'));
    expect(await swap(4, log.entries[2]!.leaf.toString('hex'), '1'.repeat(64))).toEqual(fault(4, 'seal'));
    expect(await swap(4, '"seq":2', '"seq":1')).toEqual(fault(4, 'seal'));
    expect(await swap(4, /,"prev":\{[^}]*\}/.exec(text(4))![0], '')).toEqual(fault(4, 'seal'));
    expect(await swap(4, /\{"leaf":[^}]*\}/.exec(text(4))![0], '["seq"]')).toEqual(fault(4, 'seal'));
    expect(await swap(2, '"map":"m"', '"map":"m","prev":{"leaf":"x","seq":1}')).toEqual(fault(2, 'seal'));
  });

  test('L5.4: a run is checked against the heads that were remembered', async () => {
    const rows = sample().entries.map(rowOf);
    const head = { n: 1, leaf: Buffer.alloc(32, 1) };
    expect(await recheck(rows, start, { origin, keys, headOf: () => head })).toEqual(fault(1, 'chain'));
    expect(await recheck(rows, { ...start, at: 2000 }, { origin, keys, headOf: () => undefined })).toEqual(
      fault(0, 'at'),
    );
  });
});

describe('L4.5: the append code', () => {
  test('L4.5: it is the key number and an HMAC over number and leaf, 33 bytes', () => {
    const leaf = leafHash(Buffer.from('x'));
    const mac = entryMac(1, appendKey, 5, leaf);
    expect(mac.length).toBe(33);
    expect(mac[0]).toBe(1);
    expect(verifyEntryMac(mac, keys, 5, leaf)).toBe(true);
    expect(verifyEntryMac(mac, keys, 6, leaf)).toBe(false);
    expect(verifyEntryMac(mac.subarray(0, 32), keys, 5, leaf)).toBe(false);
    expect(verifyEntryMac(Buffer.alloc(0), keys, 5, leaf)).toBe(false);
    for (const number of [-1, 256, 0.5]) expect(() => entryMac(number, appendKey, 5, leaf)).toThrow(LogError);
  });
});
