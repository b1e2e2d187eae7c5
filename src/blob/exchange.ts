/**
 * One HTTP exchange with an S3 store (K4.2, P7): known length both ways, no redirect followed, nothing waited for
 * longer than the patience allows, the response drained or destroyed on every path.
 * Not trusted: what answers may lie, stop, trickle or never answer.
 */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions, Agent as TlsAgent } from 'node:https';
import { BlobFault, BlobMissing } from '../acts/ports/blob.ts';

/** Milliseconds. No request lasts longer than `total`; none may stand still for `stall`. */
export interface Patience {
  readonly stall: number;
  readonly total: number;
}

export const DEFAULT_PATIENCE: Patience = { stall: 10_000, total: 30_000 };
const ERROR_BODY_BYTES = 64 * 1024;
/** Bytes a second below which a store is as good as hanging, once `total` has passed. */
const LOWEST_RATE = 64 * 1024;

export interface Sending {
  readonly method: 'GET' | 'PUT';
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** The connections to one store. The `minio` client goes through {@link Wire.transport}, so the same limits hold. */
export interface Wire {
  readonly agent: Agent;
  readonly transport: { request: typeof httpsRequest };
  readonly patience: Patience;
  /** Resolves with the head of a 2xx answer, whose body the caller must finish. `budget` is in milliseconds. */
  send(sending: Sending, budget: number): Promise<IncomingMessage>;
  close(): void;
}

/** Opens nothing yet; sockets are kept alive between requests. */
export function openWire(tls: boolean, ca: string | undefined, patience: Patience): Wire {
  const options = { keepAlive: true, maxSockets: 64, maxFreeSockets: 8, scheduling: 'lifo' as const };
  const agent = tls ? new TlsAgent({ ...options, ...(ca === undefined ? {} : { ca }) }) : new Agent(options);
  const request = tls ? httpsRequest : httpRequest;

  /** For the small requests of the `minio` client: the answer and its body within `stall`. */
  function limited(target: RequestOptions, answered?: (answer: IncomingMessage) => void): ClientRequest {
    const running = request({ ...target, agent }, answered);
    const timer = setTimeout(() => running.destroy(slow()), patience.stall);
    running.once('close', () => clearTimeout(timer));
    return running;
  }

  return {
    agent,
    transport: { request: limited as typeof httpsRequest },
    patience,
    send: (sending, budget) => send(sending, budget, { request, agent, stall: patience.stall }),
    close: () => agent.destroy(),
  };
}

interface Way {
  readonly request: typeof httpsRequest | typeof httpRequest;
  readonly agent: Agent;
  readonly stall: number;
}

function send(sending: Sending, budget: number, way: Way): Promise<IncomingMessage> {
  const { method, url, body, signal } = sending;
  const length = body === undefined ? {} : { 'content-length': `${body.byteLength}` };
  const headers = { ...sending.headers, ...length };
  return new Promise((resolve, reject) => {
    const running = way.request(url, { method, headers, agent: way.agent, ...(signal && { signal }) });
    const timer = setTimeout(() => running.destroy(slow()), budget);
    running.setTimeout(way.stall, () => running.destroy(slow()));
    running.once('error', (error) => {
      clearTimeout(timer);
      reject(faultOf(error));
    });
    running.once('response', (answer) => {
      clearTimeout(timer);
      // From here the reader watches: a viewer who pauses is not a store that hangs.
      running.setTimeout(0);
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) resolve(answer);
      else refusal(answer, way.stall).then(reject, reject);
    });
    running.end(body);
  });
}

/** The whole of a small answer, or a fault. */
export async function drained(answer: IncomingMessage, stall: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const timer = setTimeout(() => answer.destroy(slow()), stall);
  try {
    for await (const piece of answer as AsyncIterable<Uint8Array>) {
      size += piece.byteLength;
      if (size > ERROR_BODY_BYTES)
        throw new BlobFault('damaged', 'The store answered with more than it should.');
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch (error) {
    throw faultOf(error);
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
}

/** Pulls a long answer piece by piece; only the time spent waiting for the store counts, not the reader's. */
export function answerSource(answer: IncomingMessage, patience: Patience) {
  const pieces = (answer as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  let waited = 0;
  let received = 0;
  return {
    async pull(): Promise<Uint8Array | undefined> {
      const since = performance.now();
      const timer = setTimeout(() => answer.destroy(slow()), patience.stall);
      try {
        const next = await pieces.next();
        waited += performance.now() - since;
        if (next.done) return undefined;
        received += next.value.byteLength;
        if (waited > patience.total + (received / LOWEST_RATE) * 1000) throw slow();
        return next.value;
      } catch (error) {
        throw faultOf(error);
      } finally {
        clearTimeout(timer);
      }
    },
    async close(atEnd: boolean): Promise<void> {
      if (atEnd) return;
      // Without a listener the reset that destroying causes would end the process.
      answer.on('error', () => undefined);
      answer.destroy();
    },
  };
}

async function refusal(answer: IncomingMessage, stall: number): Promise<Error> {
  const status = answer.statusCode ?? 0;
  const text = await drained(answer, stall).then(String, () => '');
  return refusalOf(status, /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text)?.[1] ?? '');
}

/** What a status and an S3 error code mean for us. */
export function refusalOf(status: number, code: string): Error {
  const said = [status || '', code].filter(Boolean).join(' ');
  if (status === 404 || /^NoSuch(Key|Upload|Version)$/.test(code)) {
    return code === 'NoSuchBucket'
      ? new BlobFault('refused', 'The store has no such bucket.')
      : new BlobMissing('There is no such object.');
  }
  if (status === 412 || code === 'PreconditionFailed') {
    return new BlobFault('exists', 'There is an object of this name already.');
  }
  if (status === 501 || code === 'NotImplemented')
    return new BlobFault('unsupported', `The store cannot do this.`);
  if (status === 416 || code === 'InvalidRange') {
    return new BlobFault('damaged', 'The object is shorter than the range asked for.');
  }
  if (
    status >= 500 ||
    status === 429 ||
    status === 408 ||
    /^(SlowDown|InternalError|ServiceUnavailable|ConditionalRequestConflict)$/.test(code)
  ) {
    return new BlobFault('unreachable', `The store cannot answer now (${said}).`);
  }
  return new BlobFault('refused', `The store refused (${said}).`);
}

/** A connection that failed, in one text. */
export function faultOf(error: unknown): Error {
  if (error instanceof BlobFault || error instanceof BlobMissing || error instanceof RangeError) return error;
  return new BlobFault('unreachable', 'The connection to the store failed.', { cause: error });
}

function slow(): BlobFault {
  return new BlobFault('timeout', 'The store made no progress.');
}
