/**
 * An upload by a client of another make against a service that dies five times. 64 MiB; a GiB with CUSTOS_BIG=1, as
 * `CUSTOS_BIG=1 npx vitest run --project service test/big`.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Upload } from 'tus-js-client';
import { expect, onTestFinished, test } from 'vitest';
import { apply, approve, open as openViewing, setUp } from '../../src/cli/demo/chain.ts';
import type { Client } from '../../src/cli/demo/client.ts';
import { demoSettings, newNode, ownClip } from '../../src/cli/demo/once.ts';
import { type OwnNode, startOwnNode } from '../../src/cli/demo/own-node.ts';
import { freePorts } from '../servers/process.ts';

const size = process.env.CUSTOS_BIG === '1' ? 2 ** 30 : 64 * 2 ** 20;
const kills = 5;

/** A file that begins as a recording, so that it may be watched, and goes on with random bytes. */
async function makeFile(path: string): Promise<string> {
  await copyFile(ownClip(), path);
  const file = await open(path, 'a');
  const clip = (await stat(path)).size;
  for (let left = size - clip; left > 0; left -= 2 ** 20)
    await file.write(randomBytes(Math.min(left, 2 ** 20)));
  await file.close();
  return hashOf(createReadStream(path));
}

async function hashOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(bytes, hash);
  return hash.digest('hex');
}

interface Told {
  /** Highest `Upload-Offset` that was acknowledged. */
  acknowledged: number;
  /** Offsets that HEAD answered, each with what had been acknowledged before. */
  readonly found: { readonly offset: number; readonly acknowledged: number }[];
}

/** Uploads to the end; `sent` hears how many bytes went out. */
function upload(path: string, url: string, custodian: Client, told: Told, sent: (bytes: number) => void) {
  return new Promise<void>((resolve, reject) => {
    new Upload(createReadStream(path), {
      uploadUrl: url,
      chunkSize: 16 * 2 ** 20,
      retryDelays: Array.from({ length: 300 }, () => 200),
      storeFingerprintForResuming: false,
      headers: custodian.headers(),
      onProgress: sent,
      onAfterResponse(request, response) {
        const offset = Number(response.getHeader('Upload-Offset') ?? Number.NaN);
        if (!Number.isSafeInteger(offset) || response.getStatus() >= 300) return;
        if (request.getMethod() === 'HEAD') told.found.push({ offset, acknowledged: told.acknowledged });
        else told.acknowledged = Math.max(told.acknowledged, offset);
      },
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
}

test('P21: five SIGKILLs at random lose no acknowledged byte, and the result is byte-identical', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'custos-resume-'));
  const [port] = await freePorts(1);
  const flags = { ...demoSettings(folder, {}), 'server.port': `${port}`, 'limits.rateScale': '1000' };
  const settings = { ...flags, 'viewing.aheadMs': '0' };
  const { token, trustFile } = await newNode(settings);
  let node: OwnNode = await startOwnNode({ folder, flags: settings });
  onTestFinished(async () => {
    await node.kill();
    await rm(folder, { recursive: true, force: true });
  });
  const { url } = node;
  const file = join(folder, 'recording.webm');
  const sha256 = await makeFile(file);
  const said = { url, token, trustFile, folder, file, say: () => undefined };
  const { centre, people } = await setUp(said);
  const custodian = people.custodian.client;
  const words = { kind: 'recording', class: 'ordinary', title: '东门路口', source: '1 号机', place: '东门' };
  const begun = await custodian.must('POST', '/api/v1/intakes', { centre, ...words, size });

  // One in each fifth, away from its end: what is sent is told in steps.
  const marks = Array.from({ length: kills }, (_, at) =>
    Math.floor(((at + Math.random() * 0.8) * size) / kills),
  );
  let killed = 0;
  let restart: Promise<void> = Promise.resolve();
  let down = false;
  const again = async (): Promise<void> => {
    await node.kill();
    node = await startOwnNode({ folder, flags: settings });
    down = false;
  };
  const told: Told = { acknowledged: 0, found: [] };
  await upload(file, new URL(begun.upload, url).href, custodian, told, (bytes) => {
    const mark = marks[killed];
    if (down || mark === undefined || bytes < mark) return;
    killed += 1;
    down = true;
    restart = again();
  });
  await restart;

  expect(killed, `marks ${marks}`).toBe(kills);
  expect(told.found.length).toBeGreaterThanOrEqual(kills);
  expect(told.found.filter(({ offset, acknowledged }) => offset < acknowledged)).toEqual([]);
  expect(told.acknowledged).toBe(size);
  const { item } = await custodian.must('POST', `/api/v1/intakes/${begun.intake}/accession`);
  const requester = people.requester.client;
  const grant = await approve(people.leader, await apply(requester, item));
  const content = await requester.open('GET', await openViewing(requester, grant, item));
  expect(await hashOf(content)).toBe(sha256);
}, 600_000);
