/** Bytes on a socket as no client library would send them, and the answer as it came. */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; what came first of doubled ones. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** How many answers came over the connection. */
  readonly answers: number;
}

/** Sends `text` and reads until the other end closes, or `mostMs` have passed. */
export function sendRaw(url: string, text: string | Uint8Array, mostMs = 5_000): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const pieces: Buffer[] = [];
    const timer = setTimeout(() => socket.destroy(), mostMs);
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      const all = Buffer.concat(pieces).toString('latin1');
      const [head = '', body = ''] = all.split(/\r\n\r\n(.*)/s);
      const [line = '', ...rest] = head.split('\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1]);
      if (!status) return reject(new Error(`no answer: ${all.slice(0, 80)}`));
      const headers = new Map<string, string>();
      for (const each of rest) {
        const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(each) ?? [];
        if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
      }
      resolve({ status, headers, body, answers: all.split(/HTTP\/1\.1 \d{3} /).length - 1 });
    });
    socket.write(text);
  });
}
