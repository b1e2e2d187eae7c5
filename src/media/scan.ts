/**
 * Virus scan by clamd's INSTREAM (clamd(8)): clear bytes go only to a socket of this machine, as fast as it takes them.
 * Trusted to see content, not to be up: whatever it does not say in full is `unavailable`, never `clean`.
 */
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import type { ScanFinding, Scanner } from '../acts/ports/media.ts';

/** Milliseconds: how long clamd may take no byte, and how long it may think after the last one. */
export interface ScanPatience {
  readonly stall: number;
  readonly verdict: number;
}

const PATIENCE: ScanPatience = { stall: 30_000, verdict: 300_000 };
const MAX_REPLY_BYTES = 4_096;
const MAX_PIECE_BYTES = 1024 * 1024;

/** `address` is a socket's absolute path or `127.0.0.1:port`; '' is a scanner that is never available. */
export function openScanner(address: string, patience: ScanPatience = PATIENCE): Scanner {
  const target = targetOf(address);
  return {
    scan: (bytes) => scan(target, bytes, patience),
    async version() {
      const reply = await converse(target, patience, async (talk) => talk.write('zVERSION\0'));
      return reply.text.startsWith('ClamAV ') ? reply.text : null;
    },
  };
}

type Target = { readonly path: string } | { readonly host: string; readonly port: number } | undefined;

function targetOf(address: string): Target {
  if (address === '') return undefined;
  if (address.startsWith('/')) return { path: address };
  const [, host = '', port = ''] =
    /^(?:tcp:\/\/)?(127(?:\.\d+){3}|\[::1\]|localhost):(\d{1,5})$/.exec(address) ?? [];
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare !== 'localhost' && isIP(bare) === 0)
    throw new RangeError('The scanner is a socket of this machine.');
  return { host: bare, port: Number(port) };
}

async function scan(
  target: Target,
  bytes: AsyncIterable<Uint8Array>,
  patience: ScanPatience,
): Promise<ScanFinding> {
  const { text, problem } = await converse(target, patience, async (talk) => {
    await talk.write('zINSTREAM\0');
    for await (const whole of bytes) {
      for (let at = 0; at < whole.byteLength; at += MAX_PIECE_BYTES) {
        const piece = whole.subarray(at, at + MAX_PIECE_BYTES);
        if (piece.byteLength === 0) continue;
        if (!(await talk.write(lengthOf(piece.byteLength))) || !(await talk.write(piece))) return false;
      }
    }
    return talk.write(lengthOf(0));
  });
  const signature = /^stream: (.{1,256}) FOUND$/.exec(text)?.[1];
  if (signature !== undefined) return { found: 'infected', signature };
  if (text === 'stream: OK' && problem === undefined) return { found: 'clean' };
  if (text.includes('size limit exceeded'))
    return { found: 'unavailable', reason: 'Too large for the scanner.' };
  return { found: 'unavailable', reason: problem ?? 'The scanner gave no verdict.' };
}

function lengthOf(size: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(size);
  return length;
}

interface Talk {
  /** False when the scanner has hung up or answered before the end. */
  write(bytes: Uint8Array | string): Promise<boolean>;
}

/** One connection: what was asked, and the reply until the scanner closes. `said` false: it was not asked in full. */
async function converse(
  target: Target,
  patience: ScanPatience,
  ask: (talk: Talk) => Promise<boolean>,
): Promise<{ text: string; problem?: string }> {
  if (!target) return { text: '', problem: 'No scanner is configured.' };
  const socket = connect({ ...target, allowHalfOpen: false });
  let problem: string | undefined;
  let reply = '';
  socket.setTimeout(patience.stall, () => {
    problem ??= 'The scanner made no progress.';
    socket.destroy();
  });
  socket.on('error', () => {
    problem ??= 'The scanner cannot be reached.';
  });
  socket.on('data', (piece: Buffer) => {
    reply += piece.toString('utf8');
    if (reply.length > MAX_REPLY_BYTES) socket.destroy();
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  try {
    const whole = await ask({ write: (bytes) => write(socket, bytes, closed, () => reply !== '') });
    if (!whole) problem ??= 'The scanner hung up before the end.';
    socket.setTimeout(patience.verdict);
    await closed;
    const text = reply.replace(/\0.*$/s, '').trim();
    return problem === undefined ? { text } : { text, problem };
  } finally {
    socket.destroy();
  }
}

async function write(
  socket: Socket,
  bytes: Uint8Array | string,
  closed: Promise<void>,
  answered: () => boolean,
): Promise<boolean> {
  if (socket.destroyed || answered()) return false;
  if (socket.write(bytes)) return true;
  const waiting = new AbortController();
  await Promise.race([once(socket, 'drain', { signal: waiting.signal }).catch(() => undefined), closed]);
  waiting.abort();
  return !socket.destroyed;
}
