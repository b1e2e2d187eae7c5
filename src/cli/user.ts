/**
 * `custos user`: what a system administrator and a security officer may also do at the machine, as themselves: every
 * change is an act with its entry. It gives nobody a right: a new person waits for the security officer (R54, portal 9).
 */
import type { Command } from 'commander';
import { createPerson } from '../acts/people/create-person.ts';
import { suspendPerson } from '../acts/people/suspend-person.ts';
import type { Parts } from '../compose/parts.ts';
import { foldName } from '../domain/names.ts';
import { isRefusal } from '../domain/refusal.ts';
import { CommandFailure, refusedFailure } from './failure.ts';
import { callerAs, settingOf } from './setting.ts';

/** The centre that is meant: by id, or the one at the top. */
export async function centreOf({ deps }: Parts, id: string | undefined): Promise<string> {
  if (id !== undefined) return id;
  const root = await deps.reads.one('centre', { parentId: null });
  if (!root) throw new CommandFailure(4, 'not-found', 'There is no centre yet.', 'Set the service up first.');
  return root.id;
}

interface NewUser {
  readonly as: string;
  readonly account: string;
  readonly name: string;
  readonly home: string;
  readonly clearance: string;
  readonly centre?: string;
}

export async function createUser(wish: NewUser, command: Command): Promise<void> {
  const { talk, withParts } = settingOf(command);
  await withParts(async (parts) => {
    const { account, name, home, clearance } = wish;
    const input = { centre: await centreOf(parts, wish.centre), name, home, clearance, account };
    const done = await parts.perform(createPerson, await callerAs(parts, wish.as), input);
    if (isRefusal(done)) throw refusedFailure(done);
    const { person, firstPassword } = done.result;
    talk.data([`person          ${person}`, `first password  ${firstPassword}`], { person, firstPassword });
    talk.say(
      'Hand the password over in person; it must be changed at the first sign-in. The security officer confirms the person.',
    );
  });
}

interface OldUser {
  readonly as: string;
  readonly account: string;
  readonly reason: string;
}

export async function disableUser(wish: OldUser, command: Command): Promise<void> {
  const { talk, withParts } = settingOf(command);
  await withParts(async (parts) => {
    const caller = await callerAs(parts, wish.as);
    const found = await parts.deps.reads.one('account', { nameKey: foldName(wish.account).key });
    if (!found) throw refusedFailure({ refused: 'not-found' });
    const done = await parts.perform(suspendPerson, caller, { person: found.personId, reason: wish.reason });
    if (isRefusal(done)) throw refusedFailure(done);
    talk.data([`person ${found.personId} ${done.result.state}`], { person: found.personId, ...done.result });
    talk.say('Sessions and running viewings of this person have ended.');
  });
}
