/** Writes acts as fast as it can and says, after each, what was acknowledged; its parent kills it (P1, J1). */
import { entrySeq, insert } from '../../src/acts/ports/tables.ts';
import { openStore, type StoreConfig } from '../../src/store/store.ts';
import { fact, kinds, unitRow } from './parts.ts';

const given = JSON.parse(Buffer.from(process.argv[2] ?? '', 'base64').toString('utf8')) as Record<
  string,
  string
>;
const bytes = (hex: string | undefined) => Uint8Array.from(Buffer.from(hex ?? '', 'hex'));
const config: StoreConfig = {
  url: String(given.url),
  unsafeNoFsync: true,
  origin: String(given.origin),
  epoch: 0,
  seed: bytes(given.seed),
  appendKeys: { 1: bytes(given.key) },
  appendKey: 1,
  headPath: String(given.headPath),
  kinds,
  sealAfterMs: 20,
};
const store = await openStore(config);
for (let at = 0; ; at += 1) {
  const name = `${given.round}-${at}`;
  const outcome = await store.ledger.exclusively(async () =>
    store.ledger.commit({
      expected: await store.ledger.head(),
      entries: [fact()],
      writes: [
        insert('unit', {
          ...unitRow(name, crypto.randomUUID().replace(/^(.{14})4/, '$17')),
          createdSeq: entrySeq(),
        }),
      ],
    }),
  );
  if (!('conflict' in outcome)) process.stdout.write(`${name} ${outcome[0]?.seq} ${outcome[0]?.leaf}\n`);
}
