/**
 * A new person with one account, by the system administrator. The person is pending and has no right: the security
 * officer confirms, posts and assigns, so that no one officer alone lets somebody in (R54).
 */
import { z } from 'zod';
import { type AccountId, asId, type PersonId, subjectOf } from '../../domain/ids.ts';
import { itemClasses } from '../../domain/item.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import { readAccountName, refuseTaken } from '../account-name.ts';
import type { Act, Loaded } from '../act.ts';
import { allowedNow } from '../allowed-now.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, insert } from '../ports/tables.ts';
import { firstPassword } from './first-password.ts';

const input = z.strictObject({
  /** Keeps the person's record. */
  centre: idInput<'centre'>(),
  name: wordsInput(120),
  home: wordsInput(200),
  clearance: z.enum(itemClasses),
  account: wordsInput(120),
});

export interface FirstCredential {
  readonly password: string;
  readonly hash: string;
  readonly nameKey: string;
}
interface State extends Loaded {
  readonly credential: FirstCredential;
}

/** `firstPassword` is shown once, to be handed over in person; only its hash is kept. */
export interface PersonCreated {
  readonly person: PersonId;
  readonly account: AccountId;
  readonly firstPassword: string;
}

export const createPerson: Act<z.infer<typeof input>, State, PersonCreated, FirstCredential | null> = {
  name: 'create-person',
  input,
  async prepare({ centre, account }, deps, caller) {
    if (!(await allowedNow(deps, 'create-person', caller, [centre]))) return null;
    const nameKey = readAccountName(account, '/account');
    if (isRefusal(nameKey)) return nameKey;
    const password = firstPassword(deps.chance);
    return { password, hash: await deps.passwords.hash(password), nameKey };
  },
  async load({ centre }, { deps, prepared }) {
    const known = await deps.reads.one('centre', { id: centre });
    if (!known || !prepared) return refuse('not-found', { rule: 'R1' });
    const taken = await refuseTaken(deps.reads, prepared.nameKey);
    return taken ?? { centre, object: subjectOf('centre', centre), credential: prepared };
  },
  decide({ credential }, { centre, name, home, clearance, account: accountName }, { chance }) {
    const person = asId<'person'>(chance.id());
    const account = asId<'account'>(chance.id());
    const subject = subjectOf('person', person);
    return {
      entries: [
        entry(
          'person.created',
          [subject, subjectOf('centre', centre)],
          { clearance, account, toState: 'pending' },
          { name, home, accountName },
        ),
      ],
      writes: [
        insert('person', {
          id: person,
          centreId: centre,
          name,
          home,
          clearance,
          state: 'pending',
          epoch: 0,
          createdSeq: entrySeq(),
        }),
        insert('account', {
          id: account,
          personId: person,
          name: accountName,
          nameKey: credential.nameKey,
          passwordHash: credential.hash,
          mustChange: true,
          state: 'active',
          createdSeq: entrySeq(),
        }),
      ],
      newKeys: [{ subject, collection: 'people' }],
      result: { person, account, firstPassword: credential.password },
    };
  },
};
