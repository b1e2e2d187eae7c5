/** The intake that an act is about, with the place where it lies. */
import { type ItemId, subjectOf } from '../../domain/ids.ts';
import type { Intake } from '../../domain/item.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Loaded } from '../act.ts';
import type { Reads } from '../ports/tables.ts';

export interface KnownIntake extends Loaded {
  readonly intake: Intake;
}

export async function knownIntake(reads: Reads, id: ItemId): Promise<KnownIntake | Refusal> {
  const intake = await reads.one('intake', { id });
  if (!intake) return refuse('not-found', { rule: 'R1' });
  return { centre: intake.centreId, object: subjectOf('intake', id), intake };
}

export const intakeSubjects = (intake: Intake): string[] => [
  subjectOf('intake', intake.id),
  subjectOf('item', intake.id),
  subjectOf('centre', intake.centreId),
];
