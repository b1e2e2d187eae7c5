/**
 * Running connections of this node and its right to go on with them (R37, R38, P12): the registry, and the lease that is
 * renewed every 250 ms by a look at the log.
 */
import { LogUnavailable } from '../acts/ports/ledger.ts';
import type { Clock } from '../acts/ports/outside.ts';
import { asId } from '../domain/ids.ts';
import { engineOf } from '../store/open-connection.ts';
import type { Store } from '../store/store.ts';
import { type NodeLease, nodeLease } from '../vault/node-lease.ts';
import { type StreamKeys, type StreamRegistry, streamRegistry } from '../vault/streams.ts';

/** How often the node looks at the log, ms. */
export const lookEveryMs = 250;
/** How long a stream waits without a byte while the node has lost sight of the log, ms. */
const patienceMs = 5_000;

/** `beside`: this process works beside a service on the same store. */
export function nodeStreams(url: string, beside: boolean): StreamRegistry {
  return streamRegistry({
    now: () => performance.now(),
    // One process serves from a SQLite file; behind PostgreSQL there may be others.
    otherNodes: () => beside || engineOf(url) === 'pg',
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}

export function leaseOf(store: Store, clock: Clock, streams: StreamRegistry): NodeLease {
  return nodeLease({
    now: () => performance.now(),
    streams,
    patienceMs,
    async look() {
      if (store.ledger.state.log !== 'writing') throw new LogUnavailable('The log cannot be written.');
      // From the database itself: what this process remembers would not show that it lost it.
      const { rows } = await store.lists.log({}, 1);
      return (rows[0]?.seq ?? -1) + 1;
    },
    // The command line writes beside the service too, so every change may come from elsewhere.
    foreign: () => true,
    allowed: (keys) => stillAllowed(store, clock, keys),
  });
}

/** Whether the rows of now still allow a connection: its session, person, grant and viewing all live. */
async function stillAllowed({ reads, ledger }: Store, clock: Clock, keys: StreamKeys): Promise<boolean> {
  const { now } = clock.judge((await ledger.head()).at);
  const session = await reads.one('session', { id: keys.session });
  if (!session || session.endedAt !== null || session.endsAt <= now) return false;
  const person = await reads.one('person', { id: keys.person });
  if (person?.state !== 'active' || person.epoch !== session.personEpoch) return false;
  if (keys.grant !== null) {
    const grant = await reads.one('grant', { id: keys.grant });
    if (grant?.state !== 'active' || grant.notAfter === null || grant.notAfter <= now) return false;
    const item = keys.item && (await reads.one('grantItem', { grantId: keys.grant, itemId: keys.item }));
    if (keys.item !== null && (!item || item.endedSeq !== null)) return false;
  }
  if (keys.viewing === null) return true;
  const viewing = await reads.one('viewing', { id: asId<'viewing'>(keys.viewing) });
  return viewing !== undefined && viewing.endedAt === null;
}
