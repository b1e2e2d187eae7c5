/**
 * The resumable upload protocol tus 1.0.0 with creation, checksum, termination and expiration (K5, P21, X54) over the
 * uploads: verbs as plain functions from headers and bytes to an answer. A door mounts them, says who may, and makes
 * uploads only for intakes that an act has begun. Answers hold codes, never words of a fault.
 * Not offered: deferred length, concatenation, checksum trailers, and the method override header, which is no border
 * guard's friend (reliability 4).
 */
import type { UploadRow, Uploads, WriteOptions, WriteRefusal } from '../acts/ports/content.ts';

export const TUS_VERSION = '1.0.0';
/** Checked as the bytes arrive. */
const ALGORITHMS = ['sha256', 'sha1'] as const;

export interface TusRequest {
  /** Lower-case names. */
  readonly headers: { get(name: string): string | null };
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** `code` names why it was refused; the door turns it into a problem document. */
export interface TusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly code?: TusCode;
}

export type TusCode = WriteRefusal | 'bad-input' | 'wrong-type' | 'not-found' | 'version-unsupported';

/** An upload as the rows have it. */
export interface TusUpload {
  readonly row: UploadRow;
  /** ms UTC; the door passes uploads past it as `over`. */
  readonly expiresAt: number;
  /** No longer open: expired, cancelled or accepted. */
  readonly over: boolean;
  /** `Upload-Metadata` as the client gave it when it created the upload, or ''. */
  readonly metadata: string;
}

export interface Creation {
  /** Bytes. */
  readonly length: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** As given, for the answers to HEAD. */
  readonly rawMetadata: string;
}

const STATUS: Record<TusCode, number> = {
  'bad-input': 400,
  finished: 403,
  'not-found': 404,
  'upload-conflict': 409,
  gone: 410,
  'version-unsupported': 412,
  'too-large': 413,
  'wrong-type': 415,
  'upload-locked': 423,
  'checksum-mismatch': 460,
};

/** "The Tus-Resumable header MUST be included in every request and response except for OPTIONS requests." */
const VERSION = { 'tus-resumable': TUS_VERSION };

const refused = (code: TusCode, more: Record<string, string> = {}): TusAnswer => ({
  status: STATUS[code],
  headers: { ...VERSION, ...more },
  code,
});

/** "A successful response … MUST contain the Tus-Version header", and what else this server can do. */
export function tusOptions(maxSize: number): TusAnswer {
  return {
    status: 204,
    headers: {
      ...VERSION,
      'tus-version': TUS_VERSION,
      'tus-max-size': `${maxSize}`,
      'tus-extension': 'creation,checksum,termination,expiration',
      'tus-checksum-algorithm': ALGORITHMS.join(','),
    },
  };
}

/**
 * Reads the request that wants an upload created. "The request MUST include … Upload-Length … non-negative integer";
 * "If the length … exceeds the maximum … the Server MUST respond with 413".
 */
export function tusCreation({ headers }: TusRequest, maxSize: number): Creation | TusAnswer {
  const version = checkVersion(headers);
  if (version) return version;
  // Without the extension `creation-defer-length`, a length that is to follow cannot be taken.
  if (headers.get('upload-defer-length') !== null) return refused('bad-input');
  const length = wholeNumber(headers.get('upload-length'));
  if (length === undefined) return refused('bad-input');
  if (length > maxSize) return refused('too-large');
  const rawMetadata = headers.get('upload-metadata') ?? '';
  const metadata = metadataOf(rawMetadata);
  return metadata ? { length, metadata, rawMetadata } : refused('bad-input');
}

/** "The Server MUST acknowledge a successful upload creation with 201 … MUST set the Location header." */
export function tusCreated(location: string, expiresAt: number): TusAnswer {
  return { status: 201, headers: { ...VERSION, location, 'upload-expires': httpDate(expiresAt) } };
}

export interface TusVerbs {
  head(request: TusRequest, upload: TusUpload | undefined): Promise<TusAnswer>;
  patch(request: TusRequest, upload: TusUpload | undefined): Promise<TusAnswer>;
  remove(request: TusRequest, upload: TusUpload | undefined): Promise<TusAnswer>;
}

