/**
 * A new first password for somebody who lost theirs, by the security officer and never for oneself. All sessions of
 * the person end, and the password must be changed before anything else.
 */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import type { Account, Person, Session } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { allowedNow } from '../allowed-now.ts';
import { endAllSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { update } from '../ports/tables.ts';
import { firstPassword } from './first-password.ts';
import { centresOf, openPostings, reachPerson } from './reached-person.ts';

const input = z.strictObject({ account: idInput<'account'>() });
interface Prepared {
  readonly password: string;
  readonly hash: string;
}
interface State extends Loaded {
  readonly account: Account;
  readonly person: Person;
  readonly sessions: readonly Session[];
  readonly credential: Prepared;
}

export const resetPassword: Act<z.infer<typeof input>, State, { firstPassword: string }, Prepared | null> = {
  name: 'reset-password',
  input,
  async prepare({ account: id }, deps, caller) {
    const account = await deps.reads.one('account', { id });
    const person = account && (await deps.reads.one('person', { id: account.personId }));
    if (!person) return null;
    const centres = centresOf(person, await openPostings(deps.reads, person.id));
    if (!(await allowedNow(deps, 'reset-password', caller, centres))) return null;
    const password = firstPassword(deps.chance);
    return { password, hash: await deps.passwords.hash(password) };
  },
  async load({ account: id }, context) {
    const { deps, prepared } = context;
    const account = await deps.reads.one('account', { id });
    if (!account) return refuse('not-found', { rule: 'R1' });
    const reached = await reachPerson('reset-password', account.personId, context);
    if (isRefusal(reached)) return reached;
    if (!prepared) return refuse('not-found', { rule: 'R1' });
    return {
      centre: reached.centre,
      object: subjectOf('person', account.personId),
      account,
      person: reached.person,
      sessions: await openSessions(deps.reads, account.personId),
      credential: prepared,
    };
  },
  decide({ account, person, sessions, credential, object = '' }, _input, { actor, now }) {
    if (actor.person === person.id) return refuse('same-person', { rule: 'R22' });
    if (account.state !== 'active' || person.state === 'left') return refuse('state-forbids');
    const ended = endAllSessions(person, sessions, now, 'password-reset');
    return {
      entries: [entry('password.reset', [object], { account: account.id })],
      writes: [
        update('account', account.id, { passwordHash: credential.hash, mustChange: true }),
        ...ended.writes,
      ],
      endings: ended.endings,
      result: { firstPassword: credential.password },
    };
  },
};
