/** Tables of applications, grants, policies and of the service itself (acts/ports/tables.ts). */
import type { ApplicationKind, ApplicationState, Offer, Outcome, SeatGroup } from '../domain/application.ts';
import type { GrantEnd, GrantState } from '../domain/grant.ts';
import type {
  ApplicationId,
  CentreId,
  GrantId,
  ItemId,
  PersonId,
  PolicyId,
  PostingId,
  SessionId,
  UnitId,
  ViewingId,
} from '../domain/ids.ts';
import type { ItemClass } from '../domain/item.ts';
import { sql } from './drizzle.ts';
import type { Kit } from './kit.ts';

/** See `defineSchema`. */
export function defineAccessTables(kit: Kit) {
  return { ...applicationTables(kit), ...decisionTables(kit), ...grantTables(kit), ...serviceTables(kit) };
}

function applicationTables(kit: Kit) {
  const { table, index, unique, text, textOrNull, integer, integerOrNull, flag, bytes } = kit;
  return {
    application: table(
      'application',
      {
        id: text<ApplicationId>().primaryKey(),
        number: text(),
        kind: text<ApplicationKind>(),
        centreId: text<CentreId>(),
        requesterId: text<PersonId>(),
        postingId: text<PostingId>(),
        unitId: textOrNull<UnitId>(),
        state: text<ApplicationState>(),
        revision: integer(),
        termsHash: text(),
        class: text<ItemClass>(),
        stage: integer(),
        stageDueAt: integerOrNull(),
        ttlAt: integerOrNull(),
        escalation: integer(),
        stalled: flag(),
        previousGrantId: textOrNull<GrantId>(),
        createdAt: integer(),
        submittedAt: integerOrNull(),
        closedAt: integerOrNull(),
        createdSeq: integer(),
        changedSeq: integer(),
      },
      (t) => [
        // Drafts have no number yet.
        unique('application_number').on(t.centreId, t.number).where(sql`number <> ''`),
        index('application_by_requester').on(t.requesterId, t.createdAt, t.id),
        index('application_by_centre').on(t.centreId, t.state, t.createdAt, t.id),
        index('application_due').on(t.state, t.stageDueAt),
        index('application_ttl').on(t.state, t.ttlAt),
      ],
    ),
    revision: table(
      'revision',
      {
        id: text().primaryKey(),
        applicationId: text<ApplicationId>(),
        revision: integer(),
        termsHash: text(),
        sealedTerms: bytes(),
        policies: text(),
        createdSeq: integer(),
      },
      (t) => [unique('revision_once').on(t.applicationId, t.revision)],
    ),
    applicationItem: table(
      'application_item',
      {
        id: text().primaryKey(),
        applicationId: text<ApplicationId>(),
        revision: integer(),
        itemId: text<ItemId>(),
      },
      (t) => [
        unique('application_item_once').on(t.applicationId, t.revision, t.itemId),
        index('application_item_by_item').on(t.itemId),
      ],
    ),
  };
}

function decisionTables(kit: Kit) {
  const { table, index, unique, text, textOrNull, integer, integerOrNull, flag, bytes, bytesOrNull } = kit;
  return {
    decision: table(
      'decision',
      {
        id: text().primaryKey(),
        applicationId: text<ApplicationId>(),
        revision: integer(),
        termsHash: text(),
        personId: text<PersonId>(),
        policyId: text<PolicyId>(),
        stage: integer(),
        seat: text<SeatGroup>(),
        outcome: text<Outcome>(),
        reasonCode: text(),
        sealedReason: bytesOrNull(),
        stepUpId: textOrNull(),
        at: integer(),
        createdSeq: integer(),
        withdrawnSeq: integerOrNull(),
      },
      (t) => [
        index('decision_by_application').on(t.applicationId, t.revision),
        index('decision_by_person').on(t.personId),
      ],
    ),
    offer: table(
      'offer',
      {
        id: text().primaryKey(),
        applicationId: text<ApplicationId>(),
        revision: integer(),
        personId: text<PersonId>(),
        termsHash: text(),
        sealedTerms: bytes(),
        stepUpId: textOrNull(),
        expiresAt: integer(),
        state: text<Offer['state']>(),
        createdSeq: integer(),
      },
      (t) => [index('offer_by_application').on(t.applicationId), index('offer_due').on(t.state, t.expiresAt)],
    ),
    policy: table(
      'policy',
      {
        id: text<PolicyId>().primaryKey(),
        centreId: textOrNull<CentreId>(),
        kind: text<ApplicationKind>(),
        class: text<ItemClass>(),
        version: integer(),
        stages: text(),
        durationDefaultMs: integer(),
        durationCapMs: integer(),
        requestTtlMs: integer(),
        slaMs: integer(),
        startTtlMs: integer(),
        stepUpAtStart: flag(),
        maxUses: integerOrNull(),
        createdSeq: integer(),
        replacedSeq: integerOrNull(),
      },
      (t) => [
        // Two rules, because in a unique rule no null equals another.
        unique('policy_in_force').on(t.centreId, t.kind, t.class).where(sql`replaced_seq is null`),
        unique('policy_in_force_everywhere')
          .on(t.kind, t.class)
          .where(sql`replaced_seq is null and centre_id is null`),
      ],
    ),
  };
}

