/**
 * `/livez`, `/readyz` and `/metrics` on a port of their own, loopback by default and never the public one
 * (reliability.md 6; X68). Answers hold codes and figures, no names, paths or texts.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface Health {
  /** Codes of what is not ready; empty when all is. Touches store, log head, keyring, clock and free space. */
  notReady(): Promise<readonly string[]>;
  readonly registry: Registry;
}

/** Serves the three pages; resolves once it listens. */
export async function listenHealth(
  health: Health,
  where: { readonly host: string; readonly port: number },
): Promise<{ readonly address: AddressInfo; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    const failed = () => answer(503, 'application/json', '{"notReady":["unknown"]}');
    if (request.method !== 'GET') return answer(405, 'text/plain', '');
    if (request.url === '/livez') return answer(200, 'application/json', '{"alive":true}');
    if (request.url === '/readyz') {
      health
        .notReady()
        .then((codes) =>
          answer(codes.length === 0 ? 200 : 503, 'application/json', JSON.stringify({ notReady: codes })),
        )
        .catch(failed);
      return;
    }
    if (request.url === '/metrics') {
      health.registry
        .metrics()
        .then((text) => answer(200, health.registry.contentType, text))
        .catch(failed);
      return;
    }
    return answer(404, 'text/plain', '');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, resolve);
  });
  return { address: server.address() as AddressInfo, close: () => closed(server) };
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