/** HEAD, PATCH and DELETE of an upload; `undefined` is one that does not exist or is not theirs to know. */
export function tusVerbs(store: Uploads): TusVerbs {
  return {
    async head({ headers }, upload) {
      // "The Server MUST prevent the client and/or proxies from caching the response".
      const fresh = { 'cache-control': 'no-store' };
      const stop = checkVersion(headers) ?? missing(upload, fresh);
      if (stop) return stop;
      if (!upload) return refused('not-found', fresh);
      const offset = await store.offset(upload.row);
      if (offset === undefined) return refused('gone', fresh);
      return {
        status: 200,
        headers: {
          ...VERSION,
          ...fresh,
          // "The Server MUST always include the Upload-Offset header", and the length "if the size … is known".
          'upload-offset': `${offset}`,
          'upload-length': `${upload.row.size}`,
          ...(upload.metadata === '' ? {} : { 'upload-metadata': upload.metadata }),
          ...expiry(upload, offset),
        },
      };
    },

    async patch(request, upload) {
      const stop = checkVersion(request.headers) ?? missing(upload);
      if (stop) return stop;
      if (!upload) return refused('not-found');
      const wanted = readPatch(request);
      if ('status' in wanted) return wanted;
      const { offset, options } = wanted;
      const done = await store.write(upload.row, offset, request.body ?? nothing(), options);
      if ('refused' in done) return refused(done.refused);
      // "The Server MUST acknowledge successful PATCH requests with 204 … MUST include the Upload-Offset header".
      return {
        status: 204,
        headers: { ...VERSION, 'upload-offset': `${done.offset}`, ...expiry(upload, done.offset) },
      };
    },

    async remove({ headers }, upload) {
      const stop = checkVersion(headers) ?? missing(upload);
      if (stop) return stop;
      if (!upload) return refused('not-found');
      const done = await store.remove(upload.row);
      // "The Server SHOULD respond with 204", and from then on with 404 or 410.
      return 'refused' in done ? refused(done.refused) : { status: 204, headers: VERSION };
    },
  };
}

/** "If the … version … is not supported by the Server, it MUST respond with 412 … MUST include Tus-Version". */
function checkVersion(headers: TusRequest['headers']): TusAnswer | undefined {
  if (headers.get('tus-resumable') === TUS_VERSION) return undefined;
  return refused('version-unsupported', { 'tus-version': TUS_VERSION });
}

function missing(upload: TusUpload | undefined, more: Record<string, string> = {}): TusAnswer | undefined {
  if (!upload) return refused('not-found', more);
  return upload.over ? refused('gone', more) : undefined;
}

/** "All PATCH requests MUST use Content-Type: application/offset+octet-stream" and name a non-negative offset. */
function readPatch({ headers, signal }: TusRequest): { offset: number; options: WriteOptions } | TusAnswer {
  if (headers.get('content-type') !== 'application/offset+octet-stream') return refused('wrong-type');
  // "Once it is set the length MUST NOT be changed": no request may name one again.
  if (headers.get('upload-length') !== null) return refused('bad-input');
  const offset = wholeNumber(headers.get('upload-offset'));
  if (offset === undefined) return refused('bad-input');
  const length = headers.get('content-length');
  const announced = length === null ? 0 : wholeNumber(length);
  if (announced === undefined) return refused('bad-input');
  const checksum = checksumOf(headers.get('upload-checksum'));
  if (checksum === 'malformed') return refused('bad-input');
  return { offset, options: { announced, ...(signal ? { signal } : {}), ...(checksum ? { checksum } : {}) } };
}

function checksumOf(header: string | null): WriteOptions['checksum'] | 'malformed' {
  if (header === null) return undefined;
  const [, name, encoded = ''] = /^([a-z0-9]{1,16}) ([A-Za-z0-9+/]{1,88}={0,2})$/.exec(header) ?? [];
  const algorithm = ALGORITHMS.find((known) => known === name);
  const digest = Buffer.from(encoded, 'base64');
  const fits = digest.length === (algorithm === 'sha1' ? 20 : 32) && digest.toString('base64') === encoded;
  return algorithm && fits ? { algorithm, digest } : 'malformed';
}

/** "Key … MUST NOT contain spaces and commas and MUST NOT be empty … value MUST be Base64 … keys MUST be unique." */
function metadataOf(header: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  if (header === '') return found;
  if (header.length > 4_096) return undefined;
  for (const pair of header.split(',')) {
    const [, key, encoded = ''] =
      /^ ?([\x21-\x2b\x2d-\x7e]{1,64})(?: ([A-Za-z0-9+/]*={0,2}))?$/.exec(pair) ?? [];
    const value = Buffer.from(encoded, 'base64');
    if (key === undefined || found.has(key) || value.toString('base64') !== encoded) return undefined;
    found.set(key, value.toString('utf8'));
  }
  return found;
}

/** Digits only, and exact: 2⁶³ is no offset of ours. */
function wholeNumber(text: string | null): number | undefined {
  if (text === null || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** "MUST be included in every PATCH response if the upload is going to expire"; a complete one does not. */
function expiry({ row, expiresAt }: TusUpload, offset: number): Record<string, string> {
  return offset < row.size ? { 'upload-expires': httpDate(expiresAt) } : {};
}

/** "Its value MUST be in RFC 9110 datetime format." */
function httpDate(at: number): string {
  return new Date(at).toUTCString();
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
