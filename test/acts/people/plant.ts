/** An application with a grant and a vote, put down as rows: for acts on people that must end or strike them out. */
import { insert, type Write } from '../../../src/acts/ports/tables.ts';
import type { ApplicationState } from '../../../src/domain/application.ts';
import type { GrantState } from '../../../src/domain/grant.ts';
import { asId } from '../../../src/domain/ids.ts';
import type { Member, World } from '../world.ts';

export interface CaseWish {
  readonly state?: ApplicationState;
  readonly grant?: GrantState;
  /** Who approved it. */
  readonly vote?: Member;
}

/** The grant and the vote have ids even where the wish asks for none; then no row has them. */
export async function plantCase(world: World, requester: Member, wish: CaseWish) {
  const application = asId<'application'>(world.chance.id());
  const grant = asId<'grant'>(world.chance.id());
  const vote = world.chance.id();
  const now = world.clock.wall;
  const expected = await world.deps.ledger.head();
  const seq = expected.next;
  const row = {
    number: `2026-${String(seq).padStart(6, '0')}`,
    kind: 'view' as const,
    centreId: requester.centre,
    termsHash: 'ab'.repeat(32),
    createdSeq: seq,
    changedSeq: seq,
  };
  const writes: Write[] = [
    insert('application', {
      ...row,
      id: application,
      requesterId: requester.person,
      postingId: requester.posting ?? asId<'posting'>(''),
      unitId: null,
      state: wish.state ?? 'approved',
      revision: 1,
      class: 'ordinary',
      stage: 0,
      stageDueAt: null,
      ttlAt: null,
      escalation: 0,
      stalled: false,
      previousGrantId: null,
      createdAt: now,
      submittedAt: now,
      closedAt: null,
    }),
  ];
  if (wish.grant) {
    writes.push(
      insert('grant', {
        ...row,
        id: grant,
        applicationId: application,
        personId: requester.person,
        state: wish.grant,
        endReason: null,
        durationMs: 3_600_000,
        notBefore: null,
        activateBy: now + 3_600_000,
        absoluteEnd: now + 7_200_000,
        startedAt: wish.grant === 'active' ? now : null,
        notAfter: wish.grant === 'active' ? now + 3_600_000 : null,
        maxUses: null,
        uses: 0,
        stepUpAtStart: false,
        chainLinks: 0,
        startedSeq: wish.grant === 'active' ? seq : null,
      }),
    );
  }
  if (wish.vote) {
    writes.push(
      insert('decision', {
        id: vote,
        applicationId: application,
        revision: 1,
        termsHash: row.termsHash,
        personId: wish.vote.person,
        policyId: asId<'policy'>('default-view-ordinary'),
        stage: 0,
        seat: 'C',
        outcome: 'approved',
        reasonCode: 'in-order',
        sealedReason: null,
        stepUpId: null,
        at: now,
        createdSeq: seq,
        withdrawnSeq: null,
      }),
    );
  }
  const entry = {
    at: now,
    kind: 'application.created',
    actor: 'system:fixture',
    subjects: [`application:${application}`],
    facts: { kind: 'view' },
    private: {},
  };
  const outcome = await world.deps.ledger.commit({ expected, entries: [entry], writes });
  if (!Array.isArray(outcome)) throw new Error(`The fixture was not written: ${JSON.stringify(outcome)}`);
  return { application, grant, vote };
}
