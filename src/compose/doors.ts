/** What the HTTP door is given (api/doors.ts), out of the node's parts. */
import type { Doors } from '../api/doors.ts';
import { type Door, doorDefaults } from '../api/settings.ts';
import type { NodeLease } from '../vault/node-lease.ts';
import type { NodeLog } from './app-log.ts';
import { packages } from './packages.ts';
import type { Parts } from './parts.ts';
import { pacings } from './vault.ts';

/** Settings whose names are known only once the port is. */
export interface OpenDoor extends Door {
  readonly hosts: string[];
  readonly origins: string[];
}

export function doorSettings({ config }: Pick<Parts, 'config'>): OpenDoor {
  const { aheadMs, streamsPerPerson } = config.viewing;
  const { hosts, origins, certificate } = config.server;
  return {
    ...doorDefaults,
    hosts: hosts.map((host) => host.toLowerCase()),
    origins: [...origins],
    tls: certificate !== '' || origins.some((origin) => origin.startsWith('https:')),
    aheadMs: aheadMs === 0 ? Number.POSITIVE_INFINITY : aheadMs,
    streamsPerPerson,
    rateScale: config.limits.rateScale,
  };
}

export function openDoors(parts: Parts, settings: Door, nodeLease: NodeLease, log: NodeLog): Doors {
  const { config, store, vault, deps, streams, keys } = parts;
  return {
    deps,
    perform: parts.perform,
    lists: store.lists,
    titles: vault.titles,
    uploads: vault.uploads,
    contents: vault.contents,
    packages: packages({ store, privacy: deps.privacy, origin: keys.node.origin, seed: keys.seed }),
    connections: streams,
    nodeLease,
    pacingOf: pacings(config),
    repeated: store.working.answers,
    activity: store.working.activity,
    settings,
    log,
    cursorKey: keys.cursors,
  };
}
