/**
 * Signing in by name and password (reliability.md 5; X40, X44, X45). One answer and the same work for an unknown
 * name, a wrong password and a person who may not sign in; one counter for every spelling of a name.
 */
import { z } from 'zod';
import { type PersonId, subjectOf } from '../../domain/ids.ts';
import { foldName } from '../../domain/names.ts';
import type { Account, Person, Session } from '../../domain/people.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act, Deps, Loaded } from '../act.ts';
import { timeNow } from '../allowed-now.ts';
import { endedRow, liveSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { type NewSession, newSession } from './new-session.ts';

const input = z.strictObject({
  name: z.string().min(1).max(256),
  /** Exactly as sent. */
  password: z.string().min(1).max(1024),
  /** Where the request came from, as the door saw it. */
  address: z.string().max(64).optional(),
});
type Input = z.infer<typeof input>;

interface State extends Loaded {
  readonly account: Account;
  readonly person: Person;
  readonly sessions: readonly Session[];
}

export interface SignedIn extends NewSession {
  readonly person: PersonId;
  /** Nothing else is allowed until the password was changed. */
  readonly mustChange: boolean;
  /** Sessions that ended because there were too many at once. */
  readonly ended: number;
}

const failed = refuse('sign-in-failed', { rule: 'X44' });
// No account and no person has this id: looking it up costs what looking up a real one does.
const nobody = '00000000-0000-7000-8000-000000000000' as PersonId;

async function check({ name, password }: Input, deps: Deps): Promise<Account | Refusal> {
  const now = await timeNow(deps);
  const { key, fault } = foldName(name);
  const wait = await deps.signInGuard.blockedFor(key, now);
  if (wait > 0) return refuse('too-many-tries', { rule: 'X45', retryAfter: wait });
  const found = await deps.reads.one('account', { nameKey: key, state: 'active' });
  const account = fault ? undefined : found;
  const person = await deps.reads.one('person', { id: account?.personId ?? nobody });
  const right = await deps.passwords.verify(password, account?.passwordHash ?? null);
  if (!right || !account || person?.state !== 'active') {
    await deps.signInGuard.missed(key, now);
    return failed;
  }
  await deps.signInGuard.cleared(key);
  return account;
}

export const signIn: Act<Input, State, SignedIn, Account> = {
  name: 'sign-in',
  input,
  prepare: check,
  async load(_input, { deps: { reads }, prepared }) {
    // The password was checked before the lock: it counts only if account and person are still what they were.
    const account = await reads.one('account', { id: prepared.id, state: 'active' });
    const person = account && (await reads.one('person', { id: account.personId }));
    if (!account || person?.state !== 'active') return failed;
    if (account.passwordHash !== prepared.passwordHash) return failed;
    return { centre: null, account, person, sessions: await openSessions(reads, person.id) };
  },
  decide({ account, person, sessions }, { address }, moment) {
    const live = liveSessions(sessions, person, moment.now);
    const surplus = live.slice(0, Math.max(0, live.length - moment.settings.sessionsAtOnce + 1));
    const who = { person: person.id, account: account.id, epoch: person.epoch };
    const { made, write } = newSession(moment, who, 0);
    const subject = subjectOf('person', person.id);
    return {
      entries: [
        entry(
          'session.opened',
          [subject],
          { session: made.session, account: account.id },
          address === undefined ? undefined : { address },
        ),
        ...surplus.map(({ id }) => entry('session.ended', [subject], { session: id, reason: 'too-many' })),
      ],
      writes: [write, ...surplus.map(({ id }) => endedRow(id, moment.now, 'too-many'))],
      endings: surplus.map(({ id }) => ({ ends: 'session', id })),
      result: { ...made, person: person.id, mustChange: account.mustChange, ended: surplus.length },
    };
  },
};
