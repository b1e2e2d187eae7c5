/** The store on SQLite. */
import { storeConformance } from '../conformance/store.ts';
import { storeAttacks } from '../conformance/store-attacks.ts';
import { sqlite } from './parts.ts';

storeConformance(sqlite);
storeAttacks(sqlite);
