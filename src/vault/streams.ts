/**
 * Every connection of this node over which bytes or notices run (R37, P12): what an ending concerns is cut in the same
 * step, before the act that caused it is answered. Other nodes see the commit within their lease, which is waited for (R38).
 * Holds no content and decides nothing.
 */
import type { Ending, Live, Notice } from '../acts/ports/outside.ts';
import type { GrantId, ItemId, PersonId, SessionId } from '../domain/ids.ts';

/** Under what a connection runs; null where that kind of thing does not apply. */
export interface StreamKeys {
  readonly person: PersonId;
  readonly session: SessionId;
  readonly grant: GrantId | null;
  readonly item: ItemId | null;
  readonly viewing: string | null;
}

export interface RunningStream extends StreamKeys {
  /** False for ever once it was cut. */
  live(): boolean;
  /** The connection is over; nothing is cut any more. */
  release(): void;
}

export interface StreamRegistry extends Live {
  /** Monotonic ms, to be taken before the decision that allows a stream, and given to `register`. */
  now(): number;
  /**
   * Registers a connection. `cut` must reset it at once (see {@link resetting}). An ending that came after `since` has
   * already cut it: then it is born dead, so that nothing slips between decision and registration.
   */
  register(keys: StreamKeys, since: number, cut: () => void): RunningStream;
  /** Notices for one person, until the answer is called. */
  subscribe(person: PersonId, hear: (notice: Notice) => void): () => void;
  /** What runs now. */
  running(): readonly StreamKeys[];
  /** Cuts one kind of connection without waiting for other nodes: the node's own re-check found it over. */
  cutWhere(over: (keys: StreamKeys) => boolean): number;
}

export interface StreamRegistryOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** True when other nodes run beside this one. */
  readonly otherNodes: () => boolean;
  /** Resolves after `ms`; other nodes' leases have run out by then. */
  readonly wait: (ms: number) => Promise<void>;
}

/** How long a node may go on without having looked at the log, ms (R38). */
export const NODE_LEASE_MS = 800;
/** How long an ending is remembered for streams that are just being opened, ms. */
const REMEMBER_MS = 60_000;

interface Entry {
  readonly keys: StreamKeys;
  readonly cut: () => void;
  dead: boolean;
}

export function streamRegistry({ now, otherNodes, wait }: StreamRegistryOptions): StreamRegistry {
  const entries = new Set<Entry>();
  const listeners = new Map<PersonId, Set<(notice: Notice) => void>>();
  let recent: { readonly at: number; readonly ending: Ending }[] = [];

  /** One connection that cannot be reset must not save the others. */
  const kill = (entry: Entry): void => {
    entry.dead = true;
    entries.delete(entry);
    try {
      entry.cut();
    } catch {
      // Its bytes stop all the same: `live` is false from now on.
    }
  };

  const cutWhere = (over: (keys: StreamKeys) => boolean): number => {
    const found = [...entries].filter(({ keys }) => over(keys));
    for (const entry of found) kill(entry);
    return found.length;
  };

  return {
    now,
    running: () => [...entries].map(({ keys }) => keys),
    cutWhere,

    register(keys, since, cut) {
      const entry: Entry = { keys, cut, dead: false };
      entries.add(entry);
      if (recent.some(({ at, ending }) => at >= since && concerns(ending, keys))) kill(entry);
      return {
        ...keys,
        live: () => !entry.dead,
        release: () => void entries.delete(entry),
      };
    },

    async end(endings) {
      const at = now();
      recent = recent.filter((known) => at - known.at < REMEMBER_MS);
      recent.push(...endings.map((ending) => ({ at, ending })));
      cutWhere((keys) => endings.some((ending) => concerns(ending, keys)));
      if (otherNodes()) await wait(NODE_LEASE_MS);
    },

    tell(notices) {
      for (const notice of notices) {
        for (const person of new Set(notice.to)) {
          for (const hear of listeners.get(person) ?? []) hear(notice);
        }
      }
    },

    subscribe(person, hear) {
      const own = listeners.get(person) ?? new Set();
      listeners.set(person, own.add(hear));
      return () => {
        own.delete(hear);
        if (own.size === 0 && listeners.get(person) === own) listeners.delete(person);
      };
    },
  };
}

/** Whether an ending is about a connection with these keys. */
export function concerns(ending: Ending, keys: StreamKeys): boolean {
  switch (ending.ends) {
    case 'grant':
      return keys.grant === ending.id;
    case 'grant-item':
      return keys.grant === ending.id && keys.item === ending.item;
    case 'session':
      return keys.session === ending.id;
    case 'person':
      return keys.person === ending.id;
    case 'viewing':
      return keys.viewing === ending.id;
    case 'everything':
      return true;
  }
}

/**
 * Resets the TCP connection: what the kernel still holds is thrown away, the client sees an error and no end. With TLS it
 * must be the TCP socket of the server's `connection` event; a TLS socket refuses.
 */
export function resetting(socket: { readonly destroyed: boolean; resetAndDestroy(): unknown }): () => void {
  return () => {
    if (!socket.destroyed) socket.resetAndDestroy();
  };
}
