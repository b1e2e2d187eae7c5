/** Stands between a client and a real S3 server, on loopback, and spoils chosen answers (P7). */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export type Fault =
  /** the length that was promised, half the bytes, then the connection ends */
  | 'cut-body'
  /** half the bytes and a length that agrees with them */
  | 'short-length'
  /** no length, and ten bytes more than asked for */
  | 'long-body'
  /** the whole object with 200, whatever range was asked for */
  | 'ignore-range'
  /** takes the request and never answers */
  | 'hang'
  /** head and half the bytes, then silence */
  | 'hang-body'
  /** head, then a byte every 20 ms */
  | 'trickle'
  | 'redirect'
  | 'reset'
  | 'status-500'
  | 'status-503'
  | 'status-403'
  | 'status-404'
  /** the request is done, its answer is lost */
  | 'lost-answer'
  /** 200 with an error in the body, and nothing done */
  | 'error-in-200'
  /** 200 and a body that is no XML, and nothing done */
  | 'empty-200';

export interface FaultProxy {
  readonly endpoint: string;
  /** Spoils the next `times` requests whose method and address match. */
  spoil(fault: Fault, match: { method: string; address?: RegExp; times?: number }): void;
  /** Spoils nothing any more. */
  heal(): void;
  stop(): Promise<void>;
}

interface Spoiling {
  fault: Fault;
  method: string;
  address: RegExp;
  left: number;
}

/** `tls`: PEM of a key and a certificate, to be spoken to by https. */
export async function startFaultProxy(
  upstream: string,
  tls?: { key: string; cert: string },
): Promise<FaultProxy> {
  const target = new URL(upstream);
  const spoiled: Spoiling[] = [];
  const serve = (asked: IncomingMessage, answer: ServerResponse) => {
    asked.on('error', () => undefined);
    answer.on('error', () => undefined);
    const hit = spoiled.find(
      ({ left, method, address }) => left > 0 && method === asked.method && address.test(asked.url ?? ''),
    );
    if (hit) hit.left -= 1;
    if (hit && spoilBefore(hit.fault, asked, answer)) return;
    const headers = { ...asked.headers };
    if (hit?.fault === 'ignore-range') delete headers.range;
    const { method, url: path } = asked;
    const passing = request({ host: target.hostname, port: target.port, method, path, headers }, (real) => {
      if (hit) spoilAfter(hit.fault, real, answer);
      else real.pipe(answer.writeHead(real.statusCode ?? 502, real.headers));
      real.on('error', () => answer.destroy());
    });
    passing.on('error', () => answer.destroy());
    answer.on('close', () => passing.destroy());
    asked.pipe(passing);
  };
  const server = tls ? createTlsServer(tls, serve) : createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http${tls ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spoil: (fault, { method, address = /./, times = 1 }) => {
      spoiled.push({ fault, method, address, left: times });
    },
    heal: () => {
      spoiled.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What needs no real answer; true when it has been dealt with. */
function spoilBefore(fault: Fault, asked: IncomingMessage, answer: ServerResponse): boolean {
  const status = /^status-(\d+)$/.exec(fault)?.[1];
  if (status !== undefined) {
    asked.resume().on('end', () => answer.writeHead(Number(status)).end());
    return true;
  }
  switch (fault) {
    case 'hang':
      asked.resume();
      return true;
    case 'reset':
      asked.socket.resetAndDestroy();
      return true;
    case 'redirect':
      asked.resume().on('end', () => answer.writeHead(307, { location: 'http://127.0.0.1:9/x' }).end());
      return true;
    case 'error-in-200':
      asked.resume().on('end', () => answer.writeHead(200).end(ERROR));
      return true;
    case 'empty-200':
      asked.resume().on('end', () => answer.writeHead(200).end());
      return true;
    default:
      return false;
  }
}

const ERROR = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>no</Message></Error>';

function spoilAfter(fault: Fault, real: IncomingMessage, answer: ServerResponse): void {
  const pieces: Buffer[] = [];
  real.on('data', (piece: Buffer) => pieces.push(piece));
  real.on('end', () => {
    const body = Buffer.concat(pieces);
    const half = body.subarray(0, body.length >> 1);
    const status = real.statusCode ?? 502;
    const headers = { ...real.headers };
    switch (fault) {
      case 'cut-body':
        answer.writeHead(status, headers).write(half, () => answer.destroy());
        return;
      case 'short-length':
        answer.writeHead(status, { ...headers, 'content-length': half.length }).end(half);
        return;
      case 'long-body':
        delete headers['content-length'];
        answer.writeHead(status, headers).end(Buffer.concat([body, Buffer.alloc(10)]));
        return;
      case 'hang-body':
        answer.writeHead(status, headers).write(half);
        return;
      case 'trickle':
        trickle(answer.writeHead(status, headers), body);
        return;
      case 'lost-answer':
        answer.destroy();
        return;
      default:
        answer.writeHead(status, headers).end(body);
    }
  });
}

function trickle(answer: ServerResponse, body: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    answer.write(body.subarray(at, at + 1));
    at += 1;
    if (at >= body.length) answer.end();
  }, 20);
  answer.on('close', () => clearInterval(timer));
}
