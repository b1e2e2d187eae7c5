/**
 * The `minio` client for what is small (uploads begun and ended, listings, deletes, bucket settings), and presigned
 * addresses for what is large (K4.2). Errors leave without address, bucket or credential.
 */

import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type * as minioPackage from 'minio';
import { BlobFault, BlobMissing } from '../acts/ports/blob.ts';
import { DEFAULT_PATIENCE, faultOf, openWire, type Patience, refusalOf, type Wire } from './exchange.ts';

export interface S3Options {
  /** `https://host[:port]`; plain http only to this machine (S6). */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  /** Asked once, when the store is opened; never kept in an object that is printed. */
  readonly secretKey: () => string;
  /** Bucket in the path (the default) or in the host name. */
  readonly pathStyle?: boolean;
  /** PEM of the authority that the store's certificate comes from, where the system does not know it. */
  readonly ca?: string;
  readonly patience?: Patience;
}

/** What one S3 store is spoken to with. */
export interface S3Client {
  readonly minio: minioPackage.Client;
  readonly wire: Wire;
  readonly bucket: string;
  /** An address that is valid for five minutes, for one object and one method. */
  address(method: 'GET' | 'PUT', name: string, query?: Record<string, string>): Promise<string>;
  /** Tries up to three times what failed for lack of an answer; `budget` is what is left of the patience, in ms. */
  attempt<T>(run: (budget: number) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

// By `require`: imported, the package takes 9 MB more in every process that speaks S3.
const { Client } = createRequire(import.meta.url)('minio') as typeof minioPackage;

const ADDRESS_SECONDS = 300;
const TRIES = 3;

/** Connects to nothing yet. Throws a `RangeError` for an endpoint that would send bytes over a network in the clear. */
export function openS3Client(options: S3Options): S3Client {
  const url = new URL(options.endpoint);
  const tls = url.protocol === 'https:';
  if (!tls && !(url.protocol === 'http:' && isThisMachine(url.hostname))) {
    throw new RangeError('The object store is reached by https, or by http on this machine (S6).');
  }
  const patience = options.patience ?? DEFAULT_PATIENCE;
  const wire = openWire(tls, options.ca, patience);
  const minio = new Client({
    endPoint: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    useSSL: tls,
    region: options.region,
    accessKey: options.accessKey,
    secretKey: options.secretKey(),
    pathStyle: options.pathStyle ?? true,
    transport: wire.transport as never,
    transportAgent: wire.agent,
    // Its own retries write to the console and know no deadline.
    retryOptions: { disableRetry: true },
  });
  return {
    minio,
    wire,
    bucket: options.bucket,
    address: (method, name, query) =>
      minio.presignedUrl(method, options.bucket, name, ADDRESS_SECONDS, { ...query }),
    attempt: (run, signal) => attempt(run, patience, signal),
  };
}

async function attempt<T>(
  run: (budget: number) => Promise<T>,
  patience: Patience,
  signal: AbortSignal | undefined,
): Promise<T> {
  const start = performance.now();
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      return await run(Math.max(1, patience.total - (performance.now() - start)));
    } catch (error) {
      signal?.throwIfAborted();
      const fault = s3FaultOf(error);
      const again = fault instanceof BlobFault && (fault.code === 'unreachable' || fault.code === 'timeout');
      if (!again || tries === TRIES || performance.now() - start > patience.total / 2) throw fault;
      await new Promise((resolve) => setTimeout(resolve, 40 * 4 ** tries * (0.5 + Math.random() / 2)));
    }
  }
}

/** What a failure of the client or of a connection means to us. */
export function s3FaultOf(error: unknown): Error {
  if (error instanceof BlobFault || error instanceof BlobMissing || error instanceof RangeError) return error;
  if (!(error instanceof Error)) return faultOf(error);
  const status = /Retryable HTTP status: (\d{3})/.exec(error.message)?.[1];
  if (status !== undefined) return refusalOf(Number(status), '');
  if (error.constructor.name !== 'S3Error') return faultOf(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'Unknown';
  if (code === 'NotFound') return refusalOf(404, '');
  if (code === 'MethodNotAllowed') return refusalOf(501, '');
  return refusalOf(0, code);
}

function isThisMachine(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
