/** An upload that was not finished in time ends (K5: 24 h); by the timer, never before its time. */
import { z } from 'zod';
import { refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { idInput } from '../input.ts';
import { giveUp } from './given-up.ts';
import { type KnownIntake, knownIntake } from './known-intake.ts';

const input = z.strictObject({ intake: idInput<'item'>() });

export const expireIntake: Act<z.infer<typeof input>, KnownIntake, { state: 'expired' }> = {
  name: 'expire-intake',
  input,
  load: ({ intake }, { deps }) => knownIntake(deps.reads, intake),
  decide({ intake }, _input, moment) {
    if (intake.state === 'expired') return { already: { state: 'expired' } };
    if (intake.state !== 'open' || moment.now < intake.expiresAt) return refuse('state-forbids');
    return { ...giveUp(intake, 'expired', moment), result: { state: 'expired' } };
  },
};
