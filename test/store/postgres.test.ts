/** The store on a real PostgreSQL. */
import { storeConformance } from '../conformance/store.ts';
import { storeAttacks } from '../conformance/store-attacks.ts';
import { describeWith } from '../servers/needs.ts';
import { postgres } from './parts.ts';

describeWith('postgres', 'PostgreSQL', ({ url }) => {
  storeConformance(postgres(url));
  storeAttacks(postgres(url));
});
