/** A real clamd with one signature of our own: a marker that only tests write. Nothing is fetched. */
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Children, makeFolder, needProgram, until } from './process.ts';

export interface Clamd {
  /** The path of its socket. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Bytes that {@link startClamd}'s scanner calls `Custos.Test-Marker.UNOFFICIAL`. */
export const MARKER = 'CUSTOS-TEST-MARKER-OF-A-HARMLESS-VIRUS';

/** Starts one in about a second. `maxBytes` is the longest stream it takes. Throws `Missing`. */
export async function startClamd({ maxBytes = 64 * 1024 * 1024 } = {}): Promise<Clamd> {
  const program = needProgram('clamd', 'ClamAV (Debian: apt-get install clamav-daemon)');
  const folder = await makeFolder('av');
  const children = new Children(folder);
  const address = join(folder, 'clamd.sock');
  const file = join(folder, 'clamd.conf');
  const settings = {
    DatabaseDirectory: folder,
    TemporaryDirectory: folder,
    LocalSocket: address,
    LocalSocketMode: '600',
    Foreground: 'yes',
    MaxThreads: 4,
    StreamMaxLength: maxBytes,
    MaxScanSize: maxBytes,
    MaxFileSize: maxBytes,
    SelfCheck: 0,
    ConcurrentDatabaseReload: 'no',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  await writeFile(file, `${lines.join('\n')}\n`);
  const hex = Buffer.from(MARKER).toString('hex');
  await writeFile(join(folder, 'own.ndb'), `Custos.Test-Marker:0:*:${hex}\n`);
  children.start(program, [`--config-file=${file}`]);
  try {
    await until('clamd', () => answers(address));
  } catch (error) {
    await children.stop();
    throw error;
  }
  return { address, stop: () => children.stop() };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.write('zPING\0'));
    socket.on('data', (reply) => {
      resolve(reply.toString().startsWith('PONG'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}
