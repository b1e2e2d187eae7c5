/**
 * Step-up 二次认证: the password again, for exactly one act on exactly these terms, in this session only, used once
 * within minutes (approvals.md 1, R8, X41).
 */
import { z } from 'zod';
import { type SessionId, subjectOf } from '../../domain/ids.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { type ActName, may } from '../may.ts';
import { insert } from '../ports/tables.ts';
import { type PasswordProof, proofStands, provePassword } from './password-proof.ts';

const acts = Object.keys(may) as [ActName, ...ActName[]];
const input = z.strictObject({
  act: z.enum(acts),
  /** What `load` of that act states as its terms: 64 hex, as shown to the person. */
  termsHash: z.string().regex(/^[0-9a-f]{64}$/),
  password: z.string().min(1).max(1024),
});
interface State extends Loaded {
  readonly session: SessionId;
}

export interface StepUpProved {
  readonly proof: string;
  /** From this instant on the proof is refused. */
  readonly until: number;
}

export const proveStepUp: Act<z.infer<typeof input>, State, StepUpProved, PasswordProof> = {
  name: 'prove-step-up',
  input,
  prepare: ({ password }, deps, caller) => provePassword(deps, caller, password),
  async load(_input, { actor, deps: { reads }, prepared }) {
    const account = await proofStands(reads, prepared);
    if (isRefusal(account)) return account;
    if (!actor.session || actor.person !== account.personId) return refuse('not-a-person', { rule: 'R8' });
    return { centre: null, session: actor.session };
  },
  decide({ session }, { act, termsHash }, { actor, now, chance, settings }) {
    if (!actor.person) return refuse('not-a-person', { rule: 'R8' });
    const proof = chance.id();
    return {
      entries: [
        entry('step-up.proved', [subjectOf('person', actor.person)], {
          proof,
          forAct: act,
          terms: termsHash,
        }),
      ],
      writes: [
        insert('stepUp', {
          id: proof,
          sessionId: session,
          personId: actor.person,
          act,
          termsHash,
          madeAt: now,
          usedSeq: null,
        }),
      ],
      result: { proof, until: now + settings.stepUpMs },
    };
  },
};
