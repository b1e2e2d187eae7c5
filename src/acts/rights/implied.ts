/**
 * What one log entry says of the rows that give rights (custody-log L4.7, I19): which columns of which row it sets. Pure
 * and without memory, so that the same words serve the proof of one row and the replay of the whole log. A kind that
 * is not here changes no right.
 */

/** Tables whose rows give rights. */
export const rightTables = [
  'person',
  'posting',
  'assignment',
  'signature',
  'session',
  'decision',
  'grant',
  'grantItem',
] as const;
export type RightTable = (typeof rightTables)[number];

/** An entry as it is stored, as far as rights are concerned. */
export interface Said {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly subjects: readonly { readonly id: string }[];
  readonly facts: Readonly<Record<string, unknown>>;
}
export type Columns = Readonly<Record<string, unknown>>;

export interface Change {
  readonly table: RightTable;
  /** `keyOf` the row. */
  readonly key: string;
  readonly set: Columns;
  /** The person's epoch rises: sessions end. */
  readonly raisesEpoch?: true;
}

/** How entries name a row: by its id, but a signature by who signed what. */
export const keyOf = (table: RightTable, row: Columns): string =>
  table === 'signature' ? `${String(row.personId)}/${String(row.version)}` : String(row.id);

/** The right whose own chain tells of a row; undefined where one entry says all there is to say. */
export function rootOf(table: RightTable, row: Columns): string | undefined {
  if (table === 'signature' || table === 'session') return undefined;
  return table === 'grantItem' ? String(row.grantId) : String(row.id);
}

const idsOf = ({ subjects }: Said, kind: string): string[] =>
  subjects.filter(({ id }) => id.startsWith(`${kind}:`)).map(({ id }) => id.slice(kind.length + 1));
const the = (said: Said, kind: string): string | null => idsOf(said, kind)[0] ?? null;
const actorId = ({ actor }: Said): string | null =>
  actor.startsWith('person:') ? actor.slice('person:'.length) : null;

/** Whom the entry concerns: nobody gives a right to themselves (R22), so it is the person who did not act. */
function concerned(said: Said): string | null {
  const persons = idsOf(said, 'person');
  return persons.find((id) => id !== actorId(said)) ?? persons[0] ?? null;
}

/** A fact, null where it was left out. */
const fact = ({ facts }: Said, name: string): unknown => facts[name] ?? null;

const ofPerson = (said: Said, set: Columns, raises = false): Change[] => {
  const person = concerned(said);
  const change: Change = { table: 'person', key: String(person), set };
  return person ? [raises ? { ...change, raisesEpoch: true } : change] : [];
};
const row = (table: RightTable, id: unknown, set: Columns): Change => ({ table, key: String(id), set });
const onGrant = (said: Said, set: Columns): Change => row('grant', said.facts.grant, set);
/** A suspended grant keeps the number of the entry that says why it is suspended. */
const touched = (said: Said): Columns =>
  said.facts.fromState === 'suspended' ? {} : { changedSeq: said.seq };

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

function grantCreated(said: Said): Change[] {
  const { facts, seq } = said;
  const grant = String(facts.grant);
  const created = {
    id: grant,
    number: fact(said, 'number'),
    applicationId: the(said, 'application'),
    kind: fact(said, 'kind'),
    personId: fact(said, 'person'),
    centreId: the(said, 'centre'),
    state: 'scheduled',
    endReason: null,
    termsHash: fact(said, 'termsHash'),
    durationMs: fact(said, 'durationMs'),
    notBefore: fact(said, 'notBefore'),
    activateBy: fact(said, 'activateBy'),
    absoluteEnd: fact(said, 'absoluteEnd'),
    startedAt: null,
    notAfter: null,
    maxUses: fact(said, 'maxUses'),
    uses: 0,
    stepUpAtStart: fact(said, 'stepUpAtStart'),
    createdSeq: seq,
    startedSeq: null,
    changedSeq: seq,
  };
  const items = texts(facts.items).map((itemId) =>
    row('grantItem', `${grant}/${itemId}`, {
      id: `${grant}/${itemId}`,
      grantId: grant,
      itemId,
      endedSeq: null,
    }),
  );
  return [row('grant', grant, created), ...items];
}

const voted = (said: Said): Change[] => [
  row('decision', said.facts.decision, {
    id: fact(said, 'decision'),
    applicationId: the(said, 'application'),
    revision: fact(said, 'revision'),
    termsHash: fact(said, 'termsHash'),
    personId: actorId(said),
    policyId: fact(said, 'policy'),
    stage: fact(said, 'stage'),
    seat: fact(said, 'seat'),
    outcome: said.kind.slice('decision.'.length),
    reasonCode: fact(said, 'reasonCode'),
    stepUpId: fact(said, 'stepUp'),
    createdSeq: said.seq,
    withdrawnSeq: null,
  }),
];
const unvoted = (said: Said): Change[] => [row('decision', said.facts.decision, { withdrawnSeq: said.seq })];

