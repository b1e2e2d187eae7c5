/**
 * The fact that must be durable before a response with clear bytes begins (custody-log L4.4): who, which item, under
 * what, and exactly which bytes. One for each response; what follows may be told by a fact of its own.
 */
import { subjectOf } from '../../domain/ids.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Actor, Deps } from '../act.ts';
import { entry } from '../entry.ts';
import type { Lease } from '../lease.ts';
import type { Receipt } from '../ports/ledger.ts';
import { logDraft } from '../record.ts';

/**
 * Records that bytes `from` to `to` (not included) of the leased item are about to leave. Durable on return; then the
 * first byte may leave, as long as the lease lives. `viewing-ended` if it ended meanwhile (X20); rejects with
 * `LogUnavailable` when nothing can be written, and then nothing leaves.
 */
export async function release(
  deps: Deps,
  lease: Lease,
  from: number,
  to: number,
  requestId: string,
): Promise<Receipt | Refusal> {
  if (!lease.live()) return refuse('viewing-ended', { rule: 'X20' });
  const { at } = await deps.ledger.head();
  const actor: Actor = {
    person: lease.person,
    name: subjectOf('person', lease.person),
    session: lease.session,
    through: 'session',
    seats: [],
    bound: true,
    requestId,
  };
  const released = entry(
    'content.released',
    [
      subjectOf('item', lease.item),
      subjectOf('grant', lease.grant),
      subjectOf('application', lease.application),
      subjectOf('centre', lease.centre),
    ],
    { grant: lease.grant, viewing: lease.viewing, session: lease.session, from, to, requestId },
  );
  const draft = await logDraft(deps, actor, released, deps.clock.judge(at).now, new Map());
  const [receipt] = await deps.ledger.append([draft]);
  if (!receipt || !lease.live()) return refuse('viewing-ended', { rule: 'X20' });
  return receipt;
}
