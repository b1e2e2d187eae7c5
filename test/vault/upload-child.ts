/**
 * A process that uploads and may be killed at any moment. Arguments: folder, root of the key tree (hex), the upload's row
 * as JSON, bytes a request. Says `ack N` for each acknowledged offset, and at the end `peak N`: KiB of memory at most,
 * beyond what it had at the start.
 */
import { openFolderStore } from '../../src/blob/folder.ts';
import { leaf, newTree } from '../../src/crypto/puncture.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { intakeStore } from '../../src/vault/intake-store.ts';
import { uploadLocks } from '../../src/vault/upload-lock.ts';
import { pseudoRandom } from './stream.ts';

const [folder = '', root = '', json = '', request = ''] = process.argv.slice(2);
const row = JSON.parse(json, (key, value) => (key === 'wrappedDek' ? Buffer.from(value, 'hex') : value));
const tree = newTree(new Secret(Buffer.from(root, 'hex')));
const leaves = { reserve: async () => 0, leaf: (_collection: string, index: number) => leaf(tree, index) };
const blob = await openFolderStore(folder);
const store = intakeStore(blob, leaves, uploadLocks(blob));
const before = process.resourceUsage().maxRSS;

async function* body(from: number, to: number): AsyncGenerator<Uint8Array> {
  yield* pseudoRandom(from, to);
}

for (let offset = (await store.offset(row)) ?? 0; offset < row.size; ) {
  const done = await store.write(row, offset, body(offset, Math.min(row.size, offset + Number(request))));
  if ('refused' in done) throw new Error(done.refused);
  offset = done.offset;
  process.stdout.write(`ack ${offset}\n`);
}
process.stdout.write(`peak ${process.resourceUsage().maxRSS - before}\n`);
