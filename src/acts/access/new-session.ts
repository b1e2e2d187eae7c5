/** A new session: 256 random bits for the person, their SHA-256 for the store (reliability.md 5, X40). */
import { type AccountId, asId, type PersonId, type SessionId } from '../../domain/ids.ts';
import type { Moment } from '../act.ts';
import { entrySeq, insert, type Write } from '../ports/tables.ts';

export interface NewSession {
  /** 43 characters of base64url: given out once, never stored. */
  readonly token: string;
  readonly session: SessionId;
  readonly endsAt: number;
}

/** Makes the session and the write that opens it; `place` is that of its entry in the commit. */
export function newSession(
  { chance, digests, settings, now }: Pick<Moment, 'chance' | 'digests' | 'settings' | 'now'>,
  who: { readonly person: PersonId; readonly account: AccountId; readonly epoch: number },
  place: number,
): { readonly made: NewSession; readonly write: Write } {
  const token = Buffer.from(chance.bytes(32)).toString('base64url');
  const session = asId<'session'>(digests.sha256(token));
  const endsAt = now + settings.sessionEndMs;
  const write = insert('session', {
    id: session,
    personId: who.person,
    accountId: who.account,
    personEpoch: who.epoch,
    createdAt: now,
    endsAt,
    endedAt: null,
    endReason: null,
    createdSeq: entrySeq(place),
  });
  return { made: { token, session, endsAt }, write };
}
