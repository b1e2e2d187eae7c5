/** Cutting what runs (R37, R38, P12), at the registry and at a real client's socket. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Ending } from '../../src/acts/ports/outside.ts';
import { asId } from '../../src/domain/ids.ts';
import { nodeLease } from '../../src/vault/node-lease.ts';
import { resetting, type StreamKeys, streamRegistry } from '../../src/vault/streams.ts';

const keys = (name: string): StreamKeys => ({
  person: asId(`person-${name}`),
  session: asId(`session-${name}`),
  grant: asId(`grant-${name}`),
  item: asId(`item-${name}`),
  viewing: `viewing-${name}`,
});

const registry = (otherNodes = false) => {
  const clock = { now: 0 };
  const waits: number[] = [];
  const streams = streamRegistry({
    now: () => clock.now,
    otherNodes: () => otherNodes,
    wait: async (ms) => void waits.push(ms),
  });
  return { clock, waits, streams };
};

describe('Registry', () => {
  test.each<[string, Ending]>([
    ['grant', { ends: 'grant', id: asId('grant-a'), reason: 'revoked' }],
    ['item of a grant', { ends: 'grant-item', id: asId('grant-a'), item: asId('item-a') }],
    ['session', { ends: 'session', id: asId('session-a') }],
    ['person', { ends: 'person', id: asId('person-a'), reason: 'frozen' }],
    ['viewing', { ends: 'viewing', id: 'viewing-a' }],
  ])('R37: the end of a %s cuts what runs under it, in the same step, and nothing else', (_name, ending) => {
    const { streams } = registry();
    const cuts: string[] = [];
    const a = streams.register(keys('a'), streams.now(), () => cuts.push('a'));
    const b = streams.register(keys('b'), streams.now(), () => cuts.push('b'));
    void streams.end([ending]);
    expect(cuts).toEqual(['a']);
    expect([a.live(), b.live()]).toEqual([false, true]);
    expect(streams.running().length).toBe(1);
  });

  test('R37: an item taken out of a grant leaves its other items running', () => {
    const { streams } = registry();
    const other = streams.register({ ...keys('a'), item: asId('item-b') }, 0, () => undefined);
    void streams.end([{ ends: 'grant-item', id: asId('grant-a'), item: asId('item-a') }]);
    expect(other.live()).toBe(true);
  });

  test('R37: everything ends together, also when one connection cannot be reset', () => {
    const { streams } = registry();
    const first = streams.register(keys('a'), 0, () => {
      throw new Error('socket is gone');
    });
    const second = streams.register(keys('b'), 0, () => undefined);
    void streams.end([{ ends: 'everything', reason: 'sealed' }]);
    expect([first.live(), second.live()]).toEqual([false, false]);
  });

  test('R37: nothing slips between the decision and the registration', () => {
    const { streams, clock } = registry();
    const since = streams.now();
    clock.now = 5;
    void streams.end([{ ends: 'grant', id: asId('grant-a'), reason: 'revoked' }]);
    clock.now = 10;
    let cut = 0;
    const late = streams.register(keys('a'), since, () => {
      cut += 1;
    });
    expect([late.live(), cut]).toEqual([false, 1]);
    expect(streams.register(keys('a'), streams.now(), () => undefined).live()).toBe(true);
  });

  test('R38: the answer waits for the lease of other nodes, and only where there are any', async () => {
    const alone = registry();
    await alone.streams.end([{ ends: 'everything', reason: 'x' }]);
    expect(alone.waits).toEqual([]);
    const several = registry(true);
    await several.streams.end([{ ends: 'everything', reason: 'x' }]);
    expect(several.waits).toEqual([800]);
  });

  test('a released stream is not cut any more', () => {
    const { streams } = registry();
    let cut = 0;
    streams
      .register(keys('a'), 0, () => {
        cut += 1;
      })
      .release();
    void streams.end([{ ends: 'everything', reason: 'x' }]);
    expect(cut).toBe(0);
  });

  test('R60: a notice reaches those it is for, once, and nobody else', () => {
    const { streams } = registry();
    const heard: string[] = [];
    const stop = streams.subscribe(asId('one'), ({ id }) => heard.push(`one ${id}`));
    streams.subscribe(asId('two'), ({ id }) => heard.push(`two ${id}`));
    streams.tell([{ kind: 'application', id: 'x', to: [asId('one'), asId('one')] }]);
    stop();
    streams.tell([{ kind: 'application', id: 'y', to: [asId('one')] }]);
    expect(heard).toEqual(['one x']);
  });
});

describe('Node lease', () => {
  const leased = (foreign = true) => {
    const { streams, clock } = registry();
    const state = { head: 1, down: false, denied: new Set<string>(), asked: 0 };
    const lease = nodeLease({
      now: () => clock.now,
      look: async () => {
        if (state.down) throw new Error('the database is gone');
        return state.head;
      },
      foreign: () => foreign,
      allowed: async ({ grant }) => {
        state.asked += 1;
        return !state.denied.has(String(grant));
      },
      streams,
      patienceMs: 50,
    });
    return { streams, clock, state, lease };
  };

  test('R38: it holds for 800 ms from the beginning of a good look, and not before the first', async () => {
    const { clock, lease, state } = leased();
    expect(lease.ok()).toBe(false);
    expect(await lease.poll()).toBe(true);
    clock.now += 800;
    expect(lease.ok()).toBe(true);
    clock.now += 1;
    expect(lease.ok()).toBe(false);
    state.down = true;
    expect(await lease.poll()).toBe(false);
    expect(lease.ok()).toBe(false);
    state.down = false;
    await lease.poll();
    expect(lease.ok()).toBe(true);
  });

  test('R38: when another node has written, what is no longer allowed is cut before the lease is renewed', async () => {
    const { streams, lease, state } = leased();
    const a = streams.register(keys('a'), 0, () => undefined);
    const b = streams.register(keys('b'), 0, () => undefined);
    await lease.poll();
    state.denied.add('grant-a');
    await lease.poll();
    expect(a.live()).toBe(true);
    state.head += 1;
    await lease.poll();
    expect([a.live(), b.live()]).toEqual([false, true]);
  });

  test('R38: what this node wrote itself is not judged again', async () => {
    const { lease, state, streams } = leased(false);
    streams.register(keys('a'), 0, () => undefined);
    await lease.poll();
    const before = state.asked;
    state.head += 1;
    await lease.poll();
    expect(state.asked).toBe(before);
  });

  test('P8: a head that went back renews nothing', async () => {
    const { lease, state, clock } = leased();
    state.head = 9;
    await lease.poll();
    state.head = 8;
    expect(await lease.poll()).toBe(false);
    clock.now += 801;
    expect(lease.ok()).toBe(false);
  });

  test('R38: a stream waits for the lease a little, and no longer', async () => {
    const { lease, state, clock } = leased();
    const signal = new AbortController().signal;
    const waiting = lease.regained(signal);
    await lease.poll();
    expect(await waiting).toBe(true);
    clock.now += 801;
    state.down = true;
    expect(await lease.regained(signal)).toBe(false);
    expect(await lease.regained(AbortSignal.abort())).toBe(false);
  });
});

describe('At the client', () => {
  test('P12: after the cut a client reads at most 1 MiB and sees an error, never an end', async () => {
    const { streams } = registry();
    const block = randomBytes(65_536);
    let sent = 0;
    const server = createServer((request, response) => {
      const running = streams.register(keys('a'), 0, resetting(request.socket));
      const push = () => {
        while (running.live() && !response.destroyed) {
          sent += block.length;
          if (!response.write(block)) return void response.once('drain', push);
        }
      };
      push();
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const client: Socket = connect(port, '127.0.0.1');
    let got = 0;
    let ended = false;
    const failed = new Promise<string>((resolve) =>
      client.once('error', (error) => resolve('code' in error ? String(error.code) : '')),
    );
    client.on('end', () => {
      ended = true;
    });
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise<void>((resolve) => {
      client.on('data', (data: Buffer) => {
        got += data.length;
        if (got > 4_000_000) resolve();
      });
    });
    const before = got;
    const sentBefore = sent;
    void streams.end([{ ends: 'grant', id: asId('grant-a'), reason: 'revoked' }]);
    expect(await failed).toBe('ECONNRESET');
    expect(got - before).toBeLessThanOrEqual(1_048_576);
    expect(sent).toBe(sentBefore);
    expect(ended).toBe(false);
  });
});
