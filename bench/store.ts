/**
 * Storing and watching through S3: our sealing upload against minio's putObject of the plaintext, against rclone crypt,
 * and both ways against the service's own path without encryption (the same parts, the same connections, no sealing).
 */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BlobStore, blobName, type PartTag } from '../src/acts/ports/blob.ts';
import { openBlobStore } from '../src/blob/open.ts';
import { sha256Of, takeIn } from '../src/cli/demo/chain.ts';
import { findProgram, run } from '../test/servers/process.ts';
import { type S3Server, startRadosgw } from '../test/servers/radosgw.ts';
import { makeBucket, minioOf } from '../test/servers/s3.ts';
import { contest, contests, type Figure, type Peer, rate } from './figure.ts';
import { benchNode, drain } from './node.ts';

const part = 16 * 1024 * 1024;
const bare = promisify(execFile);
const unsealed = 'our own path without encryption';

/** Sends the file as the vault does, two parts in flight, and seals nothing. */
async function passIn(blob: BlobStore, file: string): Promise<string> {
  const name = blobName(`objects/${randomUUID()}`);
  const upload = await blob.begin(name);
  const { size } = await stat(file);
  const sent: Promise<PartTag>[] = [];
  for (let offset = 0, number = 1; offset < size; offset += part, number += 1) {
    const pieces: Buffer[] = [];
    for await (const piece of createReadStream(file, {
      start: offset,
      end: Math.min(size, offset + part) - 1,
    })) {
      pieces.push(piece as Buffer);
    }
    if (sent.length >= 2) await sent[sent.length - 2];
    sent.push(blob.putPart({ name, upload, number, offset, bytes: Buffer.concat(pieces) }));
  }
  await blob.complete(name, upload, await Promise.all(sent));
  return name;
}

/** Hands an object out over HTTP as it lies in the store. */
async function passOut(blob: BlobStore): Promise<{ server: Server; url: string }> {
  const server = createServer(async (asked, answer) => {
    const name = blobName((asked.url ?? '/').slice(1));
    for await (const bytes of await blob.read(name, 'all')) {
      if (!answer.write(bytes)) await new Promise((resolve) => answer.once('drain', resolve));
    }
    answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Copies the file by rclone's crypt remote; undefined where rclone is not installed. */
async function rcloneCrypt(folder: string, s3: S3Server, bucket: string, file: string) {
  const program = findProgram('rclone');
  if (!program) return undefined;
  const { hostname, port } = new URL(s3.endpoint);
  const conf = join(folder, 'rclone.conf');
  const hidden = (await run(program, ['obscure', 'a password of the bench'])).trim();
  await writeFile(
    conf,
    `[plain]\ntype = s3\nprovider = Ceph\nendpoint = http://${hostname}:${port}\naccess_key_id = ${s3.accessKey}\nsecret_access_key = ${s3.secretKey}\n\n[sealed]\ntype = crypt\nremote = plain:${bucket}/rclone\npassword = ${hidden}\n`,
  );
  // Nothing of this environment: it may name certificates or proxies that rclone would take.
  const env = { PATH: process.env.PATH, HOME: folder };
  const words = ['--config', conf, 'copyto', file];
  return () => bare(program, [...words, `sealed:${randomUUID()}`], { env, timeout: 120_000 });
}

/** Bench names: store-putobject, store-rclone, store-passthrough, watch-passthrough. */
export async function storeFigures(folder: string, file: string): Promise<Figure[]> {
  const s3 = await startRadosgw();
  const { size } = await stat(file);
  const bucket = await makeBucket(s3);
  const address = `s3://${bucket}?endpoint=${encodeURIComponent(s3.endpoint)}&region=${s3.region}`;
  const { accessKey, secretKey } = s3;
  const blob = await openBlobStore(address, { accessKey, secretKey: () => secretKey });
  // A secret never stands on a command line.
  process.env.CUSTOS_STORE__ACCESS_KEY = accessKey;
  process.env.CUSTOS_STORE__SECRET_KEY = secretKey;
  const node = await benchNode(join(folder, 'store'), {}, address);
  const minio = minioOf(s3);
  const out = await passOut(blob);
  try {
    const sha256 = await sha256Of(file);
    const unit = 'MB/s';
    const put = async (): Promise<number> => {
      const name = randomUUID();
      const figure = await rate(size, () => minio.putObject(bucket, name, createReadStream(file), size));
      await minio.removeObject(bucket, name);
      return figure;
    };
    const passed = await passIn(blob, file);
    const pass = async (): Promise<number> => {
      let name = '';
      const figure = await rate(size, async () => {
        name = await passIn(blob, file);
      });
      await blob.delete(blobName(name));
      return figure;
    };
    const rclone = await rcloneCrypt(folder, s3, bucket, file);
    const peers: Peer[] = [
      {
        name: 'store-putobject',
        unit,
        peer: 'minio putObject of the plaintext',
        goal: '≥ 1.3×',
        theirs: put,
      },
      { name: 'store-passthrough', unit, peer: unsealed, goal: '≥ 0.60×', theirs: pass },
    ];
    if (rclone) {
      const theirs = () => rate(size, rclone);
      peers.push({ name: 'store-rclone', unit, peer: 'rclone crypt', goal: '≥ 3×', theirs });
    }
    const takenIn = () => rate(size, () => takeIn(node.custodian, file, node.centre, sha256));
    const stored = await contests(takenIn, peers);
    const viewing = await node.watchable(file);
    const watched = await contest({
      name: 'watch-passthrough',
      unit,
      peer: unsealed,
      goal: '≥ 0.65×',
      ours: async () => {
        const url = await viewing();
        return rate(size, () => drain(url, node.requester.headers()));
      },
      theirs: () => rate(size, () => drain(`${out.url}/${passed}`)),
    });
    return [...stored, watched];
  } finally {
    out.server.closeAllConnections();
    out.server.close();
    await node.stop();
    await s3.stop();
  }
}
