/**
 * Every table, once, for both engines (architecture.md, Store; custody-log L4.5). Custody's tables are those of
 * acts/ports/tables.ts, row for row: `CheckedTables` fails to compile when one of them differs.
 */
import type { Tables } from '../acts/ports/tables.ts';
import type { Kit } from './kit.ts';
import { defineAccessTables } from './schema-access.ts';
import { defineCustodyTables } from './schema-custody.ts';
import { defineLogTables } from './schema-log.ts';

/** The whole schema in the words of `kit`. */
export function defineSchema(kit: Kit) {
  return { ...defineCustodyTables(kit), ...defineAccessTables(kit), ...defineLogTables(kit) };
}

/** All tables, with the types of their rows. */
export type Schema = ReturnType<typeof defineSchema>;

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
type Flat<T> = { [K in keyof T]: T[K] };
type Differing = {
  [T in keyof Tables]: Equal<Flat<Schema[T]['$inferSelect']>, Flat<Tables[T]>> extends true ? never : T;
}[keyof Tables];
/** Names the tables whose rows differ from the domain's; there is none. */
export type CheckedTables = Differing extends never ? true : { readonly differs: Differing };
const checked: CheckedTables = true;
void checked;
