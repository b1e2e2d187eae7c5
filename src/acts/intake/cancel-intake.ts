/** The custodian gives up an upload that was not accepted yet (K5). */
import { z } from 'zod';
import { refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { idInput } from '../input.ts';
import { giveUp } from './given-up.ts';
import { type KnownIntake, knownIntake } from './known-intake.ts';

const input = z.strictObject({ intake: idInput<'item'>() });

export const cancelIntake: Act<z.infer<typeof input>, KnownIntake, { state: 'cancelled' }> = {
  name: 'cancel-intake',
  input,
  load: ({ intake }, { deps }) => knownIntake(deps.reads, intake),
  decide({ intake }, _input, moment) {
    if (intake.state === 'cancelled') return { already: { state: 'cancelled' } };
    if (intake.state !== 'open') return refuse('state-forbids');
    return { ...giveUp(intake, 'cancelled', moment), result: { state: 'cancelled' } };
  },
};
