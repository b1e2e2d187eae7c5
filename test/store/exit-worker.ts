/** Opens a store, keeps it busy from both threads, and ends the process in the middle of that work. */
import { openStore, type StoreConfig } from '../../src/store/store.ts';
import { fact, kinds } from './parts.ts';

const given = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const bytes = (hex: string | undefined) => Uint8Array.from(Buffer.from(hex ?? '', 'hex'));
const config: StoreConfig = {
  url: String(given.url),
  origin: String(given.origin),
  epoch: 0,
  seed: bytes(given.seed),
  appendKeys: { 1: bytes(given.key) },
  appendKey: 1,
  headPath: String(given.headPath),
  kinds,
  sealAfterMs: 1,
};
process.stdout.write('first thread\n');
for (let before = 0; before < 3; before += 1) await (await openStore(config)).close();
const store = await openStore(config);

let written = 0;
const write = async (): Promise<void> => {
  for (;;) {
    await store.ledger.append([fact()]);
    written += 1;
    if (written < Number(given.after)) continue;
    process.stdout.write('written\n');
    process.exit(0);
  }
};
const read = async (): Promise<void> => {
  for (;;) {
    await store.reads.all('unit', {});
    await new Promise((resolve) => setImmediate(resolve));
  }
};
await Promise.all([write(), write(), write(), read()]);
