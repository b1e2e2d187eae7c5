/** A throw-away PostgreSQL of whatever version is installed: unix socket only, own folder, never as root. */
import { readdirSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Children, findProgram, makeFolder, needProgram, run, until } from './process.ts';

export interface Postgres {
  /** For `pg`: user `custos`, database `postgres`, over a unix socket. */
  readonly url: string;
  readonly folder: string;
  stop(): Promise<void>;
}

const INSTALL = 'PostgreSQL (Debian: apt-get install postgresql)';
const DEBIAN = '/usr/lib/postgresql';

/**
 * Starts one. Durable as in production only with `fsync`; tests of everything but durability are faster without.
 * Throws `Missing` when there is none to start.
 */
export async function startPostgres({ fsync = false } = {}): Promise<Postgres> {
  const places = programFolders();
  const initdb = needProgram('initdb', INSTALL, places);
  const postgres = needProgram('postgres', INSTALL, places);
  const isReady = needProgram('pg_isready', INSTALL, places);
  const folder = await makeFolder('pg');
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  const drop = await unprivileged(folder, data);
  const children = new Children(folder);
  try {
    const [first = initdb, ...before] = [...drop, initdb];
    const fresh = ['-D', data, '-U', 'custos', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    await run(first, [...before, ...fresh]);
    const settings = ['listen_addresses=', 'max_connections=200', 'shared_buffers=64MB'];
    if (!fsync) settings.push('fsync=off', 'full_page_writes=off', 'synchronous_commit=off');
    const [program = postgres, ...args] = [...drop, postgres, '-D', data, '-k', folder];
    children.start(program, [...args, ...settings.flatMap((setting) => ['-c', setting])]);
    await until('PostgreSQL', async () => {
      await run(isReady, ['-q', '-h', folder, '-U', 'custos', '-d', 'postgres']);
      return true;
    });
  } catch (error) {
    await children.stop();
    throw error;
  }
  const url = `postgres://custos@${encodeURIComponent(folder)}/postgres`;
  // SIGINT: a fast shutdown, which also ends the server's own children.
  return { url, folder, stop: () => children.stop('SIGINT') };
}

/** Debian keeps each version in its own folder; the newest first. */
function programFolders(): string[] {
  try {
    const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN, version, 'bin'));
  } catch {
    return [];
  }
}

/** PostgreSQL refuses root: the words that put a command under the user `postgres`. */
async function unprivileged(...folders: string[]): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const setpriv = findProgram('setpriv') ?? needProgram('setpriv', 'util-linux (setpriv)');
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])));
  for (const folder of folders) await chown(folder, Number(uid), Number(gid));
  return [setpriv, '--reuid=postgres', '--regid=postgres', '--init-groups'];
}
