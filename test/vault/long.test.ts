/** Long streams (K5, K6, K11): killed anywhere, bounded in memory, byte-identical from a folder and from S3. */
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { UploadRow } from '../../src/acts/ports/content.ts';
import { openFolderStore } from '../../src/blob/folder.ts';
import { openS3Store } from '../../src/blob/s3.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { openItems } from '../../src/vault/viewing-reader.ts';
import { describeWith } from '../servers/needs.ts';
import { makeBucket } from '../servers/s3.ts';
import { freshFolder, keyTree, type TestVault, vaultOver } from './parts.ts';
import { isPseudoRandom, pseudoRandom, pseudoRandomSha256 } from './stream.ts';

const MIB = 1024 * 1024;
const CHILD = fileURLToPath(new URL('./upload-child.ts', import.meta.url));

async function* body(from: number, to: number): AsyncGenerator<Uint8Array> {
  yield* pseudoRandom(from, to);
}

/** Runs the child; kills it with SIGKILL after `killAfter` ms. Answers its last words of each kind. */
async function upload(folder: string, root: Buffer, row: UploadRow, request: number, killAfter?: number) {
  const json = JSON.stringify({ ...row, wrappedDek: Buffer.from(row.wrappedDek).toString('hex') });
  const child = spawn(process.execPath, [CHILD, folder, root.toString('hex'), json, `${request}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = new Map<string, number>();
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface(child.stdout);
  let timer: NodeJS.Timeout | undefined;
  lines.on('line', (line) => {
    const [word = '', value = ''] = line.split(' ');
    said.set(word, Number(value));
    if (killAfter !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  await ended;
  clearTimeout(timer);
  return { acknowledged: said.get('ack') ?? 0, peak: said.get('peak') };
}

async function readsBack(vault: TestVault, begun: Awaited<ReturnType<TestVault['begin']>>): Promise<void> {
  const { size } = begun.row;
  const found = await vault.vault.finish(begun.intake);
  if (isRefusal(found)) throw new Error(found.refused);
  expect(found.sha256).toBe(pseudoRandomSha256(size));
  const alarms: string[] = [];
  const items = openItems(vault.blob, vault.leaves, (_item, where) => alarms.push(where));
  const reader = await items.open(
    { live: () => true },
    { ...begun.row, sealedManifest: found.sealedManifest },
  );
  expect(await isPseudoRandom(0, size, reader.stream(0, size))).toBe(true);
  const middle = size - 20 * MIB - 3;
  expect(await isPseudoRandom(middle, 5 * MIB, reader.stream(middle, middle + 5 * MIB))).toBe(true);
  expect(alarms).toEqual([]);
}

describe('Folder', () => {
  test('P1, P21: killed with SIGKILL again and again, nothing acknowledged is lost and every byte is right', async () => {
    const folder = await freshFolder();
    const root = randomBytes(32);
    const vault = await vaultOver(await openFolderStore(folder), keyTree(root));
    const begun = await vault.begin(60 * MIB + 12_345);
    let acknowledged = 0;
    let kills = 0;
    while (acknowledged < begun.row.size) {
      const run = await upload(
        folder,
        root,
        begun.row,
        7 * MIB + 1,
        kills < 4 ? randomInt(1, 120) : undefined,
      );
      kills += 1;
      acknowledged = Math.max(acknowledged, run.acknowledged);
      const durable = (await vault.store.offset(begun.row)) ?? 0;
      expect(durable).toBeGreaterThanOrEqual(acknowledged);
      acknowledged = durable;
    }
    await readsBack(vault, begun);
  });

  test('K5: 200 MiB in one request take at most four segments of memory, and come back byte-identical', async () => {
    const folder = await freshFolder();
    const root = randomBytes(32);
    const vault = await vaultOver(await openFolderStore(folder), keyTree(root));
    const begun = await vault.begin(200 * MIB);
    const { peak } = await upload(folder, root, begun.row, 200 * MIB);
    // Four segments are 64 MiB; the rest is the collector's slack for buffers that are already let go.
    expect(peak).toBeLessThan(144 * 1024);
    await readsBack(vault, begun);
  });
});

describeWith('s3', 'S3', (address) => {
  test('K5: 200 MiB, cut in the middle, come back byte-identical', async () => {
    const blob = openS3Store({
      endpoint: address.endpoint,
      region: address.region,
      bucket: await makeBucket(address),
      accessKey: address.accessKey,
      secretKey: () => address.secretKey,
    });
    onTestFinished(() => blob.close());
    const vault = await vaultOver(blob);
    const begun = await vault.begin(200 * MIB);
    const first = await vault.store.write(begun.row, 0, body(0, 77 * MIB + 5));
    expect(first).toEqual({ offset: 77 * MIB + 5 });
    await vault.store.write(begun.row, 77 * MIB + 5, body(77 * MIB + 5, 200 * MIB));
    await readsBack(vault, begun);
  });
});
