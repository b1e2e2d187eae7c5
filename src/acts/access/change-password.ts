/**
 * Changes one's own password. Every session of the person ends and a new one takes the place of this one, so that
 * nobody who knew the old password stays in (X40).
 */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import { passwordFault } from '../../domain/password-rules.ts';
import type { Account, Person, Session } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { endAllSessions, liveSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { update } from '../ports/tables.ts';
import { type NewSession, newSession } from './new-session.ts';
import { type PasswordProof, proofStands, provePassword } from './password-proof.ts';

const input = z.strictObject({
  current: z.string().min(1).max(1024),
  next: z.string().min(1).max(1024),
});
interface Prepared extends PasswordProof {
  readonly hash: string;
}
interface State extends Loaded {
  readonly account: Account;
  readonly person: Person;
  readonly sessions: readonly Session[];
  readonly hash: string;
}

export const changePassword: Act<z.infer<typeof input>, State, NewSession, Prepared> = {
  name: 'change-password',
  input,
  async prepare({ current, next }, deps, caller) {
    const proof = await provePassword(deps, caller, current);
    if (isRefusal(proof)) return proof;
    const { account, person } = proof;
    const fault =
      next === current ? 'unchanged' : passwordFault(next, [account.name, account.nameKey, person.name]);
    if (fault) {
      return refuse('password-too-weak', { fields: [{ pointer: '/next', code: fault }] });
    }
    return { ...proof, hash: await deps.passwords.hash(next) };
  },
  async load(_input, { actor, deps: { reads }, prepared }) {
    const account = await proofStands(reads, prepared);
    if (isRefusal(account)) return account;
    const person = await reads.one('person', { id: account.personId });
    if (!person || actor.person !== person.id) return refuse('sign-in-required');
    const sessions = await openSessions(reads, person.id);
    return { centre: null, account, person, sessions, hash: prepared.hash };
  },
  decide({ account, person, sessions, hash }, _input, moment) {
    const subject = subjectOf('person', person.id);
    const count = liveSessions(sessions, person, moment.now).length;
    const { writes, endings } = endAllSessions(person, sessions, moment.now, 'password-changed');
    const who = { person: person.id, account: account.id, epoch: person.epoch + 1 };
    const { made, write } = newSession(moment, who, 2);
    return {
      entries: [
        entry('password.changed', [subject], { account: account.id }),
        entry('sessions.ended', [subject], { count, reason: 'password-changed' }),
        entry('session.opened', [subject], { session: made.session, account: account.id }),
      ],
      writes: [update('account', account.id, { passwordHash: hash, mustChange: false }), ...writes, write],
      endings,
      result: made,
    };
  },
};
