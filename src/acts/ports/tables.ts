/**
 * The rows that acts read and write, and the one way to say a write. A write is a description, not a call: it
 * takes effect only together with its log entry, in one commit (architecture.md, sentence 2).
 */
import type { Application, ApplicationItem, Decision, Offer, Revision } from '../../domain/application.ts';
import type { Grant, GrantItem, Viewing } from '../../domain/grant.ts';
import type { Intake, Item } from '../../domain/item.ts';
import type {
  Account,
  Agreement,
  Assignment,
  Centre,
  Person,
  Posting,
  Session,
  Signature,
  StepUp,
  Unit,
} from '../../domain/people.ts';
import type { Policy } from '../../domain/policy.ts';

/** The next number of a series; read in `load`, raised in the same commit, so that the log lock guards it. */
export interface Counter {
  /** `<series>/<centre>/<year>` */
  id: string;
  value: number;
}

/** Which keyring leaf belongs to a subject (K2.1). The row holds no secret. */
export interface SubjectKey {
  /** The subject as in the log: `item:018f…`. */
  id: string;
  collection: string;
  keyIndex: number;
}

/** An effect to be delivered after the commit, at least once (R59). Ids only, never a title or a name (R60). */
export interface Outbox {
  id: string;
  topic: string;
  recipientId: string | null;
  payload: string;
  createdAt: number;
  dueAt: number;
  attempts: number;
  doneAt: number | null;
  lastError: string | null;
}

/** One row: what `custos init` and `setup` have settled (`id` is the name of the setting). */
export interface Setting {
  id: string;
  value: string;
}

/** Custody's tables: changed only by acts. Every row has a text primary key `id`. */
export interface Tables {
  centre: Centre;
  unit: Unit;
  person: Person;
  account: Account;
  posting: Posting;
  assignment: Assignment;
  agreement: Agreement;
  signature: Signature;
  session: Session;
  stepUp: StepUp;
  item: Item;
  intake: Intake;
  application: Application;
  revision: Revision;
  applicationItem: ApplicationItem;
  decision: Decision;
  offer: Offer;
  grant: Grant;
  grantItem: GrantItem;
  viewing: Viewing;
  policy: Policy;
  counter: Counter;
  subjectKey: SubjectKey;
  outbox: Outbox;
  setting: Setting;
}
export type TableName = keyof Tables;

/** A private value that must be sealed under a subject's key before it reaches the store. */
export interface ToSeal {
  readonly seal: string;
  readonly subject: string;
  readonly field: string;
}
export const toSeal = (subject: string, field: string, text: string): ToSeal => ({
  seal: text,
  subject,
  field,
});

/** The number of this commit's i-th entry: rights carry the number of the entry that gave them (L4.7). */
export interface EntrySeq {
  readonly entrySeq: number;
}
export const entrySeq = (index = 0): EntrySeq => ({ entrySeq: index });

type Column<V> =
  | V
  | (Uint8Array extends V ? ToSeal : never)
  | (number extends V ? EntrySeq : never)
  | (null extends V ? null : never);
/** A row as an act writes it: sealed columns may be given as `toSeal`, `…Seq` columns as `entrySeq`. */
export type NewRow<T extends TableName> = { [C in keyof Tables[T]]: Column<Tables[T][C]> };

export type Write = {
  [T in TableName]:
    | { readonly insert: T; readonly row: NewRow<T> }
    | { readonly update: T; readonly id: string; readonly set: Partial<NewRow<T>> }
    /** Inserts, or raises the row if it is there (counters and settings). */
    | { readonly upsert: T; readonly row: NewRow<T> };
}[TableName];

export const insert = <T extends TableName>(table: T, row: NewRow<T>): Write =>
  ({ insert: table, row }) as Write;
export const update = <T extends TableName>(table: T, id: string, set: Partial<NewRow<T>>): Write =>
  ({ update: table, id, set }) as Write;
export const upsert = <T extends TableName>(table: T, row: NewRow<T>): Write =>
  ({ upsert: table, row }) as Write;

/** Equality, membership or order on columns; all of them must hold. */
export type Where<Row> = {
  readonly [C in keyof Row]?:
    | Row[C]
    | { readonly in: readonly Row[C][] }
    | { readonly lt: Row[C] }
    | { readonly lte: Row[C] }
    | { readonly gt: Row[C] }
    | { readonly gte: Row[C] };
};

/** Reads from the primary, never from a replica (L4.2). */
export interface Reads {
  one<T extends TableName>(table: T, where: Where<Tables[T]>): Promise<Tables[T] | undefined>;
  all<T extends TableName>(
    table: T,
    where: Where<Tables[T]>,
    options?: {
      readonly orderBy?: keyof Tables[T] & string;
      readonly descending?: boolean;
      readonly limit?: number;
    },
  ): Promise<Tables[T][]>;
  count<T extends TableName>(table: T, where: Where<Tables[T]>): Promise<number>;
}
