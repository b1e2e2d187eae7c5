/** Tables of centres, people, items and intake (acts/ports/tables.ts). Unique rules here are refusals, never retries (L4.2). */
import type { AccountId, CentreId, ItemId, PersonId, PostingId, SessionId, UnitId } from '../domain/ids.ts';
import type { IntakeState, ItemClass, ItemKind, ItemState, ScanState } from '../domain/item.ts';
import type { Account, Office, PersonState } from '../domain/people.ts';
import type { Kit } from './kit.ts';

/** See `defineSchema`. */
export function defineCustodyTables(kit: Kit) {
  return { ...peopleTables(kit), ...signInTables(kit), ...itemTables(kit) };
}

function peopleTables(kit: Kit) {
  const { table, index, unique, text, textOrNull, integer, integerOrNull } = kit;
  return {
    centre: table('centre', {
      id: text<CentreId>().primaryKey(),
      parentId: textOrNull<CentreId>(),
      name: text(),
      createdSeq: integer(),
    }),
    unit: table(
      'unit',
      { id: text<UnitId>().primaryKey(), centreId: text<CentreId>(), name: text(), createdSeq: integer() },
      (t) => [index('unit_by_centre').on(t.centreId)],
    ),
    person: table('person', {
      id: text<PersonId>().primaryKey(),
      centreId: text<CentreId>(),
      name: text(),
      home: text(),
      clearance: text<ItemClass>(),
      state: text<PersonState>(),
      epoch: integer(),
      createdSeq: integer(),
    }),
    posting: table(
      'posting',
      {
        id: text<PostingId>().primaryKey(),
        personId: text<PersonId>(),
        centreId: text<CentreId>(),
        unitId: textOrNull<UnitId>(),
        startsAt: integer(),
        endsAt: integerOrNull(),
        createdSeq: integer(),
        endedSeq: integerOrNull(),
      },
      (t) => [index('posting_by_person').on(t.personId), index('posting_by_centre').on(t.centreId)],
    ),
    assignment: table(
      'assignment',
      {
        id: text().primaryKey(),
        postingId: text<PostingId>(),
        personId: text<PersonId>(),
        centreId: text<CentreId>(),
        unitId: textOrNull<UnitId>(),
        office: text<Office>(),
        createdSeq: integer(),
        endedSeq: integerOrNull(),
      },
      (t) => [
        index('assignment_by_person').on(t.personId),
        index('assignment_by_centre').on(t.centreId, t.office),
        index('assignment_by_posting').on(t.postingId),
      ],
    ),
    agreement: table(
      'agreement',
      { id: text().primaryKey(), version: integer(), text: text(), textHash: text(), createdSeq: integer() },
      (t) => [unique('agreement_version').on(t.version)],
    ),
    signature: table(
      'signature',
      { id: text().primaryKey(), personId: text<PersonId>(), version: integer(), createdSeq: integer() },
      (t) => [unique('signature_once').on(t.personId, t.version)],
    ),
  };
}

function signInTables(kit: Kit) {
  const { table, index, unique, text, textOrNull, integer, integerOrNull, flag } = kit;
  return {
    account: table(
      'account',
      {
        id: text<AccountId>().primaryKey(),
        personId: text<PersonId>(),
        name: text(),
        nameKey: text(),
        passwordHash: text(),
        mustChange: flag(),
        state: text<Account['state']>(),
        createdSeq: integer(),
      },
      (t) => [unique('account_name').on(t.nameKey), index('account_by_person').on(t.personId)],
    ),
    session: table(
      'session',
      {
        id: text<SessionId>().primaryKey(),
        personId: text<PersonId>(),
        accountId: text<AccountId>(),
        personEpoch: integer(),
        createdAt: integer(),
        endsAt: integer(),
        endedAt: integerOrNull(),
        endReason: textOrNull(),
        createdSeq: integer(),
      },
      (t) => [index('session_by_person').on(t.personId, t.endedAt)],
    ),
    stepUp: table(
      'step_up',
      {
        id: text().primaryKey(),
        sessionId: text<SessionId>(),
        personId: text<PersonId>(),
        act: text(),
        termsHash: text(),
        madeAt: integer(),
        usedSeq: integerOrNull(),
      },
      (t) => [index('step_up_by_session').on(t.sessionId)],
    ),
  };
}

function itemTables(kit: Kit) {
  const { table, index, unique, text, integer, integerOrNull, bytes } = kit;
  return {
    item: table(
      'item',
      {
        id: text<ItemId>().primaryKey(),
        centreId: text<CentreId>(),
        number: text(),
        kind: text<ItemKind>(),
        class: text<ItemClass>(),
        source: text(),
        place: text(),
        recordedFrom: integerOrNull(),
        recordedTo: integerOrNull(),
        custodianId: text<PersonId>(),
        state: text<ItemState>(),
        scan: text<ScanState>(),
        mediaType: text(),
        claimedType: text(),
        size: integer(),
        sha256: text(),
        durationMs: integerOrNull(),
        probe: text(),
        sealedTitle: bytes(),
        objectName: text(),
        wrappedDek: bytes(),
        sealedManifest: bytes(),
        involved: text(),
        version: integer(),
        acceptedAt: integer(),
        createdSeq: integer(),
        changedSeq: integer(),
      },
      (t) => [
        unique('item_number').on(t.centreId, t.number),
        index('item_by_number').on(t.number, t.id),
        index('item_by_custodian').on(t.custodianId),
        index('item_by_hash').on(t.sha256),
      ],
    ),
    intake: table(
      'intake',
      {
        id: text<ItemId>().primaryKey(),
        centreId: text<CentreId>(),
        personId: text<PersonId>(),
        size: integer(),
        declaredSha256: text(),
        sealedDescription: bytes(),
        wrappedDek: bytes(),
        objectName: text(),
        state: text<IntakeState>(),
        expiresAt: integer(),
        createdAt: integer(),
        createdSeq: integer(),
      },
      (t) => [
        index('intake_by_person').on(t.personId, t.state),
        index('intake_due').on(t.state, t.expiresAt),
      ],
    ),
  };
}
