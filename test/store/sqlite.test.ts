/** The store on SQLite. */
import { storeConformance } from '../conformance/store.ts';
import { storeAttacks } from '../conformance/store-attacks.ts';
import { storeLists } from '../conformance/store-lists.ts';
import { storeRows } from '../conformance/store-rows.ts';
import { sqlite } from './parts.ts';

storeConformance(sqlite);
storeRows(sqlite);
storeLists(sqlite);
storeAttacks(sqlite);
