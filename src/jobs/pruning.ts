/** Working rows that are too old to count are deleted: kept answers, misses at sign-in, last uses of sessions. */
import type { Acting } from './acting.ts';
import { judgedNow } from './acting.ts';
import type { Job } from './runner.ts';

export const pruneWorking = (acting: Acting, working: { prune(now: number): Promise<void> }): Job => ({
  name: 'pruning',
  everyMs: 3_600_000,
  async run() {
    await working.prune((await judgedNow(acting)).now);
    return 1;
  },
});
