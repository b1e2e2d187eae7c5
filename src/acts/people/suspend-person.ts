/**
 * Suspends a person at once (R37, R17): sessions end, active grants are suspended, votes that still decide something
 * are struck out. Needs nobody's consent and waits for no open task.
 */
import { z } from 'zod';
import type { Grant } from '../../domain/grant.ts';
import { subjectOf } from '../../domain/ids.ts';
import type { Person, Session } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { suspendGrants } from '../ended-grants.ts';
import { endAllSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { discountVotes, type StandingVotes, standingVotes } from './discounted-votes.ts';
import { reachPerson } from './reached-person.ts';

const input = z.strictObject({ person: idInput<'person'>(), reason: wordsInput(1000) });
interface State extends Loaded {
  readonly person: Person;
  readonly sessions: readonly Session[];
  readonly grants: readonly Grant[];
  readonly votes: StandingVotes;
}

export const suspendPerson: Act<z.infer<typeof input>, State, { state: 'suspended' }> = {
  name: 'suspend-person',
  input,
  async load({ person: id }, context) {
    const reached = await reachPerson('suspend-person', id, context);
    if (isRefusal(reached)) return reached;
    const { reads } = context.deps;
    return {
      centre: reached.centre,
      object: subjectOf('person', id),
      person: reached.person,
      sessions: await openSessions(reads, id),
      grants: await reads.all('grant', { personId: id, state: 'active' }),
      votes: await standingVotes(reads, id),
    };
  },
  decide({ person, sessions, grants, votes, object = '' }, { reason }, { now }) {
    if (person.state === 'suspended') return { already: { state: 'suspended' } };
    if (person.state !== 'active') return refuse('state-forbids');
    const suspended = entry(
      'person.suspended',
      [object],
      { fromState: 'active', toState: 'suspended' },
      { reason },
    );
    const ended = endAllSessions(person, sessions, now, 'suspended', { state: 'suspended' });
    const stopped = suspendGrants(grants, 'person-suspended', 1);
    const struck = discountVotes(votes, 'person-suspended', 1 + stopped.entries.length);
    return {
      entries: [suspended, ...stopped.entries, ...struck.entries],
      writes: [...ended.writes, ...stopped.writes, ...struck.writes],
      endings: [...ended.endings, ...stopped.endings],
      result: { state: 'suspended' },
    };
  },
};
