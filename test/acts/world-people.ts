/**
 * The people of a test's world: the county with its three officers, and whoever is posted there, each made, signed in
 * and bound by the agreement through the acts themselves.
 */
import { changePassword } from '../../src/acts/access/change-password.ts';
import { proveStepUp } from '../../src/acts/access/prove-step-up.ts';
import { type SetUpDone, setUp as setUpAct } from '../../src/acts/access/set-up.ts';
import { signAgreement } from '../../src/acts/access/sign-agreement.ts';
import { type SignedIn, signIn as signInAct } from '../../src/acts/access/sign-in.ts';
import type { Act, Actor, Caller, Deps, Loaded } from '../../src/acts/act.ts';
import type { ActName } from '../../src/acts/may.ts';
import { assignOffice } from '../../src/acts/people/assign-office.ts';
import { confirmPerson } from '../../src/acts/people/confirm-person.ts';
import { createCentre } from '../../src/acts/people/create-centre.ts';
import { createPerson } from '../../src/acts/people/create-person.ts';
import { createUnit } from '../../src/acts/people/create-unit.ts';
import { startPosting } from '../../src/acts/people/start-posting.ts';
import type { Done } from '../../src/acts/perform.ts';
import type { AccountId, CentreId, PersonId, PostingId, SessionId, UnitId } from '../../src/domain/ids.ts';
import type { ItemClass } from '../../src/domain/item.ts';
import type { Office } from '../../src/domain/people.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';

export const firstRunToken = 'first-run-token-of-the-world';
export const agreementText = '保密协议 第一版: what is seen here stays here.';

/** Somebody who is signed in. `caller` changes with every sign-in. */
export interface Member {
  readonly person: PersonId;
  readonly account: AccountId;
  /** Account name. */
  readonly name: string;
  /** Under which the offices are held; null for who was not posted. */
  readonly posting: PostingId | null;
  readonly centre: CentreId;
  password: string;
  caller: Caller;
  session: SessionId;
}

export interface MemberWish {
  readonly centre?: CentreId;
  readonly unit?: UnitId;
  readonly offices?: readonly Office[];
  /** With it, the approver among `offices` leads the unit instead of the centre. */
  readonly leads?: 'unit' | 'centre';
  readonly clearance?: ItemClass;
  readonly name?: string;
  /** False: has not signed the agreement. */
  readonly bound?: boolean;
}

export interface Officers extends SetUpDone {
  readonly administrator: Member;
  readonly security: Member;
  readonly auditorMember: Member;
}

/** One county and two townships below it, each with a unit. */
export interface Places {
  readonly county: CentreId;
  readonly townA: CentreId;
  readonly townB: CentreId;
  readonly countyUnit: UnitId;
  readonly unitA: UnitId;
  readonly unitB: UnitId;
}

/** Runs an act of the world for somebody. */
export type Run = <I, S extends Loaded, R, P>(
  act: Act<I, S, R, P>,
  who: Caller | Member,
  input: unknown,
) => Promise<Done<R> | Refusal>;
/** The same; a refusal fails the test. */
export type Must = <I, S extends Loaded, R, P>(
  act: Act<I, S, R, P>,
  who: Caller | Member,
  input: unknown,
) => Promise<R>;

/** Unwraps what must have been done; a refusal fails the test with its code and rule. */
export function done<R>(outcome: Done<R> | Refusal): R {
  if (isRefusal(outcome)) throw new Error(`Refused: ${JSON.stringify(outcome)}`);
  return outcome.result;
}

/** What people need of the world that they live in. */
interface PeopleParts extends Pick<Deps, 'reads'> {
  readonly run: Run;
  readonly must: Must;
  readonly anonymous: () => Caller;
  readonly requestId: () => string;
  readonly actorNow: (caller: Caller) => Promise<Actor | Refusal>;
}

