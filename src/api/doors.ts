/**
 * What the HTTP door is given. It parses, calls one act or one read, and presents; it holds no rule of its own
 * and never sees a driver or a key (architecture.md).
 */
import type { Act, Caller, Deps, Loaded } from '../acts/act.ts';
import type { Done } from '../acts/perform.ts';
import type { Contents, Pacing, Uploads } from '../acts/ports/content.ts';
import type { Lists } from '../acts/ports/lists.ts';
import type { Notice } from '../acts/ports/outside.ts';
import type { Packages } from '../acts/ports/packages.ts';
import type { TitleSearch } from '../acts/ports/titles.ts';
import type { GrantId, ItemId, PersonId, SessionId } from '../domain/ids.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Door as DoorSettings } from './settings.ts';

/** The lines of the application log: a fixed list of fields, never a title, a name or a query (reliability.md 6). */
export interface AppLog {
  request(line: {
    requestId: string;
    route: string;
    method: string;
    status: number;
    ms: number;
    bytes: number;
    person?: string;
    code?: string;
  }): void;
  fault(error: unknown, requestId?: string): void;
}

/** Answers kept for a repeated Idempotency-Key, for 24 h, by person (X57). They hold ids and states, no titles. */
export interface RepeatedAnswers {
  find(
    person: string,
    key: string,
    now: number,
  ): Promise<{ bodyHash: string; status: number; body: string } | undefined>;
  keep(
    person: string,
    key: string,
    answer: { bodyHash: string; status: number; body: string },
    now: number,
  ): Promise<void>;
}

/** When each session was last used; idle ones end (reliability.md 5). */
export interface SessionActivity {
  /** False once the session was idle for too long; otherwise notes the use. */
  touch(session: SessionId, now: number): Promise<boolean>;
}

/** Under what a connection runs; null where that kind of thing does not apply. */
export interface ConnectionKeys {
  readonly person: PersonId;
  readonly session: SessionId;
  readonly grant: GrantId | null;
  readonly item: ItemId | null;
  readonly viewing: string | null;
}

/** Every connection of this node over which bytes or notices run; what an ending concerns is cut at once (R37). */
export interface Connections {
  /** Monotonic ms, to be taken before the decision that allows a stream, and given to `register`. */
  now(): number;
  /** An ending that came after `since` has already cut it. */
  register(keys: ConnectionKeys, since: number, cut: () => void): { live(): boolean; release(): void };
  running(): readonly ConnectionKeys[];
  subscribe(person: PersonId, hear: (notice: Notice) => void): () => void;
}

/** This node's right to hand out bytes: it has seen the log's head within the last 800 ms (R38). */
export interface NodeLease {
  ok(): boolean;
  regained(signal: AbortSignal): Promise<boolean>;
}

export interface Doors {
  readonly deps: Deps;
  readonly perform: <I, S extends Loaded, R, P>(
    act: Act<I, S, R, P>,
    caller: Caller,
    input: unknown,
  ) => Promise<Done<R> | Refusal>;
  readonly lists: Lists;
  readonly titles: TitleSearch;
  readonly uploads: Uploads;
  readonly contents: Contents;
  readonly packages: Packages;
  readonly connections: Connections;
  readonly nodeLease: NodeLease;
  /** One pacing for all requests of one viewing; undefined where pacing is off (R39). */
  readonly pacingOf: (viewing: string, averageBytesPerSecond: number) => Pacing | undefined;
  readonly repeated: RepeatedAnswers;
  readonly activity: SessionActivity;
  readonly settings: DoorSettings;
  readonly log: AppLog;
  /** 32 bytes under which cursors are signed. */
  readonly cursorKey: Uint8Array;
}
