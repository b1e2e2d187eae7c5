/**
 * Tables of the custody log (custody-log L4.5), and working tables that are no part of custody: what is lost with
 * them costs somebody a second try, never a right.
 */
import type { Kit } from './kit.ts';

/** See `defineSchema`. */
export function defineLogTables(kit: Kit) {
  return { ...logTables(kit), ...workingTables(kit) };
}

function logTables(kit: Kit) {
  const { table, index, unique, key, text, integer, bytes } = kit;
  return {
    logEntry: table('log_entry', {
      seq: integer().primaryKey(),
      bytes: bytes(),
      leaf: bytes(),
      mac: bytes(),
    }),
    logSubject: table(
      'log_subject',
      { sid: integer().primaryKey(), key: bytes(), id: text(), n: integer(), head: bytes() },
      (t) => [unique('log_subject_key').on(t.key), unique('log_subject_id').on(t.id)],
    ),
    logLink: table('log_link', { sid: integer(), n: integer(), seq: integer() }, (t) => [
      key({ columns: [t.sid, t.n] }),
      index('log_link_by_seq').on(t.seq),
    ]),
    logPrivate: table('log_private', { seq: integer(), name: text(), sealed: bytes() }, (t) => [
      key({ columns: [t.seq, t.name] }),
    ]),
    logTile: table('log_tile', { level: integer(), idx: integer(), hashes: bytes() }, (t) => [
      key({ columns: [t.level, t.idx] }),
    ]),
    logCheckpoint: table('log_checkpoint', { size: integer().primaryKey(), note: text() }),
    logStamp: table('log_stamp', { sha256: bytes().primaryKey(), size: integer(), token: bytes() }),
  };
}

function workingTables(kit: Kit) {
  const { table, index, text, integer } = kit;
  return {
    signInMiss: table('sign_in_miss', { nameKey: text().primaryKey(), misses: integer(), lastAt: integer() }),
    idempotency: table(
      'idempotency',
      {
        /** `<person>/<key>` */
        id: text().primaryKey(),
        bodyHash: text(),
        status: integer(),
        body: text(),
        createdAt: integer(),
      },
      (t) => [index('idempotency_age').on(t.createdAt)],
    ),
    sessionActivity: table('session_activity', { id: text().primaryKey(), lastAt: integer() }),
    probe: table('store_probe', { id: text().primaryKey(), value: integer() }),
  };
}