const rules: Readonly<Record<string, (said: Said) => Change[]>> = {
  'person.created': (said) =>
    ofPerson(said, {
      id: concerned(said),
      centreId: the(said, 'centre'),
      clearance: fact(said, 'clearance'),
      state: fact(said, 'toState'),
      epoch: 0,
      createdSeq: said.seq,
    }),
  'person.confirmed': (said) => ofPerson(said, { state: fact(said, 'toState') }),
  'person.suspended': (said) => ofPerson(said, { state: fact(said, 'toState') }, true),
  'person.reinstated': (said) => ofPerson(said, { state: fact(said, 'toState') }, true),
  'password.reset': (said) => ofPerson(said, {}, true),
  'sessions.ended': (said) => ofPerson(said, {}, true),
  'posting.started': (said) => [
    row('posting', said.facts.posting, {
      id: fact(said, 'posting'),
      personId: concerned(said),
      centreId: the(said, 'centre'),
      unitId: fact(said, 'unit'),
      startsAt: fact(said, 'startsAt'),
      endsAt: fact(said, 'endsAt'),
      createdSeq: said.seq,
      endedSeq: null,
    }),
  ],
  'posting.ended': (said) => [
    row('posting', said.facts.posting, { endedSeq: said.seq }),
    ...ofPerson(said, {}, true),
  ],
  'role.assigned': (said) => [
    row('assignment', said.facts.assignment, {
      id: fact(said, 'assignment'),
      postingId: fact(said, 'posting'),
      personId: concerned(said),
      centreId: the(said, 'centre'),
      unitId: fact(said, 'unit'),
      office: fact(said, 'office'),
      createdSeq: said.seq,
      endedSeq: null,
    }),
    // In the first run nobody had a session that could end.
    ...(actorId(said) ? ofPerson(said, {}, true) : []),
  ],
  'role.removed': (said) => [
    row('assignment', said.facts.assignment, { endedSeq: said.seq }),
    // Offices that go with a posting end no more sessions than the posting did.
    ...(said.facts.cause === 'posting-ended' ? [] : ofPerson(said, {}, true)),
  ],
  'agreement.signed': (said) => {
    const [personId, version] = [actorId(said), fact(said, 'version')];
    return [row('signature', `${personId}/${version}`, { personId, version, createdSeq: said.seq })];
  },
  'session.opened': (said) => [
    row('session', said.facts.session, {
      id: fact(said, 'session'),
      personId: concerned(said),
      accountId: fact(said, 'account'),
      createdAt: said.at,
      createdSeq: said.seq,
    }),
  ],
  'session.ended': (said) => [row('session', said.facts.session, { endedAt: said.at })],
  'decision.approved': voted,
  'decision.denied': voted,
  'decision.returned': voted,
  'decision.countered': voted,
  'decision.withdrawn': unvoted,
  'decision.discounted': unvoted,
  'grant.created': grantCreated,
  'grant.started': (said) => [
    onGrant(said, {
      state: 'active',
      startedAt: said.at,
      notAfter: fact(said, 'notAfter'),
      startedSeq: said.seq,
    }),
  ],
  'stream.opened': (said) => [onGrant(said, { uses: fact(said, 'use'), changedSeq: said.seq })],
  'grant.suspended': (said) => [onGrant(said, { state: 'suspended', changedSeq: said.seq })],
  'grant.resumed': (said) => [onGrant(said, { state: 'active', changedSeq: said.seq })],
  'grant.confirmed': (said) => [onGrant(said, touched(said))],
  'grant.narrowed': (said) => [
    onGrant(said, touched(said)),
    ...texts(said.facts.removed).map((item) =>
      row('grantItem', `${String(said.facts.grant)}/${item}`, { endedSeq: said.seq }),
    ),
  ],
  'grant.ended': (said) => [
    onGrant(said, { state: 'ended', endReason: fact(said, 'reason'), changedSeq: said.seq }),
  ],
};

/** The rows that `said` changes, and how; empty for an entry that changes no right. */
export const impliedBy = (said: Said): Change[] =>
  Object.hasOwn(rules, said.kind) ? (rules[said.kind]?.(said) ?? []) : [];

/** The rights whose own chains `said` belongs to: every entry that changes a right is in the chain of that right. */
export function rightsIn(said: Said): string[] {
  const roots = impliedBy(said).map(({ table, key }) =>
    rootOf(table, { id: key, grantId: key.split('/')[0] }),
  );
  return [...new Set(roots.filter((root) => root !== undefined))];
}

/** A row as the entries so far imply it. */
export interface Implied {
  readonly columns: Columns;
  /** The newest entry that spoke of it. */
  readonly seq: number;
}

/** The row after one more change. */
export function impliedAfter(before: Implied | undefined, change: Change, seq: number): Implied {
  const columns = { ...before?.columns, ...change.set };
  const epoch = change.raisesEpoch ? { epoch: Number(columns.epoch) + 1 } : {};
  return { columns: { ...columns, ...epoch }, seq };
}

/** The columns in which `stored` says something else than the log; all of it where the log knows of no such row. */
export function differing(table: RightTable, stored: Columns, implied: Implied | undefined): string[] {
  if (!implied) return ['id'];
  return Object.entries(implied.columns).flatMap(([column, value]) => {
    // A session may end earlier than by an entry of its own, with all sessions of its person.
    if (table === 'session' && column === 'endedAt') return stored.endedAt === null ? [column] : [];
    return stored[column] === value ? [] : [column];
  });
}
