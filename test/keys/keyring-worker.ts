/**
 * A process that reserves and punctures without end and says each time what was acknowledged. It is killed from
 * outside. Arguments: the folders.
 */
import { writeSync } from 'node:fs';
import { Secret } from '../../src/crypto/secret.ts';
import { openKeyring } from '../../src/keys/keyring.ts';
import { RootKey } from '../../src/keys/root.ts';

const [first = '', ...more] = process.argv.slice(2);
const keyring = await openKeyring({
  root: new RootKey(new Secret(Buffer.alloc(32, 5))),
  folders: [first, ...more],
});
for (let turn = 0; ; turn += 1) {
  const index = await keyring.reserve('people');
  writeSync(1, `reserved ${index}\n`);
  if (turn % 3 === 0) {
    const sequence = await keyring.puncture('people', index);
    writeSync(1, `punctured ${index} ${sequence}\n`);
  }
}
