/** A log with keys of its own for one test, and drafts to write into it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import type { LogDraft } from '../../src/acts/ports/ledger.ts';
import { asId, type CentreId, type UnitId } from '../../src/domain/ids.ts';
import type { Unit } from '../../src/domain/people.ts';
import { defineKinds } from '../../src/log/kinds.ts';
import { createLog } from '../../src/store/create-log.ts';
import { openStore, type Store, type StoreConfig } from '../../src/store/store.ts';

export const kinds = defineKinds({
  'item.opened': { facts: { from: 'integer?' }, private: ['reason'], keeper: 'item' },
  'unit.created': { facts: { unit: 'text' }, private: [], keeper: '' },
});

let made = 0;
/** A new UUIDv7 on every call. */
export function newId(): string {
  made += 1;
  return `01935f4e-7c00-7000-8000-${made.toString(16).padStart(12, '0')}`;
}

/** One database with a log in it, opened and closed by the test. */
export interface Place {
  readonly config: StoreConfig;
  readonly folder: string;
  /** Runs SQL behind the service's back. */
  tamper(sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends what was opened and removes all of it. */
  remove(): Promise<void>;
}

/** How an engine makes databases for tests. */
export interface Engine {
  readonly name: 'SQLite' | 'PostgreSQL';
  place(more?: Partial<StoreConfig>): Promise<Place>;
}

const key = () => Uint8Array.from(randomBytes(32));

async function logIn(url: string, folder: string, more: Partial<StoreConfig>): Promise<StoreConfig> {
  const config: StoreConfig = {
    url,
    unsafeNoFsync: true,
    origin: `custos.test/${randomBytes(16).toString('hex')}`,
    epoch: 0,
    seed: key(),
    appendKeys: { 1: key() },
    appendKey: 1,
    headPath: join(folder, 'head'),
    kinds,
    ...more,
  };
  await createLog(config, Date.now());
  return config;
}

export const sqlite: Engine = {
  name: 'SQLite',
  async place(more = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'custos-store-'));
    const path = join(folder, 'custos.db');
    const config = await logIn(`sqlite:${path}`, folder, more);
    return {
      config,
      folder,
      async tamper(sql, ...params) {
        const db = new Database(path);
        for (const trigger of guards) db.exec(`drop trigger if exists ${trigger}`);
        const statement = db.prepare(sql);
        const rows = statement.reader ? (statement.all(...params) as Record<string, unknown>[]) : [];
        if (!statement.reader) statement.run(...params);
        db.close();
        return rows;
      },
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  },
};
const guards = ['log_entry', 'log_link', 'log_tile'].flatMap((table) => [
  `${table}_no_update`,
  `${table}_no_delete`,
]);

/** PostgreSQL at `url`: each place is a database of its own. */
export const postgres = (url: string): Engine => ({
  name: 'PostgreSQL',
  async place(more = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'custos-store-'));
    const name = `t${randomBytes(8).toString('hex')}`;
    const once = async (address: string, sql: string, params: unknown[] = []) => {
      const client = new pg.Client(address);
      await client.connect();
      try {
        return (await client.query(sql, params)).rows as Record<string, unknown>[];
      } finally {
        await client.end();
      }
    };
    await once(url, `create database ${name}`);
    const address = url.replace(/\/[^/]*$/, `/${name}`);
    const config = await logIn(address, folder, more);
    return {
      config,
      folder,
      async tamper(sql, ...params) {
        for (const table of ['log_entry', 'log_link', 'log_tile'])
          await once(address, `alter table ${table} disable trigger user`);
        let at = 0;
        return once(
          address,
          sql.replace(/\?/g, () => `$${++at}`),
          params,
        );
      },
      async remove() {
        await once(url, `drop database ${name} with (force)`);
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});

/** A place and its store, both gone when `use` ends. */
export async function withStore(
  engine: Engine,
  use: (store: Store, place: Place) => Promise<void>,
  more: Partial<StoreConfig> = {},
): Promise<void> {
  const place = await engine.place(more);
  try {
    const store = await openStore(place.config);
    try {
      await use(store, place);
    } finally {
      await store.close();
    }
  } finally {
    await place.remove();
  }
}

export const item = newId();
export const person = newId();
export const centre = asId<'centre'>(newId()) as CentreId;

/** A fact with three subjects and one private field. */
export function fact(more: Partial<LogDraft> = {}): LogDraft {
  return {
    at: Date.now(),
    kind: 'item.opened',
    actor: `person:${person}`,
    subjects: [`item:${item}`, `person:${person}`, `centre:${centre}`],
    facts: { from: 1 },
    private: { reason: { value: '复核', salt: key(), sealed: key() } },
    ...more,
  };
}

export const unitRow = (name: string, id = newId()): Omit<Unit, 'createdSeq'> & { createdSeq: number } => ({
  id: asId<'unit'>(id) as UnitId,
  centreId: centre,
  name,
  createdSeq: 0,
});
