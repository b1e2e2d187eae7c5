/** Ends the caller's own session; what runs under it is cut before the answer (R37). */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { endedRow } from '../ended-sessions.ts';
import { entry } from '../entry.ts';

const input = z.strictObject({});

export const signOut: Act<z.infer<typeof input>, Loaded, { ended: true }> = {
  name: 'sign-out',
  input,
  load: async () => ({ centre: null }),
  decide(_state, _input, { actor, now }) {
    if (!actor.session || !actor.person) return refuse('not-a-person', { rule: 'R8' });
    const subject = subjectOf('person', actor.person);
    return {
      entries: [entry('session.ended', [subject], { session: actor.session, reason: 'signed-out' })],
      writes: [endedRow(actor.session, now, 'signed-out')],
      endings: [{ ends: 'session', id: actor.session }],
      result: { ended: true },
    };
  },
};
