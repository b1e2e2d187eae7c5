/** Seal and keyring: what opens them, what that means, whether every copy is good (K2.3, K2.5). */
import { resolve } from 'node:path';
import type { NodeKeys } from '../../compose/keys.ts';
import type { Config } from '../../config.ts';
import { sealTerms } from '../../keys/unseal.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export function seal(config: Config): Finding {
  const terms = sealTerms(resolve(config.keys.folder));
  switch (terms?.kind) {
    case 'key-file':
      return warn(
        'seal',
        'A key file: the service starts by itself, and whoever copies the keys folder with it can open everything.',
        'Keep the key file on another medium, or reseal by passphrase or shares: custos keys reseal.',
      );
    case 'passphrase':
      return ok('seal', 'A passphrase: needed at each start.');
    case 'shares':
      return ok('seal', `${terms.threshold} of ${terms.total} shares: needed at each start.`);
    default:
      return fail('seal', 'There is none.', 'Run custos init.');
  }
}

export async function keyring(config: Config, { keyring: ring }: NodeKeys): Promise<Finding> {
  const collections = await ring.collections();
  const bad = collections.filter((name) => ring.replicas(name).some(({ found }) => found !== 'good'));
  if (bad.length > 0) {
    return fail(
      'keyring',
      `Copies of ${bad.join(', ')} are missing or do not open.`,
      'Look at the folders of the keyring.',
    );
  }
  const writes = collections.map((name) => `${name.slice(0, 8)} ${ring.sequence(name)}`).join(', ');
  const says = `${collections.length} open, newest writes: ${writes}.`;
  if (config.keys.replica !== '') return ok('keyring', says);
  return warn(
    'keyring',
    `${says} There is one copy only.`,
    'Set keys.replica to a folder on another disk: what is lost here opens never again.',
  );
}
