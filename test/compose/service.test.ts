/** The composed service: TLS, its end under load, and what happens when the log is no longer its own (L5.2, P16). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { initNode } from '../../src/compose/init.ts';
import { readConfig } from '../../src/config.ts';
import { composeService } from '../../src/main.ts';

async function node(more: (folder: string) => Record<string, string> = () => ({})) {
  const folder = mkdtempSync(join(tmpdir(), 'custos-service-'));
  const { config } = readConfig(
    {},
    {
      'data.folder': join(folder, 'data'),
      'keys.folder': join(folder, 'keys'),
      'server.port': '0',
      'health.port': '0',
      ...more(folder),
    },
  );
  await initNode(config, { kind: 'key-file' }, 'custos.test', Date.now());
  const lines: string[] = [];
  const service = await composeService(config, { logLine: (line) => lines.push(line) });
  const addresses = await service.start();
  onTestFinished(async () => {
    await service.close(0);
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, config, service, lines, ...addresses };
}

/** A certificate of its own for 127.0.0.1. */
function certificate(folder: string): { certificate: string; key: string } {
  const paths = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', paths.key, '-out', paths.certificate],
    ],
    { stdio: 'ignore' },
  );
  return paths;
}

test('S6: with certificate and key the service speaks TLS alone, and says so to browsers', async () => {
  const { url, service } = await node((folder) => {
    const paths = certificate(folder);
    return { 'server.certificate': paths.certificate, 'server.key': paths.key };
  });
  expect(url).toMatch(/^https:/);
  const answer = await new Promise<{ status: number; hsts: unknown; body: string }>((resolve, reject) => {
    request(`${url}/api/v1/me`, { rejectUnauthorized: false, agent: false }, (response) => {
      const hsts = response.headers['strict-transport-security'];
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, hsts, body }), reject);
    })
      .on('error', reject)
      .end();
  });
  expect([answer.status, answer.hsts, JSON.parse(answer.body).code]).toEqual([
    401,
    expect.stringContaining('max-age='),
    'sign-in-required',
  ]);
  await expect(fetch(url.replace('https:', 'http:'))).rejects.toThrow();
  await service.close(100);
});

test('reliability 6: an end stops new connections, cuts what does not finish in its grace, and signs the log', async () => {
  const { url, healthUrl, service } = await node();
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const cut = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('end', () => resolve('end'));
  });
  // A request whose body never comes to its end.
  socket.write(
    `POST /api/v1/setup HTTP/1.1\r\nHost: ${hostname}:${port}\r\nOrigin: ${url}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  );
  await fetch(`${healthUrl}/livez`);
  await Promise.all([service.close(50), service.close(50)]);
  expect(await cut).toBe('ECONNRESET');
  await expect(fetch(url)).rejects.toThrow();
  await expect(fetch(`${healthUrl}/livez`)).rejects.toThrow();
});

test('K2: after its end the node holds no key: nothing can be opened or derived any more', async () => {
  const { service } = await node();
  const { keys } = service.parts;
  await service.close(0);
  expect(() => keys.keyring.leaf('people', 0)).toThrow();
  expect(() => keys.root.derive('append')).toThrow();
  expect([keys.seed, keys.append, keys.cursors].every((bytes) => bytes.every((byte) => byte === 0))).toBe(
    true,
  );
});

test('L5.3: a head that somebody replaced ends the service: it says why and does not answer ready again', async () => {
  const { config, service, healthUrl, lines } = await node();
  const path = join(config.keys.folder, 'log-head.note');
  writeFileSync(path, 'custos.test/00000000000000000000000000000000\n1\nAAAA\n');
  await expect(service.deps.ledger.seal()).rejects.toThrow();
  expect(await service.ended).toMatch(/^LOG_[A-Z_]+: /);
  const ready = await fetch(`${healthUrl}/readyz`);
  expect([ready.status, ((await ready.json()) as { notReady: string[] }).notReady]).toEqual([
    503,
    expect.arrayContaining(['log-unavailable']),
  ]);
  expect(lines.some((line) => line.includes('"level":"error"') && line.includes('"state":"refused"'))).toBe(
    true,
  );
});
