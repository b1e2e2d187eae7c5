/**
 * Delivery of effects (R59): at least once, with growing pauses, and given up in the open after a week. Every effect is
 * one that a repeat does not change; a failure never touches the act that asked for it.
 */
import type { Topic } from '../acts/outbox.ts';
import { type Uploads, uploadRowOf } from '../acts/ports/content.ts';
import type { Outbox } from '../acts/ports/tables.ts';
import { asId, subjectOf } from '../domain/ids.ts';
import type { Acting } from './acting.ts';
import { judgedNow } from './acting.ts';
import type { Job } from './runner.ts';

/** Rows of the outbox, held by one deliverer at a time. */
export interface OutboxRows {
  claim(now: number, leaseMs: number, limit: number): Promise<readonly Outbox[]>;
  done(id: string, now: number, lastError?: string | null): Promise<void>;
  failed(id: string, retryAt: number, lastError: string): Promise<void>;
}

/** What effects need besides acts. */
export interface Effects {
  readonly uploads: Pick<Uploads, 'settle' | 'remove'>;
  /** Destroys a leaf of the keyring for ever, in every replica (K2.1). May be repeated. */
  destroyKey(place: { readonly collection: string; readonly keyIndex: number }): Promise<void>;
  /** Told of what is not tried any more: its topic and age, no content. */
  gaveUp(topic: string, ageMs: number): void;
}

const leaseMs = 60_000;
const atOnce = 100;
const firstPauseMs = 5_000;
const longestPauseMs = 3_600_000;
/** After so long an effect is given up. */
export const oldestMs = 7 * 24 * 3_600_000;

/** Nothing failed, but it is not the time: somebody else is writing. */
class NotYet extends Error {
  override readonly name = 'NotYet';
}

interface Payload {
  readonly intake?: string;
  readonly kind?: string;
  readonly id?: string;
}

async function removeIntake({ deps }: Acting, effects: Effects, id: string): Promise<void> {
  const intake = await deps.reads.one('intake', { id: asId<'item'>(id) });
  const key = await deps.reads.one('subjectKey', { id: subjectOf('item', id) });
  if (!intake || !key || intake.state === 'open' || intake.state === 'accepted') return;
  const removed = await effects.uploads.remove(uploadRowOf(intake, key));
  if ('refused' in removed) throw new NotYet(removed.refused);
  await effects.destroyKey(key);
}

async function deliver(acting: Acting, effects: Effects, row: Outbox): Promise<void> {
  const payload = JSON.parse(row.payload) as Payload;
  const topic = row.topic as Topic;
  switch (topic) {
    case 'intake-settle':
      if (payload.intake) await effects.uploads.settle(payload.intake);
      return;
    case 'intake-remove':
      if (payload.intake) await removeIntake(acting, effects, payload.intake);
      return;
    case 'notice':
      // Open pages hear of it; the notice itself is what its recipient reads of their own matters.
      if (row.recipientId && payload.kind && payload.id) {
        acting.deps.live.tell([
          { kind: payload.kind, id: payload.id, to: [asId<'person'>(row.recipientId)] },
        ]);
      }
      return;
    default:
      throw new Error(`No effect is called ${String(topic satisfies never)}.`);
  }
}

const pauseAfter = (attempts: number): number =>
  Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(20, Math.max(0, attempts - 1)));

export const deliverOutbox = (acting: Acting, rows: OutboxRows, effects: Effects): Job => ({
  name: 'outbox',
  everyMs: 1_000,
  async run(stopping) {
    const { now } = await judgedNow(acting);
    let count = 0;
    for (const row of await rows.claim(now, leaseMs, atOnce)) {
      if (stopping.aborted) break;
      try {
        await deliver(acting, effects, row);
        await rows.done(row.id, now);
        count += 1;
      } catch (error) {
        const why = error instanceof Error ? error.name : 'unknown';
        if (now - row.createdAt < oldestMs) await rows.failed(row.id, now + pauseAfter(row.attempts), why);
        else {
          await rows.done(row.id, now, `gave up: ${why}`);
          effects.gaveUp(row.topic, now - row.createdAt);
        }
      }
    }
    return count;
  },
});
