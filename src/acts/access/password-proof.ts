/**
 * Proving one's password again inside a session, for step-up, signature and change (R8; reliability.md 5). Misses
 * count by account, apart from those before sign-in, so that a stranger at the sign-in page cannot keep the owner
 * from deciding. Never says more than right or wrong.
 */
import type { Account, Person } from '../../domain/people.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Caller, Deps } from '../act.ts';
import { timeNow } from '../allowed-now.ts';
import type { Reads } from '../ports/tables.ts';

export interface PasswordProof {
  readonly account: Account;
  readonly person: Person;
}

const wrong = refuse('sign-in-failed', { rule: 'R8' });

/** The account behind the caller's session, if `password` is its password now. */
export async function provePassword(
  deps: Deps,
  caller: Caller,
  password: string,
): Promise<PasswordProof | Refusal> {
  if ('anonymous' in caller) return refuse('sign-in-required');
  if (!('session' in caller)) return refuse('not-a-person', { rule: 'R8' });
  const now = await timeNow(deps);
  const session = await deps.reads.one('session', { id: caller.session, endedAt: null });
  const account = session && (await deps.reads.one('account', { id: session.accountId, state: 'active' }));
  const person = account && (await deps.reads.one('person', { id: account.personId }));
  if (!session || !account || person?.state !== 'active') return refuse('sign-in-required');
  if (session.personEpoch !== person.epoch || session.endsAt <= now) return refuse('sign-in-required');
  const counter = `step-up ${account.id}`;
  const wait = await deps.signInGuard.blockedFor(counter, now);
  if (wait > 0) return refuse('too-many-tries', { rule: 'X46', retryAfter: wait });
  if (!(await deps.passwords.verify(password, account.passwordHash))) {
    await deps.signInGuard.missed(counter, now);
    return wrong;
  }
  await deps.signInGuard.cleared(counter);
  return { account, person };
}

/** Under the lock: the proof holds only while the account has the password that was proved. */
export async function proofStands(reads: Reads, { account }: PasswordProof): Promise<Account | Refusal> {
  const now = await reads.one('account', { id: account.id, state: 'active' });
  return now?.passwordHash === account.passwordHash ? now : wrong;
}
