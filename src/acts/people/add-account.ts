/** Another way to sign in for the same person. It adds no right and no vote: persons are compared, not accounts (R5). */
import { z } from 'zod';
import { type AccountId, asId, subjectOf } from '../../domain/ids.ts';
import type { Person } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import { readAccountName, refuseTaken } from '../account-name.ts';
import type { Act, Loaded } from '../act.ts';
import { allowedNow } from '../allowed-now.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, insert } from '../ports/tables.ts';
import type { FirstCredential } from './create-person.ts';
import { firstPassword } from './first-password.ts';
import { centresOf, openPostings, reachPerson } from './reached-person.ts';

const input = z.strictObject({ person: idInput<'person'>(), account: wordsInput(120) });
interface State extends Loaded {
  readonly person: Person;
  readonly credential: FirstCredential;
}

/** `firstPassword` is shown once, to be handed over in person. */
export interface AccountAdded {
  readonly account: AccountId;
  readonly firstPassword: string;
}

export const addAccount: Act<z.infer<typeof input>, State, AccountAdded, FirstCredential | null> = {
  name: 'add-account',
  input,
  async prepare({ person: id, account }, deps, caller) {
    const person = await deps.reads.one('person', { id });
    if (!person) return null;
    const centres = centresOf(person, await openPostings(deps.reads, id));
    if (!(await allowedNow(deps, 'add-account', caller, centres))) return null;
    const nameKey = readAccountName(account, '/account');
    if (isRefusal(nameKey)) return nameKey;
    const password = firstPassword(deps.chance);
    return { password, hash: await deps.passwords.hash(password), nameKey };
  },
  async load({ person: id }, context) {
    const reached = await reachPerson('add-account', id, context);
    if (isRefusal(reached)) return reached;
    if (!context.prepared) return refuse('not-found', { rule: 'R1' });
    const taken = await refuseTaken(context.deps.reads, context.prepared.nameKey);
    if (taken) return taken;
    const { person, centre } = reached;
    return { centre, object: subjectOf('person', id), person, credential: context.prepared };
  },
  decide({ person, credential, object = '' }, { account: name }, { chance }) {
    if (person.state === 'left') return refuse('state-forbids', { rule: 'R41' });
    const account = asId<'account'>(chance.id());
    return {
      entries: [entry('account.added', [object], { account }, { accountName: name })],
      writes: [
        insert('account', {
          id: account,
          personId: person.id,
          name,
          nameKey: credential.nameKey,
          passwordHash: credential.hash,
          mustChange: true,
          state: 'active',
          createdSeq: entrySeq(),
        }),
      ],
      result: { account, firstPassword: credential.password },
    };
  },
};
