/**
 * The permission under which clear bytes of one item leave for one viewing (approvals.md 1; R32, R37–R42, K6). Only
 * `leaseOf` makes one, from the rows that an act wrote and after testing everything anew; the vault accepts nothing
 * else. A read never lengthens it: it ends where the last opening or renewal put its end.
 */
import type {
  ApplicationId,
  CentreId,
  GrantId,
  ItemId,
  PersonId,
  SessionId,
  ViewingId,
} from '../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Caller, Deps } from './act.ts';
import { actorOf } from './actor.ts';
import { loadOwnViewing, type ViewingFile } from './grant/own-viewing.ts';
import { viewingRefusal } from './grant/renew-lease.ts';
import { permitOffice, permitReach } from './permit.ts';
import { raiseAlarms } from './rights/alarm.ts';

/** What else a lease hangs on: the connection that was not cut, the node that still sees the log (R37, R38). */
export interface Holding {
  /** False when not a byte may leave now; asked in the same step as each hand-over. */
  live(): boolean;
  /** Waits until it may hold again; false when it will not. */
  regained?(signal: AbortSignal): Promise<boolean>;
}

interface Named {
  readonly item: ItemId;
  /** Name of the item's object in the store. */
  readonly object: string;
  readonly grant: GrantId;
  readonly viewing: ViewingId;
  readonly session: SessionId;
  readonly person: PersonId;
  readonly application: ApplicationId;
  readonly centre: CentreId;
  /** The grant's end, ms UTC, half-open. */
  readonly notAfter: number;
}

/** The end of a lease on the monotonic clock: a wrong wall clock lengthens nothing. */
type Look = () => Promise<number | undefined>;

class ActLease implements Named {
  readonly item: ItemId;
  readonly object: string;
  readonly grant: GrantId;
  readonly viewing: ViewingId;
  readonly session: SessionId;
  readonly person: PersonId;
  readonly application: ApplicationId;
  readonly centre: CentreId;
  readonly notAfter: number;
  readonly #monotonic: () => number;
  readonly #look: Look;
  readonly #holding: Holding | undefined;
  #until: number;

  constructor(named: Named, until: number, monotonic: () => number, look: Look, holding?: Holding) {
    this.item = named.item;
    this.object = named.object;
    this.grant = named.grant;
    this.viewing = named.viewing;
    this.session = named.session;
    this.person = named.person;
    this.application = named.application;
    this.centre = named.centre;
    this.notAfter = named.notAfter;
    this.#until = until;
    this.#monotonic = monotonic;
    this.#look = look;
    this.#holding = holding;
  }

  /** True if `value` came from here: the brand that no cast can copy. */
  static is(value: unknown): value is ActLease {
    return typeof value === 'object' && value !== null && #until in value;
  }

  /** The same permission, which also ends when `holding` does. */
  under(holding: Holding): ActLease {
    const before = this.#holding;
    const both: Holding = before
      ? {
          live: () => before.live() && holding.live(),
          regained: async (signal) =>
            (before.live() || (await before.regained?.(signal)) === true) &&
            (holding.live() || (await holding.regained?.(signal)) === true),
        }
      : holding;
    return new ActLease(this, this.#until, this.#monotonic, this.#look, both);
  }

  /** True while a byte may leave; never waits and never throws. */
  live(): boolean {
    return this.#monotonic() < this.#until && (this.#holding?.live() ?? true);
  }

  /**
   * Once `live` was false: looks whether an act has renewed the lease meanwhile, with the full re-check of R32, and
   * waits for what it hangs on. False when nothing may leave any more.
   */
  async regained(signal: AbortSignal): Promise<boolean> {
    const held = this.#holding;
    if (held && !held.live() && (await held.regained?.(signal)) !== true) return false;
    if (this.#monotonic() >= this.#until) {
      const until = await this.#look();
      if (until === undefined) return false;
      this.#until = until;
    }
    return !signal.aborted && this.live();
  }
}

/** Made by `leaseOf` only. */
export type Lease = ActLease;
/** For whoever must not trust a type: true only for what `leaseOf` made. */
export const isLease = (value: unknown): value is Lease => ActLease.is(value);

interface Judged {
  readonly found: ViewingFile;
  /** On the monotonic clock, ms. */
  readonly until: number;
}

/** The viewing as it may go on now, with the end of its lease. */
async function judgeViewing(deps: Deps, caller: Caller, viewing: ViewingId): Promise<Judged | Refusal> {
  const asked = deps.clock.monotonic();
  const { at } = await deps.ledger.head();
  const { now, fault } = deps.clock.judge(at);
  if (fault) return refuse('clock-suspect', { rule: 'R46' });
  const actor = await actorOf(deps, caller, now);
  if (isRefusal(actor)) return actor;
  const office = permitOffice('renew-lease', actor);
  if (isRefusal(office)) return office;
  const found = await loadOwnViewing(viewing, { deps, now, actor });
  if (isRefusal(found)) return found;
  const reached = await permitReach('renew-lease', actor, found.centre, deps.reads);
  if (isRefusal(reached)) return reached;
  const refusal = viewingRefusal(found, now);
  if (refusal) return refusal;
  // Counted from before the reads: a slow database shortens the lease, never lengthens it.
  const left = found.viewing.leaseUntil - now;
  return left > 0 ? { found, until: asked + left } : refuse('viewing-ended', { rule: 'R39' });
}

/**
 * The lease of a viewing that an act opened and that has not run out: read by the session that opened it, everything
 * tested anew (R32). Refuses with what the player is to be told; rejects with `LogUnavailable`.
 */
export async function leaseOf(deps: Deps, caller: Caller, viewing: ViewingId): Promise<Lease | Refusal> {
  const judged = await judgeViewing(deps, caller, viewing);
  await raiseAlarms(deps);
  if (isRefusal(judged)) return judged;
  const { found, until } = judged;
  const { grant, file } = found;
  const item = file.items.find((one) => one.id === found.viewing.itemId);
  if (!item) return refuse('integrity', { rule: 'R32' });
  const look: Look = async () => {
    const again = await judgeViewing(deps, caller, viewing).catch(() => undefined);
    return again && !isRefusal(again) ? again.until : undefined;
  };
  const named: Named = {
    item: item.id,
    object: item.objectName,
    grant: grant.id,
    viewing,
    session: found.viewing.sessionId,
    person: grant.personId,
    application: grant.applicationId,
    centre: grant.centreId,
    notAfter: grant.notAfter ?? grant.absoluteEnd,
  };
  return new ActLease(named, until, () => deps.clock.monotonic(), look);
}
