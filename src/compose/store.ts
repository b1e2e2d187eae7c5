/** The store and its log, with the keys that the node derives (custody-log L4–L6). */
import { commonFacts, kinds } from '../acts/kinds.ts';
import { type Config, databaseUrl, headFile } from '../config.ts';
import { defineKinds } from '../log/kinds.ts';
import { openStore, type Store } from '../store/store.ts';
import type { WorkerStart } from '../store/worker-protocol.ts';
import type { NodeKeys } from './keys.ts';

type LogKeys = Pick<NodeKeys, 'node' | 'seed' | 'append'>;

/** How this node's store is reached and its log is written. */
export function storeStart(config: Config, { node, seed, append }: LogKeys): WorkerStart {
  return {
    url: databaseUrl(config),
    unsafeNoFsync: config.database.unsafeNoFsync,
    origin: node.origin,
    epoch: node.epoch,
    seed,
    appendKeys: { [node.appendKey]: append },
    appendKey: node.appendKey,
    headPath: headFile(config),
    kinds: defineKinds(kinds, commonFacts),
  };
}

/** Rejects with `LogRefused`, `StoreRefused` or `LogUnavailable`. */
export const openNodeStore = (
  config: Config,
  keys: LogKeys,
  more: Pick<
    Parameters<typeof openStore>[0],
    'onLogState' | 'sealAfterMs' | 'sealIdleMs' | 'sessionIdleMs'
  > = {},
): Promise<Store> => openStore({ ...storeStart(config, keys), ...more });