export function peopleOf({ reads, run, must, anonymous, requestId, actorNow }: PeopleParts) {
  const signInAs = (name: string, password: string) => run(signInAct, anonymous(), { name, password });

  /** Signs a member in again and makes that session the current one. */
  async function signIn(member: Member): Promise<SignedIn> {
    const signed = done(await signInAs(member.name, member.password));
    member.session = signed.session;
    member.caller = { session: signed.session, requestId: requestId() };
    return signed;
  }

  async function bind(member: Member): Promise<void> {
    const [current] = await reads.all('agreement', {}, { orderBy: 'version', descending: true, limit: 1 });
    if (!current) throw new Error('There is no agreement.');
    const { version, textHash } = current;
    await must(signAgreement, member, { version, textHash, password: member.password });
  }

  /** Signs in again whose session has ended, and signs what has to be signed. */
  async function fresh(member: Member): Promise<void> {
    const actor = await actorNow(member.caller);
    if (isRefusal(actor)) await signIn(member);
    if (isRefusal(actor) || !actor.bound) await bind(member);
  }

  let officers: Officers | undefined;
  /** The first run, once; afterwards the three officers are signed in and bound. */
  async function setUp(): Promise<Officers> {
    if (officers) {
      for (const who of [officers.administrator, officers.security, officers.auditorMember]) await fresh(who);
      return officers;
    }
    const people = {
      systemAdministrator: {
        name: '钱管',
        home: '县信息中心',
        account: 'sa',
        password: 'plum rain on tiles 1',
      },
      securityOfficer: { name: '孙安', home: '县保密局', account: 'so', password: 'plum rain on tiles 2' },
      auditor: { name: '周审', home: '县审计局', account: 'auditor', password: 'plum rain on tiles 3' },
    };
    const made = await must(setUpAct, anonymous(), {
      token: firstRunToken,
      centre: '龙泉县社会治理中心',
      agreement: agreementText,
      ...people,
    });
    const officer = async (field: keyof typeof people): Promise<Member> => {
      const { account: name, password } = people[field];
      const member = await memberOf(made.persons[field], made.centre, name, password);
      await bind(member);
      return member;
    };
    officers = {
      ...made,
      administrator: await officer('systemAdministrator'),
      security: await officer('securityOfficer'),
      auditorMember: await officer('auditor'),
    };
    return officers;
  }

  async function memberOf(person: PersonId, centre: CentreId, name: string, password: string) {
    const account = await reads.one('account', { personId: person, nameKey: name });
    const posting = await reads.one('posting', { personId: person, endedSeq: null });
    if (!account) throw new Error(`No account ${name}.`);
    const member: Member = {
      person,
      account: account.id,
      name,
      posting: posting?.id ?? null,
      centre,
      password,
      caller: anonymous(),
      session: '' as SessionId,
    };
    await signIn(member);
    return member;
  }

  let people = 0;
  /** A new person with these offices, through all the acts that it takes. */
  async function member(wish: MemberWish = {}): Promise<Member> {
    const { administrator, security, centre: county } = await setUp();
    const { centre = county, unit, offices = [], clearance = 'sensitive', bound = true, leads } = wish;
    people += 1;
    const account = wish.name ?? `user${people}`;
    const created = await must(createPerson, administrator, {
      centre,
      name: `张${account}`,
      home: '龙泉县公安局',
      clearance,
      account,
    });
    const { person } = created;
    await must(confirmPerson, security, { person });
    if (offices.length > 0) {
      const { posting } = await must(startPosting, security, { person, centre, unit });
      for (const office of offices) {
        const seat = office === 'approver' && leads === 'unit' ? unit : undefined;
        await must(assignOffice, security, { posting, office, unit: seat });
      }
    }
    const made = await memberOf(person, centre, account, created.firstPassword);
    const password = `plum rain on tiles ${people + 100}`;
    const changed = await must(changePassword, made, { current: made.password, next: password });
    made.password = password;
    made.session = changed.session;
    made.caller = { session: changed.session, requestId: requestId() };
    if (bound) await bind(made);
    return made;
  }

  let places: Places | undefined;
  async function townships(): Promise<Places> {
    if (places) return places;
    const { security, centre: county } = await setUp();
    const { centre: townA } = await must(createCentre, security, { parent: county, name: '东溪镇' });
    const { centre: townB } = await must(createCentre, security, { parent: county, name: '西溪镇' });
    const unit = async (centre: CentreId) =>
      (await must(createUnit, security, { centre, name: '综治值班室' })).unit;
    places = {
      county,
      townA,
      townB,
      countyUnit: await unit(county),
      unitA: await unit(townA),
      unitB: await unit(townB),
    };
    return places;
  }

  /** Proves `member`'s second factor for one act and its terms. */
  const stepUp = (who: Member, act: ActName, termsHash: string) =>
    must(proveStepUp, who, { act, termsHash, password: who.password });

  return { setUp, fresh, member, townships, signIn, signInAs, bind, stepUp };
}
