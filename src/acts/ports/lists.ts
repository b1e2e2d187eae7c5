/**
 * Pages of lists for the doors: always by a filter, in one order, from a key on, at most 200 rows. Who may see
 * what is decided before: a list is given the centres that its reader reaches, and counts nothing else (X7).
 */
import type { Application, ApplicationState } from '../../domain/application.ts';
import type { Grant, GrantState } from '../../domain/grant.ts';
import type { CentreId, ItemId, PersonId } from '../../domain/ids.ts';
import type { Item, ItemClass, ItemKind, ItemState, ScanState } from '../../domain/item.ts';

/** Largest page. A larger `limit` is answered with this many rows. */
export const pageLimit = 200;

/** One page. `next`: give it as `after` for the page that follows; null on the last one. */
export interface Page<Row, After> {
  readonly rows: readonly Row[];
  readonly next: After | null;
}

/** Where the page before ended: the sort value and the id of its last row. */
export interface After<V extends string | number> {
  readonly value: V;
  readonly id: string;
}

/** Ordered by register number, then id, descending. Every member that is given must hold. */
export interface CatalogueFilter {
  /** Only items of these centres; an empty list finds nothing. */
  readonly centres: readonly CentreId[];
  /** Among these; an empty list finds nothing. At most 1,000. */
  readonly ids?: readonly ItemId[] | undefined;
  readonly kinds?: readonly ItemKind[] | undefined;
  readonly classes?: readonly ItemClass[] | undefined;
  readonly states?: readonly ItemState[] | undefined;
  readonly scans?: readonly ScanState[] | undefined;
  readonly source?: string | undefined;
  readonly place?: string | undefined;
  /** Exactly this register number. */
  readonly number?: string | undefined;
  readonly sha256?: string | undefined;
  readonly custodianId?: PersonId | undefined;
  /** Items whose recording overlaps [from, to), ms UTC; items without a time are left out. */
  readonly recorded?: { readonly from?: number | undefined; readonly to?: number | undefined } | undefined;
}

/** Ordered by creation, newest first. */
export interface ApplicationFilter {
  /** Of this requester. */
  readonly requesterId?: PersonId | undefined;
  /** Of these centres; an empty list finds nothing. */
  readonly centres?: readonly CentreId[] | undefined;
  readonly states?: readonly ApplicationState[] | undefined;
}

/** Ordered by creation, newest first. */
export interface GrantFilter {
  readonly personId?: PersonId | undefined;
  readonly centres?: readonly CentreId[] | undefined;
  readonly states?: readonly GrantState[] | undefined;
}

/** One entry of the custody log as it is stored. */
export interface LogRow {
  readonly seq: number;
  /** The exact bytes (L2.1). */
  readonly bytes: Uint8Array;
  /** 64 hex. */
  readonly leaf: string;
  /** Private fields as sealed; what was erased is not there (L8). */
  readonly sealed: readonly { readonly name: string; readonly sealed: Uint8Array }[];
}

/** By number, newest first unless `ascending`. */
export interface LogFilter {
  /** Half-open range of numbers. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** `item:018f…`: only the chain of this subject. */
  readonly subject?: string | undefined;
  /** Only entries of these kinds. Pages are then looked for: one may hold few rows and still have a next. */
  readonly kinds?: readonly string[] | undefined;
  readonly ascending?: boolean | undefined;
}

export interface Lists {
  catalogue(
    filter: CatalogueFilter,
    limit: number,
    after?: After<string>,
  ): Promise<Page<Item, After<string>>>;
  countCatalogue(filter: CatalogueFilter): Promise<number>;
  applications(
    filter: ApplicationFilter,
    limit: number,
    after?: After<number>,
  ): Promise<Page<Application, After<number>>>;
  countApplications(filter: ApplicationFilter): Promise<number>;
  grants(filter: GrantFilter, limit: number, after?: After<number>): Promise<Page<Grant, After<number>>>;
  /** `after`: the number of the last entry of the page before. */
  log(filter: LogFilter, limit: number, after?: number): Promise<Page<LogRow, number>>;
}
