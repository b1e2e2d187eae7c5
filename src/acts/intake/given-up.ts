/** Giving an upload up, by its custodian or by time: its bytes and its key go, and nothing of it becomes an item. */
import type { Intake, IntakeState } from '../../domain/item.ts';
import type { Decided, Moment } from '../act.ts';
import { entry } from '../entry.ts';
import { outbox } from '../outbox.ts';
import { update } from '../ports/tables.ts';
import { intakeSubjects } from './known-intake.ts';

export function giveUp(
  intake: Intake,
  state: Extract<IntakeState, 'cancelled' | 'expired' | 'refused'>,
  { chance, now }: Moment,
): Omit<Decided<never>, 'result'> {
  return {
    entries: [
      entry('intake.ended', intakeSubjects(intake), { reason: state, fromState: 'open', toState: state }),
    ],
    writes: [
      update('intake', intake.id, { state }),
      outbox(chance, now, 'intake-remove', { intake: intake.id }),
    ],
  };
}
