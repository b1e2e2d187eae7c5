/**
 * Everything behind the doors: keys, store, vault and what acts need of them. The service, the jobs and the command line
 * run the same acts over the same parts. Not one part is built twice.
 */

import { setUp } from '../acts/access/set-up.ts';
import type { Act, ActSettings, Caller, Deps, Loaded } from '../acts/act.ts';
import { type Done, perform } from '../acts/perform.ts';
import type { Clock, Passwords } from '../acts/ports/outside.ts';
import { Rights } from '../acts/rights/proof.ts';
import { type Config, databaseUrl } from '../config.ts';
import { canonical } from '../crypto/canonical.ts';
import { sha256Hex } from '../crypto/digest.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { SealMaterial } from '../keys/unseal.ts';
import type { LogState } from '../store/log-worker.ts';
import type { Store } from '../store/store.ts';
import type { StreamRegistry } from '../vault/streams.ts';
import type { IntegrityAlarm } from '../vault/viewing-reader.ts';
import { systemChance } from './chance.ts';
import { systemClock } from './clock.ts';
import { firstRunToken } from './first-run.ts';
import { type NodeKeys, openKeys } from './keys.ts';
import { nodeStreams } from './live.ts';
import { nodePasswords } from './passwords.ts';
import { type CountedGuard, countedGuard } from './sign-in-guard.ts';
import { openNodeStore } from './store.ts';
import { type NodeVault, openVault } from './vault.ts';

/** The figures of approvals.md 6 and reliability.md 5. */
const figures = {
  sessionIdleMs: 15 * 60_000,
  sessionEndMs: 8 * 3_600_000,
  sessionsAtOnce: 5,
  stepUpMs: 5 * 60_000,
  intakeTtlMs: 24 * 3_600_000,
  returnedTtlMs: 72 * 3_600_000,
  counterTtlMs: 24 * 3_600_000,
  chainCap: 2,
  leaseMs: 30_000,
} as const satisfies Omit<ActSettings, 'itemSizeMax'>;

export interface PartsOptions {
  /** Opens the seal where the configuration does not. */
  readonly material?: SealMaterial | undefined;
  readonly clock?: Clock | undefined;
  /** In the place of the passwords of reliability.md 5. */
  readonly passwords?: Passwords | undefined;
  /** ms from the first unsigned entry to the next signature; the store's own where it is not given. */
  readonly sealAfterMs?: number | undefined;
  /** A service may be running beside: what ends here is waited for until it has seen it (R38). */
  readonly beside?: boolean;
  /** Told whenever the log goes down, comes back or is refused. */
  readonly onLogState?: (state: LogState) => void;
  /** Called for content, key or manifest that cannot be what was written. */
  readonly alarm?: IntegrityAlarm;
}

export interface Parts {
  readonly config: Config;
  readonly keys: NodeKeys;
  readonly store: Store;
  readonly vault: NodeVault;
  readonly streams: StreamRegistry;
  readonly clock: Clock;
  readonly guard: CountedGuard;
  readonly deps: Deps;
  perform<I, S extends Loaded, R, P>(
    act: Act<I, S, R, P>,
    caller: Caller,
    input: unknown,
  ): Promise<Done<R> | Refusal>;
  /** Closes the store and forgets every key. `seal`: what was written is signed first. */
  close(how: { readonly seal: boolean }): Promise<void>;
}

/**
 * Opens all parts. Rejects with what the first that refused says: `NotInitialised`, `SealMissing`, `StillSealed`,
 * `UnsealRefused`, `KeyFileExposed`, `KeyringRejected`, `LogRefused`, `StoreRefused`, `LogUnavailable`.
 */
export async function openParts(config: Config, options: PartsOptions = {}): Promise<Parts> {
  const keys = await openKeys(config, options.material);
  let store: Store | undefined;
  try {
    store = await openNodeStore(config, keys, {
      sessionIdleMs: figures.sessionIdleMs,
      ...(options.onLogState ? { onLogState: options.onLogState } : {}),
      ...(options.sealAfterMs === undefined
        ? {}
        : { sealAfterMs: options.sealAfterMs, sealIdleMs: options.sealAfterMs }),
    });
    const vault = await openVault(config, keys.leaves, store.reads, options.alarm ?? (() => undefined));
    return join(config, keys, store, vault, options);
  } catch (error) {
    await store?.close();
    keys.wipe();
    throw error;
  }
}

function join(
  config: Config,
  keys: NodeKeys,
  store: Store,
  vault: NodeVault,
  { clock = systemClock(), passwords = nodePasswords(), beside = false }: PartsOptions,
): Parts {
  const streams = nodeStreams(databaseUrl(config), beside);
  const guard = countedGuard(store.working.signInGuard, keys.signIn);
  const firstRun = firstRunToken(config, () => Date.now());
  const deps: Deps = {
    reads: store.reads,
    ledger: store.ledger,
    rights: new Rights(store.reads, store.ledger),
    clock,
    chance: systemChance,
    privacy: vault.privacy,
    passwords,
    digests: { sha256: (data) => sha256Hex(data), canonical },
    live: streams,
    signInGuard: guard,
    firstRun,
    intakeVault: vault.intakes,
    settings: { ...figures, itemSizeMax: config.intake.itemBytesMax },
  };
  return {
    config,
    keys,
    store,
    vault,
    streams,
    clock,
    guard,
    deps,
    async perform(act, caller, input) {
      const done = await perform(deps, act, caller, input);
      if (act.name === setUp.name && !isRefusal(done)) firstRun.spend();
      return done;
    },
    async close({ seal }) {
      try {
        if (seal && store.ledger.state.log === 'writing') await store.ledger.seal();
      } finally {
        await store.close();
        vault.wipe();
        keys.wipe();
      }
    },
  };
}
