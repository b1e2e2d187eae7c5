/**
 * Uploads that were not finished in 24 h end, and what crashes left in the blob store is removed (K5, P7). The bytes of
 * an expired upload go by the outbox, with its key.
 */
import { expireIntake } from '../acts/intake/expire-intake.ts';
import type { BlobStore } from '../acts/ports/blob.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type Acting, asSystem, judgedNow } from './acting.ts';
import type { Job } from './runner.ts';

const atOnce = 200;
const dayMs = 24 * 3_600_000;

export const expireIntakes = (acting: Acting): Job => ({
  name: 'intakes',
  everyMs: 60_000,
  async run(stopping) {
    const { now } = await judgedNow(acting);
    const overdue = await acting.deps.reads.all(
      'intake',
      { state: 'open', expiresAt: { lte: now } },
      { orderBy: 'expiresAt', limit: atOnce },
    );
    let count = 0;
    for (const { id } of overdue) {
      if (stopping.aborted) break;
      const done = await acting.perform(expireIntake, asSystem(acting), { intake: id });
      if (!isRefusal(done)) count += 1;
    }
    return count;
  },
});

/** Aborts uploads in the store that are two days old and belong to no open intake. */
export const sweepUploads = (acting: Acting, blob: Pick<BlobStore, 'unfinished' | 'abort'>): Job => ({
  name: 'sweep-uploads',
  everyMs: 3_600_000,
  async run(stopping) {
    const { now } = await judgedNow(acting);
    let count = 0;
    for await (const { name, upload, begunAt } of blob.unfinished()) {
      if (stopping.aborted || count >= atOnce) break;
      if (now - begunAt < 2 * dayMs) continue;
      const open = await acting.deps.reads.one('intake', { objectName: name, state: 'open' });
      if (open) continue;
      await blob.abort(name, upload);
      count += 1;
    }
    return count;
  },
});
