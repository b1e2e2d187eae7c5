/** tus 1.0.0 with creation, checksum, termination, expiration (P21, X54, X55): a real client, and every refusal. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Upload } from 'tus-js-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  TUS_VERSION,
  type TusAnswer,
  type TusUpload,
  tusCreated,
  tusCreation,
  tusOptions,
  tusVerbs,
} from '../../src/api/tus.ts';
import { SEGMENT_SIZE } from '../../src/crypto/geometry.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { folderVault, pieces, sha256 } from './parts.ts';

const MAX = 1_000_000_000;
const LATER = Date.UTC(2030, 0, 2, 3, 4, 5);

async function uploading(size: number, more: Partial<TusUpload> = {}) {
  const vault = await folderVault();
  const { row, intake } = await vault.begin(size);
  const upload: TusUpload = { row, expiresAt: LATER, over: false, metadata: '', ...more };
  const verbs = tusVerbs(vault.store);
  const request = (headers: Record<string, string>, body?: Uint8Array) => ({
    headers: new Headers({ 'tus-resumable': '1.0.0', ...headers }),
    ...(body ? { body: pieces(body) } : {}),
  });
  const patch = (offset: string, body: Uint8Array, headers: Record<string, string> = {}) =>
    verbs.patch(
      request(
        { 'upload-offset': offset, 'content-type': 'application/offset+octet-stream', ...headers },
        body,
      ),
      upload,
    );
  return { vault, upload, verbs, request, patch, intake };
}

test('P21: a real client uploads, is cut off, resumes, and every byte is there', async () => {
  const vault = await folderVault();
  const bytes = randomBytes(SEGMENT_SIZE + 3_000_000);
  const verbs = tusVerbs(vault.store);
  const begun = new Map<
    string,
    { upload: TusUpload; intake: Awaited<ReturnType<typeof vault.begin>>['intake'] }
  >();
  let requests = 0;
  const server = createServer(async (incoming, outgoing) => {
    requests += 1;
    const request = { headers: new Headers(incoming.headers as Record<string, string>), body: incoming };
    const found = begun.get(incoming.url?.split('/').at(-1) ?? '')?.upload;
    let answer: TusAnswer;
    if (incoming.method === 'POST') {
      const creation = tusCreation(request, MAX);
      if ('status' in creation) answer = creation;
      else {
        const { row, intake } = await vault.begin(creation.length);
        const upload = { row, expiresAt: LATER, over: false, metadata: creation.rawMetadata };
        begun.set(row.id, { upload, intake });
        answer = tusCreated(`/uploads/${row.id}`, LATER);
      }
    } else if (incoming.method === 'HEAD') answer = await verbs.head(request, found);
    else {
      // The third request is cut off after some of its bytes.
      if (requests === 3) setTimeout(() => incoming.destroy(), 5);
      answer = await verbs.patch(request, found);
    }
    outgoing.writeHead(answer.status, answer.headers).end();
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve, reject) => {
    new Upload(bytes, {
      endpoint: `http://127.0.0.1:${port}/uploads`,
      chunkSize: 8 * 1024 * 1024,
      retryDelays: [0, 50, 100, 200],
      metadata: { note: '录像' },
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
  const [only] = begun.values();
  const found = only && (await vault.vault.finish(only.intake));
  if (!found || isRefusal(found)) throw new Error('not finished');
  expect(found.sha256).toBe(sha256(bytes));
});

describe('PATCH', () => {
  test.each<[string, number, string, Record<string, string>, number]>([
    ['a wrong offset', 409, '5', {}, 10],
    ['past the length', 413, '0', { 'content-length': '101' }, 101],
    ['past the length without saying so', 413, '0', {}, 101],
    ['a negative offset', 400, '-1', {}, 10],
    ['an offset of 2⁶³', 400, '9223372036854775808', {}, 10],
    ['an offset that is no number', 400, '0x0', {}, 10],
    ['another length', 400, '0', { 'upload-length': '99' }, 10],
    ['a lying length', 400, '0', { 'content-length': '1e3' }, 10],
    ['another type', 415, '0', { 'content-type': 'application/octet-stream' }, 10],
    ['an older protocol', 412, '0', { 'tus-resumable': '0.2.2' }, 10],
    ['a wrong checksum', 460, '0', { 'upload-checksum': `sha1 ${Buffer.alloc(20).toString('base64')}` }, 10],
    ['an unknown algorithm', 400, '0', { 'upload-checksum': 'crc32 AAAAAA==' }, 10],
    ['a checksum of the wrong size', 400, '0', { 'upload-checksum': 'sha1 AAAA' }, 10],
  ])('X54: %s is answered %i and changes nothing', async (_name, status, offset, headers, length) => {
    const { patch, vault, upload } = await uploading(100);
    const answer = await patch(offset, randomBytes(length), headers);
    expect(answer.status).toBe(status);
    expect(answer.headers['tus-resumable']).toBe(TUS_VERSION);
    expect(await vault.store.offset(upload.row)).toBe(0);
  });

  test('X54: two at once have one winner, a finished upload takes nothing more', async () => {
    const { patch } = await uploading(1_000_000);
    const bytes = randomBytes(1_000_000);
    const both = await Promise.all([patch('0', bytes), patch('0', bytes)]);
    expect(both.map(({ status }) => status)).toEqual([204, 423]);
    expect((await patch('1000000', bytes)).status).toBe(403);
    expect((await patch('1000000', Buffer.alloc(0), { 'content-length': '5' })).status).toBe(403);
  });

  test('a right checksum is kept, and the answer says offset and expiry as long as bytes are missing', async () => {
    const { patch } = await uploading(100);
    const bytes = randomBytes(60);
    for (const [at, part] of [
      [0, bytes],
      [60, bytes.subarray(0, 40)],
    ] as const) {
      const digest = createHash('sha256').update(part).digest('base64');
      const answer = await patch(`${at}`, part, { 'upload-checksum': `sha256 ${digest}` });
      expect(answer.status).toBe(204);
      expect(answer.headers['upload-offset']).toBe(`${at + part.length}`);
      expect(answer.headers['upload-expires']).toBe(at === 0 ? 'Wed, 02 Jan 2030 03:04:05 GMT' : undefined);
    }
  });

  test('X55: an upload that is not theirs to know is 404, one that is over 410, for every verb', async () => {
    const { verbs, request, upload } = await uploading(100);
    const headers = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
    for (const verb of ['head', 'patch', 'remove'] as const) {
      expect((await verbs[verb](request(headers), undefined)).status).toBe(404);
      expect((await verbs[verb](request(headers), { ...upload, over: true })).status).toBe(410);
    }
  });
});

describe('HEAD, DELETE, OPTIONS, creation', () => {
  test('HEAD says offset, length, expiry and metadata, and is never cached', async () => {
    const { verbs, request, upload, patch } = await uploading(100, { metadata: 'note YQ==' });
    await patch('0', randomBytes(30));
    const { status, headers } = await verbs.head(request({}), upload);
    expect(status).toBe(200);
    expect(headers).toEqual({
      'tus-resumable': '1.0.0',
      'cache-control': 'no-store',
      'upload-offset': '30',
      'upload-length': '100',
      'upload-metadata': 'note YQ==',
      'upload-expires': 'Wed, 02 Jan 2030 03:04:05 GMT',
    });
  });

  test('DELETE ends an upload: it is gone from then on', async () => {
    const { verbs, request, upload, patch } = await uploading(100);
    await patch('0', randomBytes(30));
    expect((await verbs.remove(request({}), upload)).status).toBe(204);
    expect((await verbs.head(request({}), upload)).status).toBe(410);
    expect((await patch('30', randomBytes(3))).status).toBe(410);
  });

  test('OPTIONS says what this server can do', () => {
    expect(tusOptions(MAX).headers).toMatchObject({
      'tus-version': '1.0.0',
      'tus-max-size': '1000000000',
      'tus-extension': 'creation,checksum,termination,expiration',
      'tus-checksum-algorithm': 'sha256,sha1',
    });
  });

  const creation = (headers: Record<string, string>) =>
    tusCreation({ headers: new Headers({ 'tus-resumable': '1.0.0', ...headers }) }, MAX);

  test('creation reads length and metadata', () => {
    expect(creation({ 'upload-length': '0', 'upload-metadata': 'name YQ==,flag, b Yg==' })).toEqual({
      length: 0,
      metadata: new Map([
        ['name', 'a'],
        ['flag', ''],
        ['b', 'b'],
      ]),
      rawMetadata: 'name YQ==,flag, b Yg==',
    });
  });

  test.each<[Record<string, string>, number]>([
    [{}, 400],
    [{ 'upload-length': '-1' }, 400],
    [{ 'upload-length': '1.5' }, 400],
    [{ 'upload-length': '9223372036854775808' }, 400],
    [{ 'upload-length': '1000000001' }, 413],
    [{ 'upload-length': '5', 'upload-defer-length': '1' }, 400],
    [{ 'upload-length': '5', 'upload-metadata': 'a YQ==,a YQ==' }, 400],
    [{ 'upload-length': '5', 'upload-metadata': 'a !' }, 400],
    [{ 'upload-length': '5', 'upload-metadata': ',' }, 400],
    [{ 'upload-length': '5', 'upload-metadata': 'a YR==' }, 400],
    [{ 'upload-length': '5', 'upload-metadata': `a ${'YQ'.repeat(3_000)}` }, 400],
    [{ 'upload-length': '5', 'tus-resumable': '2.0.0' }, 412],
  ])('X55: creation with %j is answered %i', (headers, status) => {
    expect(creation(headers)).toMatchObject({ status });
  });
});
