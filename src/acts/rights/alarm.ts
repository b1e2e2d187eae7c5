/** Every difference between a right's row and the log is told by one entry of its own (L4.7, X66). */
import { uuidv7 } from '../../domain/ids.ts';
import type { Actor, Deps } from '../act.ts';
import { entry } from '../entry.ts';
import { logDraft } from '../record.ts';
import type { Difference } from './proof.ts';

/** The system, for facts that nobody asked for. */
const keeper = (deps: Deps): Actor => ({
  person: null,
  name: 'system:rights',
  session: null,
  through: 'system',
  seats: [],
  bound: true,
  requestId: deps.chance.id(),
});

/** The row's own id may have been forged: only what is an id becomes a subject. */
const concerns = ({ about }: Difference): string[] =>
  about && uuidv7.test(about.slice(about.indexOf(':') + 1)) ? [about] : [];

/** Writes an `integrity.alarm` for each difference that has none yet; durable on return. Answers how many. */
export async function raiseAlarms(deps: Deps): Promise<number> {
  const waiting = deps.rights.takeAlarms();
  if (waiting.length === 0) return 0;
  const now = deps.clock.judge((await deps.ledger.head()).at).now;
  const drafts = await Promise.all(
    waiting.map((difference) => {
      const { table, id, column, seq } = difference;
      const facts = { what: 'right', table, row: id.slice(0, 200), column, ...(seq === null ? {} : { seq }) };
      return logDraft(
        deps,
        keeper(deps),
        entry('integrity.alarm', concerns(difference), facts),
        now,
        new Map(),
      );
    }),
  );
  await deps.ledger.append(drafts);
  return drafts.length;
}
