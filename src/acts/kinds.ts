/**
 * The registry of custody's log kinds: which public facts and which private fields an entry of each kind may
 * have, and under whose key the private ones are kept (custody-log L2.5, approvals.md 5). What is not listed
 * here is refused at commit. Facts hold ids, numbers and codes, never words that name or describe a person.
 */
import { reservedKinds } from '../log/kinds.ts';

type FactType = 'text' | 'text?' | 'integer' | 'integer?' | 'flag' | 'flag?' | 'texts' | 'texts?';
interface Kind {
  readonly facts: Readonly<Record<string, FactType>>;
  readonly private: readonly string[];
  /** Prefix of the subject whose key keeps the private fields; '' where there are none. */
  readonly keeper: string;
}

/** Every entry of an act may carry these; `perform` fills in the first two. */
export const commonFacts = {
  actorRole: 'text?',
  requestId: 'text?',
  act: 'text?',
  fromState: 'text?',
  toState: 'text?',
  reasonCode: 'text?',
  revision: 'integer?',
  termsHash: 'text?',
} as const satisfies Record<string, FactType>;

const kind = <const K extends Kind>(definition: K): K => definition;
const plain = <const F extends Record<string, FactType>>(facts: F) =>
  kind({ facts, private: [], keeper: '' });

const refusal = plain({ code: 'text', rule: 'text?' });

export const kinds = {
  // people and sign-in
  'centre.created': kind({ facts: { parent: 'text?' }, private: ['name'], keeper: 'centre' }),
  'unit.created': kind({ facts: { unit: 'text' }, private: ['name'], keeper: 'centre' }),
  'person.created': kind({
    facts: { clearance: 'text', account: 'text' },
    private: ['name', 'home', 'accountName'],
    keeper: 'person',
  }),
  'person.confirmed': plain({}),
  'person.suspended': kind({ facts: {}, private: ['reason'], keeper: 'person' }),
  'person.reinstated': kind({ facts: {}, private: ['reason'], keeper: 'person' }),
  'account.added': kind({ facts: { account: 'text' }, private: ['accountName'], keeper: 'person' }),
  'account.retired': plain({ account: 'text' }),
  'password.changed': plain({ account: 'text' }),
  'password.reset': plain({ account: 'text' }),
  'posting.started': plain({ posting: 'text', unit: 'text?', startsAt: 'integer', endsAt: 'integer?' }),
  'posting.ended': plain({ posting: 'text' }),
  'role.assigned': plain({ assignment: 'text', posting: 'text', office: 'text', unit: 'text?' }),
  'role.removed': kind({
    facts: { assignment: 'text', office: 'text', cause: 'text' },
    private: [],
    keeper: '',
  }),
  'agreement.published': plain({ version: 'integer', textHash: 'text' }),
  'agreement.signed': plain({ version: 'integer', textHash: 'text' }),
  'session.opened': kind({
    facts: { session: 'text', account: 'text' },
    private: ['address'],
    keeper: 'person',
  }),
  'session.ended': plain({ session: 'text', reason: 'text' }),
  'sessions.ended': plain({ count: 'integer', reason: 'text' }),
  'step-up.proved': plain({ proof: 'text', forAct: 'text', terms: 'text' }),
  'sign-in.refused': plain({ count: 'integer', code: 'text' }),
  'setup.done': plain({ centre: 'text' }),

  // items
  'intake.begun': plain({ size: 'integer', keyIndex: 'integer' }),
  'intake.ended': plain({ reason: 'text' }),
  'item.accessioned': kind({
    facts: {
      number: 'text',
      kind: 'text',
      class: 'text',
      size: 'integer',
      sha256: 'text',
      headerHash: 'text',
      mediaType: 'text',
      typeAsClaimed: 'flag',
      scan: 'text',
      custodian: 'text',
      state: 'text',
      duplicateOf: 'text?',
      recordedFrom: 'integer?',
      recordedTo: 'integer?',
    },
    private: ['title', 'source', 'place'],
    keeper: 'item',
  }),
  'item.described': kind({
    facts: { version: 'integer', recordedFrom: 'integer?', recordedTo: 'integer?' },
    private: ['title', 'source', 'place'],
    keeper: 'item',
  }),
  'item.scanned': plain({ scan: 'text', signature: 'text?' }),
  'item.reclassified': kind({
    facts: { before: 'text', after: 'text' },
    private: ['reason'],
    keeper: 'item',
  }),

  // applications and decisions
  'application.created': plain({ kind: 'text' }),
  'application.submitted': kind({
    facts: {
      number: 'text',
      kind: 'text',
      items: 'texts',
      purposeCode: 'text',
      legalBasis: 'text?',
      policies: 'texts',
      dueAt: 'integer',
      previousGrant: 'text?',
    },
    private: ['purpose'],
    keeper: 'application',
  }),
  'application.revised': kind({
    facts: { items: 'texts', purposeCode: 'text', policies: 'texts', dueAt: 'integer' },
    private: ['purpose'],
    keeper: 'application',
  }),
  'application.returned': plain({}),
  'application.countered': plain({ offer: 'text' }),
  'application.counter-accepted': plain({ offer: 'text' }),
  'application.counter-declined': plain({ offer: 'text' }),
  'application.approved': plain({ votes: 'integer', needed: 'integer' }),
  'application.denied': plain({}),
  'application.withdrawn': plain({}),
  'application.expired': plain({}),
  'application.invalidated': plain({ cause: 'text' }),
  'application.stalled': plain({ stage: 'integer', missing: 'integer' }),
  'application.stall-cleared': plain({ stage: 'integer' }),
  'application.escalated': plain({ stage: 'integer', level: 'integer' }),
  'application.stage-completed': plain({ stage: 'integer', dueAt: 'integer' }),
  'decision.approved': kind({
    facts: {
      decision: 'text',
      stage: 'integer',
      seat: 'text',
      policy: 'text',
      stepUp: 'text?',
      votes: 'integer',
      needed: 'integer',
    },
    private: ['reason'],
    keeper: 'application',
  }),
  'decision.denied': kind({
    facts: { decision: 'text', stage: 'integer', seat: 'text', policy: 'text', stepUp: 'text?' },
    private: ['reason'],
    keeper: 'application',
  }),
  'decision.returned': kind({
    facts: { decision: 'text', stage: 'integer', seat: 'text', policy: 'text', stepUp: 'text?' },
    private: ['reason'],
    keeper: 'application',
  }),
  'decision.countered': kind({
    facts: {
      decision: 'text',
      stage: 'integer',
      seat: 'text',
      policy: 'text',
      offer: 'text',
      stepUp: 'text?',
    },
    private: ['reason'],
    keeper: 'application',
  }),
  'decision.withdrawn': plain({ decision: 'text' }),
  'decision.discounted': plain({ decision: 'text', cause: 'text' }),
  'decision.recorded-late': kind({ facts: { outcome: 'text' }, private: ['reason'], keeper: 'application' }),

  // grants and access
  'grant.created': plain({
    grant: 'text',
    number: 'text',
    kind: 'text',
    person: 'text',
    items: 'texts',
    durationMs: 'integer',
    notBefore: 'integer?',
    activateBy: 'integer',
    absoluteEnd: 'integer',
    maxUses: 'integer?',
    stepUpAtStart: 'flag',
  }),
  'grant.started': plain({ grant: 'text', notAfter: 'integer', stepUp: 'text?' }),
  'grant.start-refused': plain({ grant: 'text', code: 'text', lasting: 'flag' }),
  'grant.confirmed': plain({ grant: 'text' }),
  'grant.suspended': kind({
    facts: { grant: 'text', cause: 'text' },
    private: ['reason'],
    keeper: 'application',
  }),
  'grant.resumed': plain({ grant: 'text' }),
  'grant.narrowed': kind({
    facts: { grant: 'text', removed: 'texts' },
    private: ['reason'],
    keeper: 'application',
  }),
  'grant.ended': kind({
    facts: { grant: 'text', reason: 'text', notAfter: 'integer?' },
    private: ['reason'],
    keeper: 'application',
  }),
  'stream.opened': plain({ grant: 'text', viewing: 'text', session: 'text', use: 'integer' }),
  'stream.closed': plain({
    grant: 'text',
    viewing: 'text',
    reason: 'text',
    secondsWatched: 'integer',
    bytes: 'integer',
  }),
  'lease.issued': plain({ grant: 'text', viewing: 'text', until: 'integer', secondsWatched: 'integer' }),
  'content.released': plain({
    grant: 'text',
    viewing: 'text',
    session: 'text',
    from: 'integer',
    to: 'integer',
  }),

  // the service itself
  'application.refused': refusal,
  'grant.refused': refusal,
  'item.refused': refusal,
  'intake.refused': refusal,
  'centre.refused': refusal,
  'person.refused': refusal,
  'clock.fault-raised': plain({ fault: 'text', measured: 'integer', mark: 'integer' }),
  'clock.confirmed': plain({ fault: 'text', office: 'text', measured: 'integer' }),
  'clock.fault-cleared': plain({ fault: 'text', cause: 'text', measured: 'integer', mark: 'integer' }),
  'integrity.alarm': plain({
    what: 'text',
    table: 'text?',
    row: 'text?',
    column: 'text?',
    seq: 'integer?',
  }),
  'backup.created': plain({ size: 'integer', digest: 'text' }),
  'policy.activated': plain({
    policy: 'text',
    kind: 'text',
    class: 'text',
    version: 'integer',
    hash: 'text',
  }),
} as const satisfies Record<string, Kind>;