function grantTables(kit: Kit) {
  const { table, index, unique, text, textOrNull, integer, integerOrNull, flag } = kit;
  return {
    grant: table(
      'grant',
      {
        id: text<GrantId>().primaryKey(),
        number: text(),
        applicationId: text<ApplicationId>(),
        kind: text<ApplicationKind>(),
        personId: text<PersonId>(),
        centreId: text<CentreId>(),
        state: text<GrantState>(),
        endReason: textOrNull<GrantEnd>(),
        termsHash: text(),
        durationMs: integer(),
        notBefore: integerOrNull(),
        activateBy: integer(),
        absoluteEnd: integer(),
        startedAt: integerOrNull(),
        notAfter: integerOrNull(),
        maxUses: integerOrNull(),
        uses: integer(),
        stepUpAtStart: flag(),
        chainLinks: integer(),
        createdSeq: integer(),
        startedSeq: integerOrNull(),
        changedSeq: integer(),
      },
      (t) => [
        unique('grant_application').on(t.applicationId),
        unique('grant_number').on(t.centreId, t.number),
        index('grant_by_person').on(t.personId, t.createdSeq),
        index('grant_by_centre').on(t.centreId, t.state, t.createdSeq),
        index('grant_due').on(t.state, t.notAfter),
        index('grant_unused').on(t.state, t.activateBy),
      ],
    ),
    grantItem: table(
      'grant_item',
      {
        id: text().primaryKey(),
        grantId: text<GrantId>(),
        itemId: text<ItemId>(),
        endedSeq: integerOrNull(),
      },
      (t) => [unique('grant_item_once').on(t.grantId, t.itemId), index('grant_item_by_item').on(t.itemId)],
    ),
    viewing: table(
      'viewing',
      {
        id: text<ViewingId>().primaryKey(),
        grantId: text<GrantId>(),
        itemId: text<ItemId>(),
        personId: text<PersonId>(),
        sessionId: text<SessionId>(),
        openedAt: integer(),
        openedSeq: integer(),
        leaseUntil: integer(),
        endedAt: integerOrNull(),
        endReason: textOrNull(),
        secondsWatched: integer(),
      },
      (t) => [
        index('viewing_by_grant').on(t.grantId, t.endedAt),
        index('viewing_by_session').on(t.sessionId, t.endedAt),
        index('viewing_by_person').on(t.personId, t.endedAt),
        index('viewing_by_item').on(t.itemId),
      ],
    ),
  };
}

function serviceTables(kit: Kit) {
  const { table, index, unique, text, textOrNull, integer, integerOrNull } = kit;
  return {
    counter: table('counter', { id: text().primaryKey(), value: integer() }),
    subjectKey: table(
      'subject_key',
      { id: text().primaryKey(), collection: text(), keyIndex: integer() },
      (t) => [unique('subject_key_leaf').on(t.collection, t.keyIndex)],
    ),
    outbox: table(
      'outbox',
      {
        id: text().primaryKey(),
        topic: text(),
        recipientId: textOrNull(),
        payload: text(),
        createdAt: integer(),
        dueAt: integer(),
        attempts: integer(),
        doneAt: integerOrNull(),
        lastError: textOrNull(),
      },
      (t) => [index('outbox_due').on(t.doneAt, t.dueAt)],
    ),
    setting: table('setting', { id: text().primaryKey(), value: text() }),
  };
}
