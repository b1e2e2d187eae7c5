/**
 * The rows of the permission matrix: for each act that has a route, a request on a thing of the own centre, formed so
 * that it changes as little as may be. Who gets how far is not said here: the test takes that from `may`.
 */
import { randomUUID } from 'node:crypto';
import type { ActName } from '../../src/acts/may.ts';
import { canonical } from '../../src/crypto/canonical.ts';
import { sha256Hex } from '../../src/crypto/digest.ts';
import type { HttpWorld, Someone } from '../api/world-http.ts';

type TimersAct =
  | 'expire-intake'
  | 'record-scan'
  | 'expire-application'
  | 'invalidate-application'
  | 'escalate-application'
  | 'expire-grant'
  | 'raise-clock-fault'
  | 'clear-clock-fault'
  | 'suspend-by-system';

/** Acts that a person may do; those of the timers have no route. */
export type RoutedAct = {
  [Name in ActName]: Name extends TimersAct ? never : Name;
}[ActName];

export interface Ask {
  /** Members that are filled into the path. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly body?: Record<string, unknown>;
  /** In the place of JSON. */
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Row {
  readonly route: `${'POST' | 'PATCH' | 'DELETE'} /api/v1/${string}`;
  /** The request as `who` makes it; `things` lie in the own centre. */
  readonly ask: (things: Things, who: Someone | undefined) => Ask;
  /** Where the thing lies, if not in the own centre. */
  readonly at?: 'parent';
  /** Approvers of a parent centre reach it too: they lead a centre above (2.2), or stand in (R51). */
  readonly parentApprover?: true;
  /** It is its maker's alone: to all others, whatever they hold, it does not exist (X55). */
  readonly makers?: true;
  /** It ends sessions of whoever asks: each cell takes a session of its own. */
  readonly ownSession?: true;
}

/** What lies in the own centre. */
export interface Things {
  readonly world: HttpWorld;
  readonly victim: Someone;
  readonly newcomer: string;
  readonly item: string;
  readonly intake: string;
  readonly draft: string;
  readonly pending: string;
  /** With a vote of the own centre's approver. */
  readonly approved: string;
  readonly withdrawn: string;
  readonly accepted: { readonly application: string; readonly offer: string };
  readonly declined: { readonly application: string; readonly offer: string };
  readonly grants: Readonly<Record<'running' | 'revoked' | 'suspended' | 'given-up', string>>;
  readonly viewing: string;
  readonly hash: string;
  readonly agreement: { readonly version: number; readonly textHash: string };
}

const otherHash = 'ab'.repeat(32);
const reasons = { reasonCode: 'purpose-met', reason: '已核查完毕' };
const terms = (item: string) => ({
  kind: 'view',
  items: [{ item }],
  purposeCode: 'traffic-incident',
  purposeWords: '核查经过',
  durationMs: 3_600_000,
});

/** Makes what the rows ask for. */
export async function makeThings(world: HttpWorld): Promise<Things> {
  const { custodian, requester, approver } = world.people.own;
  const file = () => world.takeIn(custodian, Buffer.from(`words ${randomUUID()}`), { kind: 'document' });
  const offered = async () => {
    const { application, termsHash } = await world.apply(requester, await file());
    const durationMs = 1_800_000;
    const shown = (await approver.client.must('GET', `/api/v1/applications/${application}`)).terms;
    const hash = sha256Hex(canonical({ ...shown, durationMs }));
    await approver.client.stepUp('counter-application', hash, approver.password);
    const offer = { termsHash, offer: { durationMs }, ...reasons };
    const path = `/api/v1/applications/${application}/counter-offer`;
    return { application, offer: (await approver.client.must('POST', path, offer)).offer as string };
  };
  const item = await file();
  const running = await world.grantOn(requester, approver, item);
  const { administrator, officer, centres } = world;
  const words = {
    centre: centres.own,
    name: '张新',
    home: '县公安局',
    clearance: 'ordinary',
    account: 'newcomer',
  };
  const { person: newcomer } = await administrator.must('POST', '/api/v1/people', words);
  await officer.must('POST', `/api/v1/people/${newcomer}/confirmation`);
  return {
    world,
    victim: await world.person({ centre: centres.own, offices: ['requester'], name: 'victim' }),
    newcomer,
    item,
    intake: (
      await custodian.client.must('POST', '/api/v1/intakes', {
        centre: centres.own,
        kind: 'document',
        class: 'ordinary',
        title: '笔录',
        source: '值班室',
        place: '值班室',
        size: 10,
      })
    ).intake,
    draft: (await requester.client.must('POST', '/api/v1/applications', terms(await file()))).application,
    pending: (await world.apply(requester, await file())).application,
    approved: running.application,
    withdrawn: (await world.apply(requester, await file())).application,
    accepted: await offered(),
    declined: await offered(),
    grants: {
      running: running.grant,
      revoked: (await world.grantOn(requester, approver, await file())).grant,
      suspended: (await world.grantOn(requester, approver, await file())).grant,
      'given-up': (await world.grantOn(requester, approver, await file())).grant,
    },
    hash: running.termsHash,
    viewing: (await world.view(requester, running.grant, item)).viewing,
    agreement: await requester.client.must('GET', '/api/v1/agreement'),
  };
}

const founder = { name: '钱二', home: '县直单位', account: 'second', password: 'plum rain on old tiles' };
const self = () => ({});

export const matrix: Readonly<Record<RoutedAct, Row>> = {
  'set-up': {
    route: 'POST /api/v1/setup',
    ask: () => ({
      body: {
        token: 'x'.repeat(43),
        centre: '县',
        agreement: '协议',
        systemAdministrator: founder,
        securityOfficer: { ...founder, account: 'third' },
        auditor: { ...founder, account: 'fourth' },
      },
    }),
  },
  'sign-in': {
    route: 'POST /api/v1/sessions',
    ask: () => ({ body: { name: 'nobody at all', password: 'x' } }),
  },
  'prove-step-up': {
    route: 'POST /api/v1/step-ups',
    ask: ({ hash }, who) => ({
      body: { act: 'approve-application', termsHash: hash, password: who?.password ?? 'x' },
    }),
  },
  'change-password': {
    route: 'POST /api/v1/me/password',
    ask: (_things, who) => ({ body: { current: who?.password ?? 'x', next: who?.password ?? 'x' } }),
  },
  'sign-agreement': {
    route: 'POST /api/v1/agreement/signatures',
    ask: ({ agreement: { version } }, who) => ({
      body: { version, textHash: otherHash, password: who?.password ?? 'x' },
    }),
  },

  'create-centre': {
    route: 'POST /api/v1/centres',
    ask: ({ world }) => ({ body: { parent: world.centres.own, name: '村综治中心' } }),
  },
  'create-unit': {
    route: 'POST /api/v1/centres/{id}/units',
    ask: ({ world }) => ({ ids: { id: world.centres.own }, body: { name: '值班室' } }),
  },
  'create-person': {
    route: 'POST /api/v1/people',
    ask: ({ world }) => ({
      body: {
        centre: world.centres.own,
        name: '张某',
        home: '县公安局',
        clearance: 'ordinary',
        account: `made-${randomUUID()}`,
      },
    }),
  },
  'confirm-person': {
    route: 'POST /api/v1/people/{id}/confirmation',
    ask: ({ newcomer }) => ({ ids: { id: newcomer } }),
  },
  'suspend-person': {
    route: 'POST /api/v1/people/{id}/suspension',
    ask: ({ newcomer }) => ({ ids: { id: newcomer }, body: { reason: '核查' } }),
  },
  'reinstate-person': {
    route: 'POST /api/v1/people/{id}/reinstatement',
    ask: ({ newcomer }) => ({ ids: { id: newcomer }, body: { reason: '核查完毕' } }),
  },
  'add-account': {
    route: 'POST /api/v1/people/{id}/accounts',
    ask: ({ victim }) => ({ ids: { id: victim.person }, body: { account: `made-${randomUUID()}` } }),
  },
  'reset-password': {
    route: 'POST /api/v1/accounts/{id}/password-reset',
    ask: ({ victim }) => ({ ids: { id: victim.account } }),
  },
  'start-posting': {
    route: 'POST /api/v1/people/{id}/postings',
    ask: ({ victim, world }) => ({ ids: { id: victim.person }, body: { centre: world.centres.own } }),
  },
  'assign-office': {
    route: 'POST /api/v1/postings/{id}/offices',
    ask: ({ victim }) => ({ ids: { id: victim.posting }, body: { office: 'custodian' } }),
  },
  'remove-office': {
    route: 'POST /api/v1/offices/{id}/removal',
    ask: ({ victim }) => ({ ids: { id: victim.assignment }, body: { cause: 'ordinary' } }),
  },
  'end-posting': {
    route: 'POST /api/v1/postings/{id}/end',
    ask: ({ victim }) => ({ ids: { id: victim.posting } }),
  },
  'publish-agreement': {
    route: 'POST /api/v1/agreement',
    at: 'parent',
    // The text in force once more: published, everybody would have to sign anew.
    ask: () => ({ body: { text: '保密协议 第一版' } }),
  },
  'confirm-clock': {
    route: 'POST /api/v1/clock/confirmations',
    at: 'parent',
    ask: self,
  },
  'end-sessions': {
    route: 'POST /api/v1/people/{id}/sessions/end',
    ask: ({ victim }) => ({ ids: { id: victim.person } }),
  },

  'begin-intake': {
    route: 'POST /api/v1/intakes',
    ask: ({ world }) => ({
      body: {
        centre: world.centres.own,
        kind: 'document',
        class: 'ordinary',
        title: '笔录',
        source: '值班室',
        place: '值班室',
        size: 10,
      },
    }),
  },
  'accession-item': {
    route: 'POST /api/v1/intakes/{id}/accession',
    ask: ({ intake }) => ({ ids: { id: intake } }),
  },
  'describe-item': {
    route: 'PATCH /api/v1/items/{id}',
    ask: ({ item }) => ({ ids: { id: item }, headers: { 'if-match': '"999"' }, body: { title: '东门' } }),
  },
  'raise-class': {
    route: 'POST /api/v1/items/{id}/class',
    ask: ({ item }) => ({ ids: { id: item }, body: { class: 'ordinary', reason: '核查' } }),
  },

  'create-application': {
    route: 'POST /api/v1/applications',
    ask: ({ item }) => ({ body: terms(item) }),
  },
  'submit-application': {
    route: 'POST /api/v1/applications/{id}/submission',
    ask: ({ draft }) => ({ ids: { id: draft }, body: {} }),
  },
  'resubmit-application': {
    route: 'POST /api/v1/applications/{id}/resubmission',
    ask: ({ pending, item }) => ({ ids: { id: pending }, body: { terms: terms(item) } }),
  },
  'approve-application': {
    route: 'POST /api/v1/applications/{id}/approval',
    parentApprover: true,
    ask: ({ pending }) => ({ ids: { id: pending }, body: { termsHash: otherHash } }),
  },
  'deny-application': {
    route: 'POST /api/v1/applications/{id}/denial',
    parentApprover: true,
    ask: ({ pending }) => ({ ids: { id: pending }, body: { termsHash: otherHash, ...reasons } }),
  },
  'return-application': {
    route: 'POST /api/v1/applications/{id}/return',
    parentApprover: true,
    ask: ({ pending }) => ({ ids: { id: pending }, body: { termsHash: otherHash, ...reasons } }),
  },
  'counter-application': {
    route: 'POST /api/v1/applications/{id}/counter-offer',
    parentApprover: true,
    ask: ({ pending }) => ({
      ids: { id: pending },
      body: { termsHash: otherHash, offer: { durationMs: 60_000 }, ...reasons },
    }),
  },
  'withdraw-vote': {
    route: 'POST /api/v1/applications/{id}/vote-withdrawal',
    ask: ({ approved }) => ({ ids: { id: approved } }),
  },
  'withdraw-application': {
    route: 'POST /api/v1/applications/{id}/withdrawal',
    ask: ({ withdrawn }) => ({ ids: { id: withdrawn } }),
  },
  'accept-offer': {
    route: 'POST /api/v1/applications/{id}/offers/{offer}/acceptance',
    ask: ({ accepted: { application, offer } }) => ({ ids: { id: application, offer } }),
  },
  'decline-offer': {
    route: 'POST /api/v1/applications/{id}/offers/{offer}/declination',
    ask: ({ declined: { application, offer } }) => ({ ids: { id: application, offer } }),
  },

  'open-viewing': {
    route: 'POST /api/v1/grants/{id}/viewings',
    ask: ({ grants, item }) => ({ ids: { id: grants.running }, body: { item } }),
  },
  'renew-lease': {
    route: 'POST /api/v1/viewings/{id}/heartbeat',
    ask: ({ viewing }) => ({ ids: { id: viewing }, body: { secondsWatched: 1 } }),
  },
  'close-viewing': {
    route: 'POST /api/v1/viewings/{id}/close',
    ask: ({ viewing }) => ({ ids: { id: viewing }, body: { secondsWatched: 1 } }),
  },
  'confirm-vote': {
    route: 'POST /api/v1/grants/{id}/confirmation',
    parentApprover: true,
    ask: ({ grants }) => ({ ids: { id: grants.running }, body: { termsHash: otherHash } }),
  },
  'suspend-grant': {
    route: 'POST /api/v1/grants/{id}/suspension',
    parentApprover: true,
    ask: ({ grants }) => ({ ids: { id: grants.suspended }, body: reasons }),
  },
  'resume-grant': {
    route: 'POST /api/v1/grants/{id}/resumption',
    parentApprover: true,
    ask: ({ grants }) => ({ ids: { id: grants.suspended } }),
  },
  'revoke-grant': {
    route: 'POST /api/v1/grants/{id}/revocation',
    parentApprover: true,
    ask: ({ grants }) => ({ ids: { id: grants.revoked }, body: reasons }),
  },
  'relinquish-grant': {
    route: 'POST /api/v1/grants/{id}/relinquishment',
    ask: ({ grants }) => ({ ids: { id: grants['given-up'] } }),
  },

  'export-log': {
    route: 'POST /api/v1/log/exports',
    ask: ({ item }) => ({ body: { scope: { kind: 'subject', id: `item:${item}` } } }),
  },

  'cancel-intake': {
    route: 'DELETE /api/v1/intakes/{id}/content',
    makers: true,
    ask: ({ intake }) => ({ ids: { id: intake }, headers: { 'tus-resumable': '1.0.0' } }),
  },
  'sign-out': { route: 'DELETE /api/v1/sessions/current', ownSession: true, ask: self },
  'sign-out-everywhere': { route: 'DELETE /api/v1/sessions', ownSession: true, ask: self },
};
