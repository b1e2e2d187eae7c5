/**
 * The HTTP/1.1 server under the application, with or without TLS, with the limits of reliability.md 4. Odd requests
 * are answered here, on the raw request, before anything has parsed them.
 */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { bareHeaders } from './headers.ts';
import { problemTitles } from './problem-titles.ts';
import { methods, type RawRefusal, rawRefusal } from './raw-guard.ts';

export interface Listening {
  readonly address: AddressInfo;
  /** Stops taking connections, lets requests end for `graceMs`, then resets what is left. */
  close(graceMs: number): Promise<void>;
}

type Fetch = Parameters<typeof getRequestListener>[0];

export interface Where {
  readonly host: string;
  readonly port: number;
  /** PEM of certificate and key; without them the server speaks plain HTTP. TLS 1.2 and newer. */
  readonly tls?: { readonly cert: Uint8Array; readonly key: Uint8Array };
}

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  insecureHTTPParser: false,
  requireHostHeader: true,
};

/** Serves `fetch` on `host:port`. `hosts` is asked per request, so that port 0 can be served too. */
export async function listen(fetch: Fetch, where: Where, hosts: () => readonly string[]): Promise<Listening> {
  const { tls } = where;
  const respond = getRequestListener(fetch, { overrideGlobalObjects: false });
  const take = (request: IncomingMessage, response: ServerResponse) => {
    const refusal = rawRefusal(request, hosts());
    if (refusal) refuseRaw(request, response, refusal, tls !== undefined);
    else void respond(request, response);
  };
  const server = tls
    ? createTlsServer(
        { ...limits, cert: Buffer.from(tls.cert), key: Buffer.from(tls.key), minVersion: 'TLSv1.2' },
        take,
      )
    : createServer(limits, take);
  server.maxConnections = 10_000;
  server.maxRequestsPerSocket = 1_000;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, resolve);
  });
  return {
    address: server.address() as AddressInfo,
    close: (graceMs) => closeServer(server, sockets, graceMs),
  };
}

function refuseRaw(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: RawRefusal,
  tls: boolean,
): void {
  const requestId = randomUUID();
  const title = problemTitles[refusal.code as keyof typeof problemTitles];
  const body = {
    type: `/problems/${refusal.code}`,
    title,
    status: refusal.status,
    code: refusal.code,
    requestId,
  };
  const text = JSON.stringify(body);
  response.writeHead(refusal.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(text),
    ...bareHeaders(tls),
    'x-request-id': requestId,
    connection: 'close',
    ...(refusal.status === 405 ? { allow: methods.join(', ') } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.resetAndDestroy();
  }, graceMs);
  await closed;
  clearTimeout(timer);
}
