/**
 * The first run, once: the root centre, the first agreement and three different persons as system administrator,
 * security officer and auditor, each with an account of their own (R54, X68). There is no account before it.
 */
import { z } from 'zod';
import { asId, type CentreId, type PersonId, subjectOf } from '../../domain/ids.ts';
import { passwordFault } from '../../domain/password-rules.ts';
import type { Office } from '../../domain/people.ts';
import { type FieldProblem, isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { readAccountName } from '../account-name.ts';
import type { Act, Decided, Deps, Loaded, Moment, NewKey } from '../act.ts';
import { entry } from '../entry.ts';
import { wordsInput } from '../input.ts';
import { entrySeq, insert, type Write } from '../ports/tables.ts';

const person = z.strictObject({
  name: wordsInput(120),
  home: wordsInput(200),
  account: wordsInput(120),
  /** Typed by the person themselves. */
  password: z.string().min(1).max(1024),
});
const input = z.strictObject({
  token: z.string().min(1).max(256),
  centre: wordsInput(120),
  agreement: wordsInput(50_000),
  systemAdministrator: person,
  securityOfficer: person,
  auditor: person,
});
type Input = z.infer<typeof input>;

const seats = [
  { field: 'systemAdministrator', office: 'system-administrator' },
  { field: 'securityOfficer', office: 'security-officer' },
  { field: 'auditor', office: 'auditor' },
] as const satisfies readonly { field: keyof Input; office: Office }[];
type Field = (typeof seats)[number]['field'];

/** Name of the setting that bars a second run. */
const done = 'set-up';

interface Credential {
  readonly nameKey: string;
  readonly hash: string;
}
type Prepared = Readonly<Record<Field, Credential>>;
interface State extends Loaded {
  readonly credentials: Prepared;
}

export interface SetUpDone {
  readonly centre: CentreId;
  readonly persons: Readonly<Record<Field, PersonId>>;
  readonly agreementVersion: 1;
}

/** Three persons, three names, three passwords; anything shared means that somebody holds two offices. */
function readCredentials(given: Input): Record<Field, string> | Refusal {
  const keys: Partial<Record<Field, string>> = {};
  const fields: FieldProblem[] = [];
  for (const { field } of seats) {
    const { account, password, name } = given[field];
    const key = readAccountName(account, `/${field}/account`);
    if (isRefusal(key)) return key;
    if (Object.values(keys).includes(key)) return refuse('name-taken', { rule: 'R5' });
    keys[field] = key;
    const fault = passwordFault(password, [account, key, name, given.centre]);
    if (fault) fields.push({ pointer: `/${field}/password`, code: fault });
  }
  if (fields.length > 0) return refuse('password-too-weak', { fields });
  const shared = (of: (who: z.infer<typeof person>) => string) =>
    new Set(seats.map(({ field }) => of(given[field]))).size < seats.length;
  if (shared(({ name }) => name.normalize('NFKC').toLowerCase()) || shared(({ password }) => password)) {
    return refuse('offices-separated', { rule: 'R54' });
  }
  return keys as Record<Field, string>;
}

async function prepare(given: Input, deps: Deps): Promise<Prepared | Refusal> {
  if (!(await deps.firstRun.admits(given.token))) {
    return refuse('first-run-token-refused', { rule: 'X68' });
  }
  if (await deps.reads.one('setting', { id: done })) return refuse('already-set-up', { rule: 'X68' });
  const keys = readCredentials(given);
  if (isRefusal(keys)) return keys;
  const credential = async (field: Field): Promise<Credential> => ({
    nameKey: keys[field],
    hash: await deps.passwords.hash(given[field].password),
  });
  return {
    systemAdministrator: await credential('systemAdministrator'),
    securityOfficer: await credential('securityOfficer'),
    auditor: await credential('auditor'),
  };
}

/** One officer: person, account, open-ended posting, office. Four entries from place `at` on. */
function officer(
  given: z.infer<typeof person>,
  credential: Credential,
  office: Office,
  centre: CentreId,
  at: number,
  { chance, now }: Moment,
) {
  const id = asId<'person'>(chance.id());
  const account = asId<'account'>(chance.id());
  const posting = asId<'posting'>(chance.id());
  const assignment = chance.id();
  const subject = subjectOf('person', id);
  const both = [subject, subjectOf('centre', centre)];
  const { name, home, account: accountName } = given;
  const entries = [
    entry(
      'person.created',
      both,
      { clearance: 'ordinary', account, toState: 'active' },
      { name, home, accountName },
    ),
    entry('posting.started', both, { posting, startsAt: now }),
    entry('role.assigned', both, { assignment, posting, office }),
  ];
  const frame = { personId: id, centreId: centre, unitId: null };
  const writes: Write[] = [
    insert('person', {
      id,
      centreId: centre,
      name,
      home,
      clearance: 'ordinary',
      state: 'active',
      epoch: 0,
      createdSeq: entrySeq(at),
    }),
    insert('account', {
      id: account,
      personId: id,
      name: accountName,
      nameKey: credential.nameKey,
      passwordHash: credential.hash,
      mustChange: false,
      state: 'active',
      createdSeq: entrySeq(at),
    }),
    insert('posting', {
      id: posting,
      ...frame,
      startsAt: now,
      endsAt: null,
      createdSeq: entrySeq(at + 1),
      endedSeq: null,
    }),
    insert('assignment', {
      id: assignment,
      postingId: posting,
      ...frame,
      office,
      createdSeq: entrySeq(at + 2),
      endedSeq: null,
    }),
  ];
  const key: NewKey = { subject, collection: 'people' };
  return { id, entries, writes, key };
}

function decide({ credentials }: State, given: Input, moment: Moment): Decided<SetUpDone> {
  const { chance, digests } = moment;
  const centre = asId<'centre'>(chance.id());
  const agreement = asId<'agreement'>(chance.id());
  const textHash = digests.sha256(given.agreement);
  const subject = subjectOf('centre', centre);
  const made = (field: Field, office: Office, at: number) =>
    officer(given[field], credentials[field], office, centre, at, moment);
  const administrator = made('systemAdministrator', 'system-administrator', 3);
  const security = made('securityOfficer', 'security-officer', 6);
  const auditor = made('auditor', 'auditor', 9);
  const all = [administrator, security, auditor];
  return {
    entries: [
      entry('setup.done', [subject], { centre }),
      entry('centre.created', [subject], {}, { name: given.centre }),
      entry('agreement.published', [subjectOf('agreement', agreement)], { version: 1, textHash }),
      ...all.flatMap(({ entries }) => entries),
    ],
    writes: [
      insert('setting', { id: done, value: centre }),
      insert('centre', { id: centre, parentId: null, name: given.centre, createdSeq: entrySeq(1) }),
      insert('agreement', {
        id: agreement,
        version: 1,
        text: given.agreement,
        textHash,
        createdSeq: entrySeq(2),
      }),
      ...all.flatMap(({ writes }) => writes),
    ],
    newKeys: [{ subject, collection: centre }, ...all.map(({ key }) => key)],
    result: {
      centre,
      persons: { systemAdministrator: administrator.id, securityOfficer: security.id, auditor: auditor.id },
      agreementVersion: 1,
    },
  };
}

export const setUp: Act<Input, State, SetUpDone, Prepared> = {
  name: 'set-up',
  input,
  prepare,
  async load(_input, { deps: { reads }, prepared }) {
    if (await reads.one('setting', { id: done })) return refuse('already-set-up', { rule: 'X68' });
    return { centre: null, credentials: prepared };
  },
  decide,
};
