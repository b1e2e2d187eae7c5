/**
 * Failed sign-ins leave one fact a minute with their number (custody-log L4.3): the log shows that somebody tries, and
 * nobody can fill it by trying. It names nobody, because nobody has proved who they are.
 */
import { type Acting, judgedNow } from './acting.ts';
import type { Job } from './runner.ts';

/** `taken`: how many there were since the last call. */
export const recordRefusedSignIns = ({ deps }: Acting, taken: () => number): Job => ({
  name: 'refused-sign-ins',
  everyMs: 60_000,
  async run() {
    const count = taken();
    if (count === 0) return 0;
    const { now } = await judgedNow({ deps });
    const facts = { count, code: 'sign-in-failed' };
    await deps.ledger.append([
      { at: now, kind: 'sign-in.refused', actor: 'system:door', subjects: [], facts, private: {} },
    ]);
    return count;
  },
});
