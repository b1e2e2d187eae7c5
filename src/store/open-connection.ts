/** From an address to a connection that writes. */
import { type Connection, StoreRefused } from './connection.ts';
import type { StoreAddress } from './worker-protocol.ts';

export type Engine = 'sqlite' | 'pg';

/** Which engine an address means. Throws `StoreRefused` for any other. */
export function engineOf(url: string): Engine {
  if (url.startsWith('sqlite:')) return 'sqlite';
  if (/^postgres(?:ql)?:\/\//.test(url)) return 'pg';
  throw new StoreRefused('A store is sqlite:/path/to/file or postgres://…');
}

/** The file behind a `sqlite:` address. */
export const sqlitePath = (url: string): string => url.slice('sqlite:'.length);

/** Opens the session that writes. Loads only the engine that is asked for. */
export async function openConnection({ url, unsafeNoFsync = false }: StoreAddress): Promise<Connection> {
  if (engineOf(url) === 'sqlite') {
    const { SqliteConnection } = await import('./sqlite.ts');
    return new SqliteConnection(sqlitePath(url));
  }
  const { PgConnection } = await import('./postgres.ts');
  return PgConnection.open(url, unsafeNoFsync);
}
