import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScanner } from '../../src/media/scan.ts';
import { type Clamd, MARKER, startClamd } from '../servers/clamd.ts';
import { notRun } from '../servers/needs.ts';
import { findProgram, makeFolder } from '../servers/process.ts';
import { inMemory } from './bytes.ts';

const installed = findProgram('clamd') !== undefined;
if (!installed) console.warn(notRun('ClamAV (Debian: apt-get install clamav-daemon)'));

const whole = (content: Uint8Array | string) => {
  const bytes = inMemory(content);
  return bytes.read(0, bytes.size);
};

describe.skipIf(!installed)('a real clamd', () => {
  let clamd: Clamd;
  beforeAll(async () => {
    clamd = await startClamd({ maxBytes: 8 * 1024 * 1024 });
  });
  afterAll(() => clamd?.stop());

  test('S10: clean bytes are clean, and a signature is named wherever it lies', async () => {
    const scanner = openScanner(clamd.address);
    expect(await scanner.scan(whole('nothing to see'))).toEqual({ found: 'clean' });
    for (const before of [0, 65_530, 3_000_000]) {
      const finding = await scanner.scan(
        whole(Buffer.concat([Buffer.alloc(before, 'a'), Buffer.from(MARKER)])),
      );
      expect(finding).toMatchObject({
        found: 'infected',
        signature: expect.stringContaining('Custos.Test-Marker'),
      });
    }
    expect(await scanner.version()).toMatch(/^ClamAV \d/);
  });

  test('S10: what is too long for the scanner is never called clean', async () => {
    const finding = await openScanner(clamd.address).scan(whole(Buffer.alloc(20 * 1024 * 1024, 'a')));
    expect(finding.found).toBe('unavailable');
  });

  test('S10: bytes that cannot be read to their end are a fault, not clean', async () => {
    const broken = (async function* () {
      yield Buffer.from('half of it');
      throw new Error('integrity');
    })();
    await expect(openScanner(clamd.address).scan(broken)).rejects.toThrow('integrity');
  });
});

describe('a scanner that does not do its work', () => {
  let server: Server;
  let address: string;
  const sockets: Socket[] = [];
  let behave: (socket: Socket) => void = () => undefined;
  beforeAll(async () => {
    address = join(await makeFolder('av'), 's');
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      sockets.push(socket);
      behave(socket);
    });
    await new Promise<void>((resolve) => server.listen(address, resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(join(address, '..'), { recursive: true });
  });

  const PATIENCE = { stall: 300, verdict: 300 };
  test.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.destroy()],
    ['never answers', (socket) => socket.resume()],
    ['takes no bytes', (socket) => socket.pause()],
    ['says OK before it saw the end', (socket) => socket.end('stream: OK\0')],
    ['ends without a word', (socket) => socket.resume().on('end', () => socket.end())],
    ['babbles', (socket) => socket.resume().end('stream: FINE\0')],
    ['sends without end', (socket) => socket.resume().write('x'.repeat(100_000))],
  ])('S10: one that %s is unavailable, never clean', async (_, behaviour) => {
    behave = behaviour;
    const finding = await openScanner(address, PATIENCE).scan(whole(Buffer.alloc(4 * 1024 * 1024)));
    expect(finding.found).toBe('unavailable');
  });

  test('S10: no scanner, and one that is not there, are unavailable', async () => {
    expect((await openScanner('').scan(whole('x'))).found).toBe('unavailable');
    expect((await openScanner('/nowhere/clamd.sock').scan(whole('x'))).found).toBe('unavailable');
    expect(await openScanner('').version()).toBeNull();
  });

  test('S6: clear bytes go to no other machine', () => {
    for (const elsewhere of ['10.0.0.1:3310', 'clamd.example:3310', 'tcp://0.0.0.0:1', 'relative.sock']) {
      expect(() => openScanner(elsewhere)).toThrow(RangeError);
    }
  });
});
