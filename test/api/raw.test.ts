/** What is refused before anything has parsed it (reliability.md 4; X3, X43, X63, X68), over raw sockets. */
import { describe, expect, test } from 'vitest';
import { sendRaw } from './raw-socket.ts';
import { sharedHttpWorld } from './world-http.ts';

const held = sharedHttpWorld({ everybody: false });
const host = () => new URL(held.world.url).host;
const raw = (lines: readonly string[], body = '') =>
  sendRaw(held.world.url, `${lines.join('\r\n')}\r\n\r\n${body}`);
const get = (target: string, ...more: string[]) =>
  raw([`GET ${target} HTTP/1.1`, `Host: ${host()}`, 'Connection: close', ...more]);

describe('X63: smuggling', () => {
  const smuggled = 'GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n';
  test.each<[string, () => string[], string]>([
    [
      'Content-Length with Transfer-Encoding',
      () => ['Content-Length: 6', 'Transfer-Encoding: chunked'],
      `0\r\n\r\n${smuggled}`,
    ],
    ['two lengths', () => ['Content-Length: 0', 'Content-Length: 5'], 'hello'],
    ['two equal lengths', () => ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['a length that is a list', () => ['Content-Length: 2, 2'], '{}'],
    ['a signed length', () => ['Content-Length: +2'], '{}'],
    ['an unknown transfer coding', () => ['Transfer-Encoding: chunked, cow'], `0\r\n\r\n${smuggled}`],
    ['a folded line', () => ['X-Long: one', ' two'], ''],
    ['a blank before the colon', () => ['Content-Length : 0'], ''],
    ['two Hosts', () => [`Host: ${host()}`], ''],
    ['two Origins', () => [`Origin: ${held.world.url}`, `Origin: ${held.world.url}`], ''],
    ['two cookies', () => ['Cookie: a=1', 'Cookie: b=2'], ''],
    ['two keys', () => ['Idempotency-Key: aaaaaaaa', 'Idempotency-Key: bbbbbbbb'], ''],
    ['a NUL in a value', () => ['X-Nul: a\0b'], ''],
  ])('%s: 400, closed, and nothing behind it is taken for a request', async (_name, more, body) => {
    const answer = await raw(['POST /api/v1/sessions HTTP/1.1', `Host: ${host()}`, ...more()], body);
    expect(answer).toMatchObject({ status: 400, answers: 1 });
  });

  test('bare line feeds: 400', async () => {
    const answer = await sendRaw(held.world.url, `GET /api/v1/me HTTP/1.1\nHost: ${host()}\n\n`);
    expect(answer).toMatchObject({ status: 400, answers: 1 });
  });

  test('an absolute target 400; no Host 400; a foreign Host 421; a Host in capitals is ours', async () => {
    expect((await get(`http://${host()}/api/v1/me`)).status).toBe(400);
    expect((await raw(['GET /api/v1/me HTTP/1.1', 'Connection: close'])).status).toBe(400);
    for (const foreign of ['evil.example', `${host()}.evil.example`, '127.0.0.1', `user@${host()}`]) {
      const answer = await raw(['GET /api/v1/me HTTP/1.1', `Host: ${foreign}`, 'Connection: close']);
      expect([400, 421], foreign).toContain(answer.status);
    }
    const { port } = new URL(held.world.url);
    const capitals = await raw(['GET /api/v1/me HTTP/1.1', `Host: LOCALHOST:${port}`, 'Connection: close']);
    expect(capitals.status).toBe(401);
  });
});

test.each([
  '//api/v1/me',
  '/api//v1/me',
  '/api/v1/%2e%2e/me',
  '/api/v1/./me',
  '/api/v1/../v1/me',
  '/api/v1%2fme',
  '/api/v1/me;x=1',
  '/api/v1/me%00',
  '/api/v1\\me',
  '/api/v1/%zz',
  '/api/v1/me/',
  '/API/v1/me',
  '/api/v1/Me',
  '/api/v1/me%20',
  '*',
])('X3: an odd path is 400 or 404: %s', async (path) => {
  const answer = await get(path);
  expect([400, 404]).toContain(answer.status);
  expect(JSON.parse(answer.body)).toMatchObject({ status: answer.status, code: expect.any(String) });
});

test('X3: a method override header overrides nothing', async () => {
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
    expect((await get('/api/v1/sessions/current', `${name}: DELETE`)).status).toBe(404);
});

test.each(['TRACE', 'PROPFIND', 'QUERY', 'get'])('X68: %s is no method here', async (method) => {
  const answer = await raw([`${method} /api/v1/me HTTP/1.1`, `Host: ${host()}`, 'Connection: close']);
  expect([400, 405]).toContain(answer.status);
  if (answer.status === 405) expect(answer.headers.get('allow')).toMatch(/GET.*DELETE/);
});

test('X68: nobody is let through to another host', async () => {
  await expect(raw(['CONNECT evil.example:443 HTTP/1.1', `Host: ${host()}`])).rejects.toThrow('no answer');
});

test('sizes: a target over 8 KiB 414; headers over 16 KiB 431, more than 100 of them 431; a compressed body 415 (X50)', async () => {
  expect((await get(`/api/v1/me?${'a'.repeat(8_200)}`)).status).toBe(414);
  expect((await get('/api/v1/me', `X-Long: ${'a'.repeat(17_000)}`)).status).toBe(431);
  expect((await get('/api/v1/me', ...Array.from({ length: 101 }, (_, at) => `X-${at}: a`))).status).toBe(431);
  for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])
    expect((await get('/api/v1/me', `Content-Encoding: ${encoding}`)).status, encoding).toBe(415);
});

test('no upgrade, and no second protocol, on this port', async () => {
  const answer = await get('/api/v1/me', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__').catch(
    () => undefined,
  );
  if (answer) expect(answer.status).not.toBe(101);
  await expect(sendRaw(held.world.url, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).resolves.toMatchObject({
    status: 400,
  });
});

test('X68: metrics, health, source maps and debug pages are not on this port', async () => {
  for (const path of [
    '/metrics',
    '/livez',
    '/readyz',
    '/debug',
    '/main.js.map',
    '/.env',
    '/.git/config',
    '/actuator',
    '/api/v1/debug',
  ])
    expect((await get(path)).status, path).toBe(404);
});

test('every answer has the headers of the table, refusals of the raw request included', async () => {
  const answers = [
    await get('/api/v1/me'),
    await get('/nothing'),
    await get('/api/v1/openapi.json'),
    await get('/api/v1/%2e/me'),
    await raw(['TRACE /api/v1/me HTTP/1.1', `Host: ${host()}`, 'Connection: close']),
    await raw(['GET / HTTP/1.1', 'Host: evil.example', 'Connection: close']),
  ];
  for (const { headers, status } of answers) {
    const where = String(status);
    expect(Object.fromEntries(headers), where).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'x-frame-options': 'DENY',
      'permissions-policy': expect.stringContaining('camera=()'),
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'content-encoding'])
      expect(headers.has(name), name).toBe(false);
  }
});

test('X52: what a client calls itself does not reach the application log, nor does a path', async () => {
  await get('/api/v1/items?q=%0Asecret-word', 'User-Agent: \u001b[31mred-agent', 'X-Request-Id: mine');
  const lines = held.world.logLines.join('');
  expect(lines).not.toMatch(/red-agent|secret-word|mine/);
  for (const line of held.world.logLines) expect(line.trimEnd().split('\n')).toHaveLength(1);
});
