/**
 * The verifier's ground in Node (custody-log L10.1): hashes from node:crypto, files, and the folder that evidence
 * goes to. The only file here that touches node:*; a page brings its own in its place. Opens no connection.
 */
import { createHash, hash } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker, workerData } from 'node:worker_threads';
import type { Hashes, Primitives } from './primitives.ts';

const blockSize = 64;

function sha256Into(data: Uint8Array, out: Uint8Array, at: number): void {
  // A latin1 string costs a fifth of what a fresh Buffer costs, and this runs for every node of the tree.
  const text = hash('sha256', data, 'binary');
  for (let index = 0; index < 32; index += 1) out[at + index] = text.charCodeAt(index);
}

/**
 * HMAC-SHA256 as RFC 2104 section 2 composes it from the hash: one-shot hashes cost a sixth of a keyed object, and
 * this runs for every disclosed field. Nothing here is secret: the salts stand in the package.
 */
function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  const own = key.length > blockSize ? hash('sha256', key, 'buffer') : key;
  const inner = new Uint8Array(blockSize + data.length).fill(0x36, 0, blockSize);
  const outer = new Uint8Array(blockSize + 32).fill(0x5c, 0, blockSize);
  for (const [index, byte] of own.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  inner.set(data, blockSize);
  sha256Into(inner, outer, blockSize);
  const out = new Uint8Array(32);
  sha256Into(outer, out, 0);
  return out;
}

/** SHA-256 and HMAC from node:crypto. */
export const nodeHashes: Hashes = {
  sha256Hex: (data) => hash('sha256', data, 'hex'),
  sha256Into,
  sha256Running: () => {
    const running = createHash('sha256');
    return {
      update: (data) => {
        running.update(data);
      },
      digestHex: () => running.digest('hex'),
    };
  },
  hmacSha256,
};

/** The verifier's cryptography in Node; resolves once libsodium is ready. */
export async function nodePrimitives(): Promise<Primitives> {
  // Only here: the second thread verifies no signature and need not load it.
  const { ed25519 } = await import('./sodium.ts');
  return { ...nodeHashes, ...(await ed25519()) };
}

/**
 * Has the collector grow this process's heap slowly: what was read is soon dead, and left to itself the heap grows by
 * some 150 MB before that is seen (L11). For the command, whose process does nothing else.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--optimize-for-size');
}

/** Second threads that keep chains: `start` for the verifier, `stop` once it has ended, however it ended. */
export function farThreads(): { start(lane: SharedArrayBuffer): void; stop(): Promise<void> } {
  const threads: Worker[] = [];
  const file = new URL(`./chains-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
  return {
    start: (lane) => {
      // V8 13 may free the WebAssembly code of one thread while another starts or ends, and the process dies.
      setFlagsFromString('--no-wasm-code-gc');
      threads.push(new Worker(file, { workerData: lane, resourceLimits: { maxYoungGenerationSizeMb: 6 } }));
    },
    stop: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/** The lane that this thread was started with. Throws in any other thread. */
export function threadLane(): SharedArrayBuffer {
  const lane: unknown = workerData;
  if (!(lane instanceof SharedArrayBuffer)) throw new TypeError('not a thread that keeps chains');
  return lane;
}

/** The bytes of the file at `path`, in pieces that are lent until the next one: one buffer serves them all. */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const buffer = new Uint8Array(262_144);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The whole of a small file. Rejects when it cannot be read. */
export async function smallFile(path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(path));
}

/**
 * Writes the files into a new folder `<folder>/<n>`, the first number that is free: evidence is never written over.
 * Resolves to the paths; rejects when the place cannot be written.
 */
export async function writeEvidence(
  folder: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const own = await newFolder(folder);
  const written: string[] = [];
  for (const file of files) {
    const path = join(own, file.name);
    await writeFile(path, file.bytes, { flag: 'wx' });
    written.push(path);
  }
  return written;
}

async function newFolder(folder: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const path = join(folder, String(number));
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** Milliseconds since 1970 UTC by this machine's clock. */
export function wallClock(): number {
  return Date.now();
}

/** The language of the terminal, from its environment. */
export function language(): 'zh' | 'en' {
  return /^zh/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '') ? 'zh' : 'en';
}