/** All kinds that an act may write: custody's own, and the export that the log keeps for itself (L2.6). */
const written = { ...kinds, 'log.exported': reservedKinds['log.exported'] } as const;

export type KindName = keyof typeof written;

/** Prefix of the subject whose key keeps the private fields of `kind`. */
export const keeperPrefix = (kind: KindName): string => written[kind].keeper;
/** Kinds for attempts that a rule refused. */
export type RefusalKind = Extract<KindName, `${string}.refused`> &
  keyof { [K in KindName as (typeof written)[K] extends typeof refusal ? K : never]: true };

type Value<T extends FactType> = T extends 'text' | 'text?'
  ? string
  : T extends 'integer' | 'integer?'
    ? number
    : T extends 'flag' | 'flag?'
      ? boolean
      : readonly string[];
type Facts<F> = {
  readonly [N in keyof F as F[N] extends `${string}?` ? never : N]: F[N] extends FactType
    ? Value<F[N]>
    : never;
} & {
  readonly [N in keyof F as F[N] extends `${string}?` ? N : never]?: F[N] extends FactType
    ? Value<F[N]>
    : never;
};

/** What an entry of kind `K` says in public and in private. */
export interface EntryOf<K extends KindName> {
  readonly facts: Facts<(typeof written)[K]['facts']> & Facts<typeof commonFacts>;
  readonly private: { readonly [N in (typeof written)[K]['private'][number]]?: string };
}
