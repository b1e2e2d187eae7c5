/**
 * An act: the one way to change anything in custody. A plain typed object, one file each; `perform` runs it.
 * When it wants hooks, plugins or inheritance, stop.
 */
import type { ZodType } from 'zod';
import type { CentreId, PersonId, SessionId } from '../domain/ids.ts';
import type { Assignment, Office } from '../domain/people.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { EntryOf, KindName } from './kinds.ts';
import type { ActName } from './may.ts';
import type { FirstRun } from './ports/first-run.ts';
import type { IntakeVault } from './ports/intake-vault.ts';
import type { Ledger } from './ports/ledger.ts';
import type {
  Chance,
  Clock,
  Digests,
  Ending,
  Live,
  Notice,
  Passwords,
  Privacy,
  SignInGuard,
} from './ports/outside.ts';
import type { Reads, Write } from './ports/tables.ts';
import type { Rights } from './rights/proof.ts';

/** Everything the pipeline needs; a test hands in what it wants to turn. */
export interface Deps {
  readonly reads: Reads;
  readonly ledger: Ledger;
  /** Rows that give rights, compared with their entries (L4.7). */
  readonly rights: Rights;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly privacy: Privacy;
  readonly passwords: Passwords;
  readonly digests: Digests;
  readonly live: Live;
  readonly signInGuard: SignInGuard;
  readonly firstRun: FirstRun;
  readonly intakeVault: IntakeVault;
  readonly settings: ActSettings;
}

/** Figures an operator may change within the floors and ceilings of approvals.md 6 and reliability.md 5. */
export interface ActSettings {
  readonly sessionIdleMs: number;
  readonly sessionEndMs: number;
  readonly sessionsAtOnce: number;
  readonly stepUpMs: number;
  readonly intakeTtlMs: number;
  readonly returnedTtlMs: number;
  readonly counterTtlMs: number;
  readonly chainCap: number;
  readonly leaseMs: number;
  /** Largest item, bytes. */
  readonly itemSizeMax: number;
}

/** How a caller came in, before anything is known of them but the proof they carry. */
export type Caller =
  | { readonly session: SessionId; readonly requestId: string }
  | { readonly system: string; readonly requestId: string }
  | { readonly anonymous: true; readonly requestId: string }
  /** An operator on the machine itself: may do what its person may, minus what needs a session (R8, portal 9). */
  | { readonly commandLine: PersonId; readonly requestId: string };

/** Who acts, by data current at this request. `system` acts are timers and the command line's own. */
export interface Actor {
  readonly person: PersonId | null;
  /** For the log: `person:…` or `system:timer`. */
  readonly name: string;
  readonly session: SessionId | null;
  /** How they came in. Decisions take `session` only (R8). */
  readonly through: 'session' | 'command-line' | 'service-token' | 'system' | 'anonymous';
  /** Offices held now, under postings that run now. */
  readonly seats: readonly Assignment[];
  /** Has signed the current agreement (R24). */
  readonly bound: boolean;
  /** Came in with a password that somebody else knows: nothing but changing it is allowed. */
  readonly mustChange?: boolean;
  readonly requestId: string;
}

/** One log entry as an act states it: kind, what it concerns, public facts, private words. */
export interface Entry<K extends KindName = KindName> {
  readonly kind: K;
  /** Besides the acting person, who is always added (L2.4). */
  readonly subjects: readonly string[];
  readonly facts: EntryOf<K>['facts'];
  readonly private?: EntryOf<K>['private'];
}

/** A subject that comes into being with this commit and needs a key of its own. */
export interface NewKey {
  readonly subject: string;
  /** `people`, or a centre's id. */
  readonly collection: string;
  /** A leaf that `prepare` has reserved already, because something is wrapped under it. */
  readonly keyIndex?: number;
}

export interface Decided<R> {
  readonly entries: readonly [Entry, ...Entry[]];
  readonly writes: readonly Write[];
  readonly newKeys?: readonly NewKey[];
  readonly endings?: readonly Ending[];
  readonly notices?: readonly Notice[];
  readonly result: R;
}

/** Nothing to do: the same was done before (R13, R30). No entry is written. */
export interface AlreadyDone<R> {
  readonly already: R;
}

/**
 * A "no" that leaves a trace beyond the fact of its refusal: a late vote kept as a comment (R12), a deadline that
 * this very attempt found passed. Committed like any change, then answered with the refusal.
 */
export interface RefusedWithEffect extends Omit<Decided<never>, 'result'> {
  readonly refusal: Refusal;
}

export interface Moment {
  readonly actor: Actor;
  /** Effective time, ms UTC: never below the log's mark (R45). */
  readonly now: number;
  /** The office and centre under which the act is allowed. */
  readonly office: Office | 'self' | 'system';
  readonly chance: Chance;
  readonly digests: Digests;
  readonly settings: ActSettings;
  /** Present when the caller proved a second factor for exactly this act and terms. */
  readonly stepUpId: string | null;
}

/** What `load` found. `centre` is where the thing lies: the reach of the actor's seats is judged by it. */
export interface Loaded {
  readonly centre: CentreId | null;
  /** The object, for the entry of a refusal. */
  readonly object?: string;
  /** Terms that a step-up must be bound to, if the act asks for one now (approvals.md 1). */
  readonly stepUp?: string | null;
}

export interface Act<I, S extends Loaded, R, P = undefined> {
  readonly name: ActName;
  readonly input: ZodType<I>;
  /**
   * Slow work that needs no lock (hashing a password, checking a file), done once, before the head is read. It
   * runs before anything is allowed: an act that does much here asks first, and the pipeline asks again.
   */
  prepare?(input: I, deps: Deps, caller: Caller): Promise<P | Refusal>;
  /** Reads what the decision needs, after the head was read. `not-found` for what is not there. */
  load(input: I, context: Context<P>): Promise<S | Refusal>;
  /** Pure: the same arguments give the same answer. */
  decide(state: S, input: I, moment: Moment): Decided<R> | AlreadyDone<R> | RefusedWithEffect | Refusal;
}

export interface Context<P = undefined> {
  readonly deps: Deps;
  readonly actor: Actor;
  readonly now: number;
  readonly prepared: P;
}

/** Any act, for tables of them. */
// biome-ignore lint/suspicious/noExplicitAny: a table of acts forgets their types on purpose; perform() restores them
export type AnyAct = Act<any, any, any, any>;
