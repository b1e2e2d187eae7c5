/** What `/readyz` and `/metrics` say of this node (reliability.md 6): codes and figures alone. */
import { statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Health } from '../health/health.ts';
import type { Metrics } from '../health/metrics.ts';
import type { NodeLease } from '../vault/node-lease.ts';
import type { Parts } from './parts.ts';

/** Below this share of free space an operator is warned. */
export const spaceMark = 0.1;

/** Free share of the file system under `folder`, 0 to 1. */
export function freeShare(folder: string): number {
  const { bavail, blocks } = statfsSync(folder);
  return blocks === 0 ? 1 : bavail / blocks;
}

export function nodeHealth(parts: Parts, lease: NodeLease, metrics: Metrics): Health {
  const { config, store, keys, streams, deps } = parts;
  const folder = resolve(config.data.folder);
  const figure = metrics.gauge;
  figure('custos_streams', 'Connections over which bytes or notices run.', () => streams.running().length);
  figure('custos_log_signed_size', 'Entries under the newest signature.', () => store.ledger.sealed.size);
  figure('custos_free_space', 'Free share of the data folder, 0 to 1.', () => freeShare(folder));
  figure('custos_log_writing', '1 while the log can be written.', () =>
    store.ledger.state.log === 'writing' ? 1 : 0,
  );
  const looks: readonly (readonly [string, () => Promise<boolean>])[] = [
    ['log-unavailable', async () => store.ledger.state.log === 'writing'],
    ['store-unavailable', async () => (await store.reads.count('setting', {})) >= 0],
    ['node-lease', async () => lease.ok()],
    [
      'keyring',
      async () => (await keys.keyring.collections()).every((name) => keys.keyring.sequence(name) > 0),
    ],
    ['clock-suspect', async () => deps.clock.judge((await store.ledger.head()).at).fault === null],
    ['no-space', async () => freeShare(folder) > spaceMark / 10],
  ];
  return {
    registry: metrics.registry,
    async notReady() {
      const found = await Promise.all(
        looks.map(async ([code, holds]) => ((await holds().catch(() => false)) ? undefined : code)),
      );
      return found.filter((code) => code !== undefined);
    },
  };
}
