/** Store, log, objects, media tools and clock, as they answer now. */
import { BlobFault } from '../../acts/ports/blob.ts';
import type { Parts } from '../../compose/parts.ts';
import { databaseUrl } from '../../config.ts';
import { engineOf } from '../../store/open-connection.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export function store({ config }: Parts): Finding {
  const engine = engineOf(databaseUrl(config)) === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  if (config.database.unsafeNoFsync) {
    return fail('store', `${engine} may lose what it acknowledged.`, 'Remove database.unsafeNoFsync.');
  }
  return ok('store', `${engine}, with the settings that it must have.`);
}

export async function log({ store: { ledger }, keys }: Parts): Promise<Finding> {
  const { next } = await ledger.head();
  return ok(
    'log',
    `${keys.node.origin}: ${ledger.sealed.size} of ${next} entries signed, and stored as they were signed.`,
  );
}

export async function blob({ vault }: Parts): Promise<Finding> {
  try {
    const found = await vault.blob.probe();
    if (!found.range || !found.multipart) {
      return fail('objects', 'The store does not keep ranges or parts.', 'Use a store that does.');
    }
    if (found.objectLock === 'broken') {
      return warn(
        'objects',
        'The store accepts a retention and deletes all the same.',
        'Do not rely on its object lock.',
      );
    }
    return ok('objects', `${vault.blob.kind}: written, read and deleted.`);
  } catch (error) {
    const why = error instanceof BlobFault ? error.code : 'fault';
    return fail(
      'objects',
      `The store does not work (${why}).`,
      'Look at store.url, credentials and the store itself.',
    );
  }
}

export async function media({ vault, config }: Parts): Promise<Finding[]> {
  // A byte that is no media: a prober that is there says so, one that is missing is unavailable.
  const probed = await vault.prober.probe({
    size: 1,
    read: async function* () {
      yield Uint8Array.of(255);
    },
  });
  const version = config.scan.clamd === '' ? null : await vault.scanner.version();
  return [
    probed.found === 'unavailable'
      ? warn(
          'ffprobe',
          probed.reason,
          'Install ffmpeg: without it length and kind of recordings stay unknown.',
        )
      : ok('ffprobe', 'Answers.'),
    version !== null
      ? ok('clamd', version)
      : warn(
          'clamd',
          config.scan.clamd === '' ? 'No scanner is configured.' : 'The scanner does not answer.',
          'Set scan.clamd to its socket: until then items are marked as not scanned (S10).',
        ),
  ];
}

export async function clock({ clock: judged, store: { ledger } }: Parts): Promise<Finding> {
  const { at } = await ledger.head();
  const { fault } = judged.judge(at);
  if (fault) {
    return fail(
      'clock',
      `The clock is ${fault.kind} by ${Math.round(fault.by / 1000)} s of what the log says.`,
      'Set it right, or have the security officer and the system administrator confirm it; until then nothing widens access (R46, R47).',
    );
  }
  return ok('clock', 'In step with the log.');
}
